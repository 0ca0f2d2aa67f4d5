/*
 * leveretd --repair: what real damage costs, and what it must not cost.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/lib/daemon.h"
#include "tests/lib/report.h"
#include "tests/lib/scratch.h"
#include "tests/lib/shell.h"
#include "tests/system/gate.h"

static struct daemon *server;

static void prepare(void)
{
    server = daemon_new();
}

static void stop(void)
{
    daemon_free(server);
}

TestSuite(repair, .init = prepare, .fini = stop, .timeout = 120);

static void repair(const char *output)
{
    daemon_spawn_bare(server, "--repair", daemon_data(server), NULL);
    int status = daemon_wait(server);
    cr_assert(status == 0, "exit status %d: %s", status, daemon_log(server));
    cr_assert_str_eq(daemon_log(server), "");
    cr_assert(strstr(daemon_output(server), output) != NULL, "no `%s` in: %s", output,
              daemon_output(server));
}

static void expect_no_start(const char *reason)
{
    daemon_spawn(server, NULL);
    cr_assert_eq(daemon_wait(server), 1);
    cr_assert(strstr(daemon_log(server), reason) != NULL, "no `%s` in: %s", reason,
              daemon_log(server));
    cr_assert(strstr(daemon_log(server), "--repair") != NULL, "%s", daemon_log(server));
}

/* Data --------------------------------------------------------------------- */

static void ask(const char *request, const char *reply)
{
    struct wire *wire = daemon_connect(server);
    wire_ask(wire, request, reply);
    wire_close(wire);
}

#define ROWS 2000

/* Several tables and a log: rows whose values tell their keys, some of them deleted. */
static void fill(void)
{
    struct buffer requests = {0};
    char text[160];
    for (unsigned i = 0; i < ROWS; i++) {
        unsigned key = i * 7919 % ROWS; /* each once, in no order */
        int len = snprintf(text, sizeof(text), "PUT k:%04u \"value of %04u %080u\"\n", key, key, i);
        buffer_append(&requests, text, (size_t)len);
    }
    daemon_start(server, "--write-buffer", "64K", NULL);
    struct wire *wire = daemon_connect(server);
    wire_send(wire, buffer_slice(&requests));
    for (unsigned i = 0; i < ROWS; i++)
        wire_expect(wire, "OK\n");
    wire_ask(wire, "DEL k:0000 k:0001\n", "OK 2\n");
    wire_close(wire);
    daemon_stop(server);
    buffer_fini(&requests);
}

/* All rows, as text. */
static struct buffer scan_all(void)
{
    struct buffer rows = {0};
    struct wire *wire = daemon_connect(server);
    wire_say(wire, "SCAN ''\n");
    buffer_append_slice(&rows, wire_reply(wire));
    wire_close(wire);
    return rows;
}

/* What is served from the directory as it is now. */
static struct buffer serve_and_scan(void)
{
    daemon_start(server, NULL);
    struct buffer rows = scan_all();
    daemon_stop(server);
    return rows;
}

/* Runs a command line in the data directory. */
static void damage(const char *command)
{
    shell_expect(0, NULL, "cd '%s' && %s", daemon_data(server), command);
}

/* Changes one byte of the file, at half its length. */
static void flip(const char *name)
{
    char *path = scratch_path(daemon_data(server), name);
    struct buffer bytes = scratch_read(path);
    bytes.data[bytes.len / 2] ^= 0x20;
    scratch_write(path, buffer_slice(&bytes));
    buffer_fini(&bytes);
    free(path);
}

static bool exists(const char *name)
{
    char *path = scratch_path(daemon_data(server), name);
    bool found = access(path, F_OK) == 0;
    free(path);
    return found;
}

/* Repairs ------------------------------------------------------------------ */

/* Damage that leaves tables and logs whole costs nothing. */
static void expect_nothing_lost(const char *command, const char *reason)
{
    fill();
    struct buffer before = serve_and_scan();
    damage(command);
    if (reason != NULL)
        expect_no_start(reason);
    repair("it can be served\n");
    struct buffer after = serve_and_scan();
    report_equal("the rows", buffer_slice(&after), buffer_slice(&before));
    buffer_fini(&before);
    buffer_fini(&after);
}

