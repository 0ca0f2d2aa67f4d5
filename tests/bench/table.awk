# Results, as tests/bench/run leaves them, as the table of README.md. What was only measured is left
# out: the table is about what is promised.
BEGIN {
    FS = "\t"
    relations[">="] = "at least "
    relations["<="] = "at most "
}

/^# / { remarks[++remark_count] = substr($0, 3) }
/^#/ || NF < 19 || $3 == "-" { next }

function round_off(number) {
    return sprintf(number >= 100 ? "%.0f" : number >= 10 ? "%.1f" : "%.2f", number)
}

function unit(name) {
    return name == "ratio" ? "" : " " name
}

# 123456 as 123 k: more digits than that do not repeat.
function rate(number) {
    if (number == "-" || number == 0)
        return ""
    return number >= 999500 ? sprintf("%.1f M", number / 1e6) : \
           number >= 999.5 ? sprintf("%.0f k", number / 1e3) : round_off(number)
}

function cpu(server, client) {
    if (server == "-" && client == "-")
        return ""
    return (server == "-" ? "" : sprintf("%.2f + ", server)) sprintf("%.2f", client)
}

!head++ {
    print "| work | against | target | median (its interval) | | figures | CPU, ours | CPU, theirs |"
    print "|---|---|---|---|---|---|---|---|"
}

{
    figures = $11 == "-" ? "" : rate($12) " to " rate($16) " " $19
    printf "| %s | %s | %s%s%s | %s (%s to %s)%s | %s | %s | %s | %s |\n", $1, $2 == "-" ? "" : $2,
        relations[$3], $4, unit($5), round_off($6), round_off($7), round_off($8), unit($5), $9,
        figures, cpu($13, $14), cpu($17, $18)
}

END {
    if (head) {
        print ""
        print "- CPU: seconds for a million operations, of the server + of the client."
        print "- Each median is of ratios within one round, A B C A B C; its interval holds it in 19 of 20 cases, whatever their distribution. A target inside the interval: noise."
        for (i = 1; i <= remark_count; i++)
            print "- " remarks[i]
    }
}
