# Results, as tests/bench/run leaves them, as a picture: a bar for each ratio that has a target, a
# line over it where the median lies in 19 of 20 cases, and a mark at the target. The colours are
# readable on white and on black, and follow what the reader's system prefers.
BEGIN {
    FS = "\t"
    WIDTH = 900
    LEFT = 420 # where ratio 0 is
    RIGHT = 800
    TOP = 56
    STEP = 26
    MOST = 4 # what is larger is cut off and still told in figures
}

/^#/ || NF < 19 || $3 == "-" || $5 != "ratio" { next }

{
    work[++count] = $1
    against[count] = $2
    relation[count] = $3
    target[count] = $4
    median[count] = $6
    low[count] = $7
    high[count] = $8
    verdict[count] = $9
    if ($8 > scale)
        scale = $8
    if ($4 > scale)
        scale = $4
}

function escape(text) {
    gsub(/&/, "\\&amp;", text)
    gsub(/</, "\\&lt;", text)
    gsub(/>/, "\\&gt;", text)
    return text
}

function x_of(ratio) {
    return LEFT + (ratio > scale ? scale : ratio) / scale * (RIGHT - LEFT)
}

function head(height) {
    printf "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\" role=\"img\">\n",
        WIDTH, height, WIDTH, height
    print "<title>Leveret's figures as ratios to those it is measured against</title>"
    print "<style>"
    print "text { font: 12px system-ui, sans-serif; fill: #24292f }"
    print ".small { font-size: 11px; fill: #57606a }"
    print ".met { fill: #2da44e } .missed { fill: #cf222e } .noise { fill: #8c959f }"
    print ".spread { stroke: #24292f; stroke-width: 1.5 } .target { stroke: #0969da; stroke-width: 2.5 }"
    print ".grid { stroke: #8c959f; stroke-width: 0.5; stroke-dasharray: 2 3 }"
    print "@media (prefers-color-scheme: dark) {"
    print "text { fill: #e6edf3 } .small { fill: #9198a1 } .spread { stroke: #e6edf3 }"
    print ".target { stroke: #58a6ff } .missed { fill: #f85149 } .met { fill: #3fb950 }"
    print "}"
    print "</style>"
}

function line(class, x1, y1, x2, y2) {
    printf "<line class=\"%s\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>\n", class, x1, y1, x2, y2
}

function legend(    y) {
    y = 16
    printf "<text x=\"8\" y=\"%d\">Medians of the ratios of each round; the line is where the median lies in 19 of 20 cases</text>\n", y
    printf "<text class=\"small\" x=\"8\" y=\"%d\">green: target met by the whole line; red: missed by it; grey: noise, the target is on the line; blue mark: the target</text>\n", y + 17
}

function bar(i,    y) {
    y = TOP + (i - 1) * STEP
    printf "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%s <tspan class=\"small\">/ %s</tspan></text>\n",
        LEFT - 8, y + 14, escape(work[i]), escape(against[i])
    printf "<rect class=\"%s\" x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"16\" rx=\"2\"/>\n",
        verdict[i], LEFT, y + 2, x_of(median[i]) - LEFT
    line("spread", x_of(low[i]), y + 10, x_of(high[i]), y + 10)
    line("spread", x_of(low[i]), y + 6, x_of(low[i]), y + 14)
    line("spread", x_of(high[i]), y + 6, x_of(high[i]), y + 14)
    line("target", x_of(target[i]), y, x_of(target[i]), y + 20)
    printf "<text x=\"%d\" y=\"%.1f\">%.2f <tspan class=\"small\">%s %s</tspan></text>\n", RIGHT + 10,
        y + 14, median[i], relation[i] == ">=" ? "&#8805;" : "&#8804;", target[i]
}

END {
    if (!count)
        exit
    scale = scale > MOST ? MOST : scale
    head(TOP + count * STEP + 8)
    legend()
    for (ratio = 0; ratio <= scale; ratio += 0.5) {
        line("grid", x_of(ratio), TOP - 4, x_of(ratio), TOP + count * STEP)
        printf "<text class=\"small\" x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%s</text>\n", x_of(ratio), TOP - 6, ratio
    }
    for (i = 1; i <= count; i++)
        bar(i)
    print "</svg>"
}