Test(repair, of_a_sound_directory_changes_nothing)
{
    expect_nothing_lost("true", NULL);
}

Test(repair, makes_a_new_manifest_for_a_torn_one)
{
    expect_nothing_lost("truncate -s 20 MANIFEST-*", "is damaged");
}

Test(repair, makes_a_new_manifest_for_an_empty_one)
{
    expect_nothing_lost("truncate -s 0 MANIFEST-*", "is damaged");
}

/* The name of the comparator is what is damaged; it must not be taken for another one. */
Test(repair, makes_a_new_manifest_for_a_damaged_one)
{
    expect_nothing_lost("printf X | dd of=$(echo MANIFEST-*) bs=1 seek=12 conv=notrunc 2>&1",
                        "is damaged");
}

Test(repair, does_without_current)
{
    expect_nothing_lost("rm CURRENT", "has no CURRENT file");
}

Test(repair, does_with_nonsense_for_current)
{
    expect_nothing_lost("echo hare >CURRENT", "CURRENT names no manifest");
}

Test(repair, does_without_a_manifest)
{
    expect_nothing_lost("rm MANIFEST-*", "cannot be read");
}

Test(repair, does_with_tables_and_logs_alone)
{
    expect_nothing_lost("rm -f CURRENT MANIFEST-* LOCK LOG LOG.old", "has no CURRENT file");
}

/* Each row that is left is one that was there, with its own value. */
static uint64_t expect_rows_of(struct buffer *after, struct buffer *before)
{
    uint64_t count = 0;
    buffer_append_byte(before, '\0');
    buffer_append_byte(after, '\0');
    for (char *row = strtok(after->data, "\n"); row[0] == '"'; row = strtok(NULL, "\n")) {
        cr_assert(strstr(before->data, row) != NULL, "a row that never was: %s", row);
        count++;
    }
    return count;
}

Test(repair, keeps_what_can_be_read_of_a_damaged_table)
{
    fill();
    struct buffer before = serve_and_scan();
    struct shell tables =
        shell_run("cd '%s' && ls -S *.ldb | head -n 1 | tr -d '\\n'", daemon_data(server));
    cr_assert_eq(tables.status, 0);
    flip(tables.out.data);
    repair("among them 1 damaged table\n");
    char *lost = scratch_path("lost", tables.out.data);
    cr_assert(exists(lost), "%s was not set aside", lost);
    free(lost);
    shell_fini(&tables);
    struct buffer after = serve_and_scan();
    uint64_t kept = expect_rows_of(&after, &before);
    cr_assert(kept > ROWS / 2 && kept < ROWS - 2, "%llu rows are left", (unsigned long long)kept);
    buffer_fini(&before);
    buffer_fini(&after);
}

/* LevelDB's own repair would bring the value back with its damage. */
Test(repair, leaves_damaged_records_out_of_a_log)
{
    daemon_start(server, NULL);
    ask("PUT a 1\n", "OK\n");
    ask("PUT b \"a value that is so long that half of the log lies within it\"\n", "OK\n");
    daemon_stop(server);
    flip("000003.log");
    repair("damaged records were left out of 1 log");
    cr_assert(exists("lost/000003.log"));
    cr_assert(exists("lost/000003.log.damaged-1"));
    cr_assert_not(exists("000000.dbtmp"));
    daemon_start(server, NULL);
    ask("SCAN ''\n", "\"a\" \"1\"\nOK 1\n");
    daemon_stop(server);
}

Test(repair, keeps_the_start_of_a_torn_log)
{
    daemon_start(server, NULL);
    ask("PUT a 1\nPUT b 2\n", "OK\nOK\n");
    ask("PUT c 3\n", "OK\n");
    daemon_stop(server);
    damage("truncate -s -3 000003.log");
    repair("it can be served");
    daemon_start(server, NULL);
    ask("SCAN ''\n", "\"a\" \"1\"\n\"b\" \"2\"\nOK 2\n");
    daemon_stop(server);
}

/* A table that compaction made is newer than a newer value in an older table: LevelDB's repair puts
 * both side by side, and then a read of one key takes the newer table's word for it. */
