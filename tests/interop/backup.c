/* A backup is a scan, and a restore is sed. */
#include <criterion/criterion.h>

#include "tests/interop/place.h"
#include "tests/lib/shell.h"

Test(backup, scan_sed_and_netcat_copy_a_store_byte_for_byte)
{
    struct daemon *daemon = place_run();
    struct daemon *other = place_run_other();
    shell_expect(0, "OK\nOK\nOK\nOK\n",
                 "printf '%%s\\n' 'PUT \"book:\\x00\\xff\" \"\\x00\\r\\n\\t\\\\\\\"\"'"
                 " 'PUT book:empty \"\"' 'PUT book:bare \"\\xC3\"' 'PUT shelf:1 x' |"
                 " nc.openbsd -N 127.0.0.1 $PORT");
    shell_expect(0, "10000 OK\n",
                 "awk -f $SOURCE/tests/interop/books.awk | sed -f $SOURCE/tests/interop/puts.sed |"
                 " nc.openbsd -N 127.0.0.1 $PORT | uniq -c | sed 's/^ *//'");

    shell_expect(0, "10003 OK\n",
                 "echo 'SCAN book:' | nc -N localhost $PORT | sed -n 's/^\"/PUT \"/p' |"
                 " nc -N localhost $OTHER | uniq -c | sed 's/^ *//'");

    shell_expect(0, "OK 10003\n",
                 "echo 'SCAN book:' | nc.openbsd -N 127.0.0.1 $PORT >$DIR/here;"
                 "echo 'SCAN \"\"' | nc.openbsd -N 127.0.0.1 $OTHER >$DIR/there;"
                 "cmp $DIR/here $DIR/there && tail -n 1 $DIR/there");
    shell_expect(0, "OK \"\\x00\\r\\n\\t\\\\\\\"\"\n",
                 "echo 'GET \"book:\\x00\\xFF\"' | nc.openbsd -N 127.0.0.1 $OTHER");
    daemon_free(other);
    daemon_free(daemon);
}
