# The tutorial's library: 5,000 books, the same in every run, as tab-separated rows
#
#     book:<genre>:<isbn>:title|author TAB <value>
#
# with the protocol's escapes. One genre begins with the name of another, one has a space, and
# titles hold quotes, backslashes and letters that are not ASCII.

function pick(list, total) {
    # A small congruential generator: the same books whichever awk this is.
    state = (state * 421 + 54773) % 259200
    return list[1 + int(state * total / 259200)]
}

BEGIN {
    state = 20261122
    genres = split("fantasy|fantasy epic|crime|poetry|science|Märchen|travel", genre, "|")
    firsts = split("Name|Song|Shadow|House|Winter|Garten|\\\"Map\\\"|Back\\\\slash", first, "|")
    lasts = split("Wind|Night|Hare|Sea|Königin|Tower|Rain|Road|狐", last, "|")
    givens = split("Patrick|Ursula|Italo|Mercè|Jorge Luis|Tove|Stanisław|J. R. R.", given, "|")
    families = split("Rothfuss|Le Guin|Calvino|Rodoreda|Borges|Jansson|Lem|O'Brian", family, "|")
    for (i = 0; i < 5000; i++) {
        # 7919 has no factor in common with 100,000, so that no number comes twice.
        book = sprintf("book:%s:97885%08d:", pick(genre, genres), i * 7919 % 100000)
        printf "%stitle\t%s of the %s\n", book, pick(first, firsts), pick(last, lasts)
        printf "%sauthor\t%s %s\n", book, pick(given, givens), pick(family, families)
    }
}
