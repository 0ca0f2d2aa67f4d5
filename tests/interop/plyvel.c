/* A directory that Python wrote: served as it is, changed through netcat, read back by Python. */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "tests/interop/place.h"
#include "tests/interop/rows.h"
#include "tests/lib/shell.h"

Test(plyvel, a_directory_of_binary_rows_is_served_changed_and_given_back)
{
    struct daemon *daemon = daemon_new();
    setenv("DATA", daemon_data(daemon), 1);
    shell_expect(0, "", ROWS "write $DATA");
    daemon_start(daemon, NULL);
    place_name(daemon);
    shell_expect(0, "", "echo 'SCAN \"\"' | nc.openbsd -N 127.0.0.1 $PORT | " ROWS "scan");
    rows_change();
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