Test(repair, leaves_no_old_value_in_front_of_a_new_one)
{
    shell_expect(0, "",
                 "/usr/bin/python3 -c '\n"
                 "import plyvel\n"
                 "def puts(**pairs):\n"
                 "    db = plyvel.DB(\"%s\", create_if_missing=True)\n"
                 "    for key in pairs: db.put(key.encode(), pairs[key].encode())\n"
                 "    return db\n"
                 "db = puts(a=\"old\", z=\"old\"); db.compact_range(); db.close()\n"
                 "puts(a=\"new\", c=\"new\").close()\n"
                 "puts(z=\"new\").close()\n"
                 "db = puts(); db.compact_range(start=b\"x\", stop=b\"zz\"); db.close()'",
                 daemon_data(server));
    repair("it can be served");
    daemon_start(server, NULL);
    ask("GET a\n", "OK \"new\"\n");
    ask("SCAN ''\n", "\"a\" \"new\"\n\"c\" \"new\"\n\"z\" \"new\"\nOK 3\n");
    daemon_stop(server);
}

Test(repair, can_be_repeated)
{
    fill();
    struct buffer before = serve_and_scan();
    for (unsigned i = 0; i < 3; i++) {
        damage("rm CURRENT");
        repair("it can be served\n");
    }
    struct buffer after = serve_and_scan();
    report_equal("the rows", buffer_slice(&after), buffer_slice(&before));
    buffer_fini(&before);
    buffer_fini(&after);
}

Test(repair, holds_the_lock)
{
    fill();
    struct daemon *other = daemon_new();
    struct gate *gate = gate_open(other);
    atomic_store(&gate->closed, GATE_CLOSED);
    daemon_spawn_bare(other, "--repair", daemon_data(server), NULL);
    gate_await(gate, 1);
    char reason[64];
    snprintf(reason, sizeof(reason), "in use by process %d", (int)daemon_pid(other));
    daemon_spawn(server, NULL);
    cr_assert_eq(daemon_wait(server), 1);
    cr_assert(strstr(daemon_log(server), reason) != NULL, "%s", daemon_log(server));
    atomic_store(&gate->closed, GATE_OPEN);
    cr_assert_eq(daemon_wait(other), 0, "%s", daemon_log(other));
    daemon_start(server, NULL);
    ask("COUNT ''\n", "OK 1998\n");
    daemon_stop(server);
    daemon_free(other);
}

/* What it leaves opens, and may answer with old values. */
Test(repair, that_was_interrupted_is_not_served)
{
    fill();
    struct buffer before = serve_and_scan();
    struct daemon *other = daemon_new();
    struct gate *gate = gate_open(other);
    atomic_store(&gate->closed, GATE_CLOSED);
    atomic_store(&gate->through, 3);
    daemon_spawn_bare(other, "--repair", daemon_data(server), NULL);
    gate_await(gate, 4);
    daemon_kill(other);
    daemon_free(other);
    expect_no_start("a repair that did not end");
    expect_no_start("a repair that did not end");
    repair("it can be served\n");
    cr_assert_not(exists("REPAIRING"));
    struct buffer after = serve_and_scan();
    report_equal("the rows", buffer_slice(&after), buffer_slice(&before));
    buffer_fini(&before);
    buffer_fini(&after);
}

Test(repair, that_was_interrupted_can_be_destroyed)
{
    fill();
    damage("touch REPAIRING");
    shell_expect(0, NULL, "$LEVERETD --destroy '%s' --yes && [ ! -e '%s' ]", daemon_data(server),
                 daemon_data(server));
}

/* LevelDB's repair would set aside what it finds no space for, and call that a success. */
Test(repair, without_space_is_refused)
{
    if (system("unshare -m true 2>/dev/null") != 0)
        cr_skip_test("a small file system cannot be mounted here");
    fill();
    shell_expect(0, "",
                 "cd '%s' && mkdir small && unshare -m bash -c '\n"
                 "mount -t tmpfs -o size=4m small small && cp -r data small/ || exit 9\n"
                 "dd if=/dev/zero of=small/rest bs=64k 2>error && exit 9\n"
                 "ls -l small/data >before\n"
                 "$LEVERETD --repair small/data 2>error\n"
                 "[ $? = 1 ] && grep -q \"bytes of free space\" error || { cat error; exit 1; }\n"
                 "ls -l small/data | diff before - && [ ! -e small/data/lost ]'",
                 daemon_directory(server));
}
