/* A directory that Python wrote: served as it is, changed through netcat, read back by Python. */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "tests/interop/place.h"
#include "tests/lib/shell.h"

#define ROWS "/usr/bin/python3 $SOURCE/tests/interop/rows.py "

/* The changes; rows.py knows what they leave behind. */
static void change(void)
{
    static const char requests[] = "DEL \"\" \"\\x00\\x00\\x00\" nothing\n"
                                   "PUT \"\\x00new\\xff\" \"\\xfe\\x00\\r\\n\"\n"
                                   "PUT \"Grüße\" 'grüß Gott'\n"
                                   "PUT A 'A was here'\n";
    struct shell shell = shell_feed(SLICE(requests), "nc.openbsd -N 127.0.0.1 $PORT");
    cr_expect_str_eq(shell.out.data, "OK 2\nOK\nOK\nOK\n");
    shell_fini(&shell);
    shell_expect(0, "OK\n",
                 "printf 'PUT \"%%s\" \"\"\\n' $(printf '\\\\xff%%.0s' {1..300}) |"
                 " nc.openbsd -N 127.0.0.1 $PORT");
}

Test(plyvel, a_directory_of_binary_rows_is_served_changed_and_given_back)
{
    struct daemon *daemon = daemon_new();
    setenv("DATA", daemon_data(daemon), 1);
    shell_expect(0, "", ROWS "write $DATA");
    daemon_start(daemon, NULL);
    place_name(daemon);
    shell_expect(0, "", "echo 'SCAN \"\"' | nc.openbsd -N 127.0.0.1 $PORT | " ROWS "scan");
    change();
    daemon_stop(daemon);
    shell_expect(0, "", ROWS "changed $DATA");
    daemon_free(daemon);
}

Test(plyvel, a_directory_that_was_only_read_holds_what_it_held)
{
    struct daemon *daemon = daemon_new();
    setenv("DATA", daemon_data(daemon), 1);
    shell_expect(0, "", ROWS "write $DATA");
    for (int start = 0; start < 3; start++) {
        daemon_start(daemon, NULL);
        place_name(daemon);
        shell_expect(0, "", "echo 'SCAN \"\"' | nc.openbsd -N 127.0.0.1 $PORT | " ROWS "scan");
        daemon_stop(daemon);
    }
    daemon_free(daemon);
}
