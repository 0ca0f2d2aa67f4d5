# The Debian catalogue as rows. Reads the stanzas of `apt-cache dumpavail` and prints, for every
# field of every stanza,
#
#     pkg:<section>:<package>:<field> TAB <value>
#
# with the protocol's escapes, so that a field of several lines is still one row. A package that
# comes in several versions gives the same key several times; the last one stays in a store.
#
#     apt-cache dumpavail | awk -f catalogue.awk | leveret import

function escape(text) {
    # & is what was matched, and mawk and gawk agree on it, as they do not on backslashes alone.
    gsub(/\\/, "&&", text)
    gsub(/"/, "\\\\&", text)
    gsub(/\t/, "\\t", text)
    gsub(/\r/, "\\r", text)
    return text
}

function flush_stanza(    i, prefix) {
    prefix = "pkg:" stanza["Section"] ":" stanza["Package"] ":"
    for (i = 1; i <= fields; i++)
        print escape(prefix name[i]) "\t" stanza[name[i]]
    split("", stanza)
    fields = 0
}

# A line that goes on with the field above keeps its leading space.
/^[ \t]/ {
    stanza[name[fields]] = stanza[name[fields]] "\\n" escape($0)
    next
}

/^$/ {
    flush_stanza()
    next
}

{
    colon = index($0, ":")
    name[++fields] = substr($0, 1, colon - 1)
    value = substr($0, colon + 1)
    sub(/^ /, "", value)
    stanza[name[fields]] = escape(value)
}

END {
    flush_stanza()
}
