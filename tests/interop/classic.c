/*
 * npm's classic-level and plyvel on one directory, with the daemon between them. Each reads what
 * the others wrote: logs and tables, snappy or not, large values, bytes that are no text.
 */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "tests/interop/place.h"
#include "tests/interop/rows.h"
#include "tests/lib/paths.h"
#include "tests/lib/scratch.h"
#include "tests/lib/shell.h"

#define CLASSIC "node $SOURCE/tests/interop/classic.js "

static struct daemon *server;

static void prepare(void)
{
    char *modules = scratch_path(paths_build(), "npm/node_modules");
    server = daemon_new();
    setenv("DATA", daemon_data(server), 1);
    setenv("NODE_PATH", modules, 1);
    free(modules);
    shell_expect(0, NULL,
                 "node -e 'require(\"classic-level\")' ||"
                 " { echo 'no classic-level in $NODE_PATH; ./dev test installs it'; false; }");
}

static void stop(void)
{
    daemon_free(server);
}

TestSuite(classic, .init = prepare, .fini = stop, .timeout = 300);

/* Serves the directory: it must hold the rows, and is changed. */
static void serve_and_change(void)
{
    shell_expect(0, "yes\n", "ls $DATA/*.ldb >$DATA.tables && echo yes"); /* not only a log */
    daemon_start(server, NULL);
    place_name(server);
    shell_expect(0, "", "echo 'SCAN \"\"' | nc.openbsd -N 127.0.0.1 $PORT | " ROWS "scan");
    rows_change();
    daemon_stop(server);
}

static void expect_changed(void)
{
    shell_expect(0, "", CLASSIC "dump $DATA >$DATA.dump");
    shell_expect(0, "", ROWS "print-changed | cmp - $DATA.dump");
    shell_expect(0, "", ROWS "changed $DATA");
}

Test(classic, a_directory_of_classic_level_is_served_changed_and_given_back)
{
    shell_expect(0, "", ROWS "print | " CLASSIC "load $DATA");
    serve_and_change();
    expect_changed();
}

Test(classic, a_directory_of_plyvel_is_served_changed_and_given_to_classic_level)
{
    shell_expect(0, "", ROWS "write $DATA");
    serve_and_change();
    expect_changed();
}

/* All of it through the wire: the daemon's own tables, which nobody else has had a hand in. */
Test(classic, a_directory_of_the_daemon_is_read_by_both)
{
    daemon_start(server, "--write-buffer", "64K", NULL);
    place_name(server);
    shell_expect(
        0, "OK\n",
        ROWS "print | sed 's/\\([0-9a-f][0-9a-f]\\)/\\\\x\\1/g; s/ /\" \"/; s/^/PUT \"/; s/$/\"/' |"
             " nc.openbsd -N 127.0.0.1 $PORT | uniq");
    rows_change();
    daemon_stop(server);
    expect_changed();
}
