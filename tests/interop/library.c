/* The tutorial's library, put and read through netcat. */
#include <criterion/criterion.h>

#include "tests/interop/place.h"
#include "tests/lib/shell.h"

/* Puts all books and leaves their rows, as a scan must print them, in $DIR/rows. */
static struct daemon *open_library(void)
{
    struct daemon *daemon = place_run();
    shell_expect(0, "10000 OK\n",
                 "awk -f $SOURCE/tests/interop/books.awk | sed -f $SOURCE/tests/interop/puts.sed |"
                 " tee $DIR/puts | nc.openbsd -N 127.0.0.1 $PORT | uniq -c | sed 's/^ *//'");
    shell_expect(0, "", "sed 's/^PUT //' $DIR/puts | LC_ALL=C sort >$DIR/rows");
    return daemon;
}

Test(library, a_genre_is_read_by_its_prefix_and_no_other_comes_along)
{
    struct daemon *daemon = open_library();
    shell_expect(0, "",
                 "echo 'SCAN book:fantasy:' | nc.openbsd -N 127.0.0.1 $PORT >$DIR/scan;"
                 "{ grep '^\"book:fantasy:' $DIR/rows;"
                 "  echo OK $(grep -c '^\"book:fantasy:' $DIR/rows); } | cmp - $DIR/scan");
    shell_expect(0, "yes\n", "[ $(wc -l <$DIR/scan) -gt 1000 ] && echo yes");
    daemon_free(daemon);
}

Test(library, the_whole_library_comes_back_as_it_was_put)
{
    struct daemon *daemon = open_library();
    shell_expect(0, "",
                 "echo 'SCAN book:' | nc.openbsd -N 127.0.0.1 $PORT >$DIR/scan;"
                 "{ cat $DIR/rows; echo OK 10000; } | cmp - $DIR/scan");
    daemon_free(daemon);
}

Test(library, listing_the_books_names_each_genre_once)
{
    struct daemon *daemon = open_library();
    shell_expect(0,
                 "\"book:Märchen:\"\n"
                 "\"book:crime:\"\n"
                 "\"book:fantasy epic:\"\n"
                 "\"book:fantasy:\"\n"
                 "\"book:poetry:\"\n"
                 "\"book:science:\"\n"
                 "\"book:travel:\"\n"
                 "OK 7\n",
                 "echo 'LIST book:' | nc.openbsd -N 127.0.0.1 $PORT");
    daemon_free(daemon);
}

Test(library, pages_of_a_shelf_make_the_shelf)
{
    struct daemon *daemon = open_library();
    shell_expect(0, "",
                 "after=''; "
                 "while echo \"SCAN book:crime: LIMIT 100$after\" |"
                 "      nc.openbsd -N 127.0.0.1 $PORT >$DIR/page && grep '^\"' $DIR/page &&"
                 "      more=$(sed -n 's/^OK [0-9]* MORE //p' $DIR/page) && [ -n \"$more\" ];"
                 "do after=\" AFTER $more\"; done >$DIR/pages;"
                 "grep '^\"book:crime:' $DIR/rows | cmp - $DIR/pages");
    daemon_free(daemon);
}
