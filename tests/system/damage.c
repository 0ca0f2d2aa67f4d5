/*
 * A table that was damaged on disk while nobody served it: who reads from it is told, and gets
 * nothing that is wrong.
 */
#include <criterion/criterion.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/lib/deadline.h"
#include "tests/lib/report.h"
#include "tests/lib/scratch.h"
#include "tests/lib/shell.h"
#include "tests/system/load.h"

#define ROWS 500
#define ROW_BYTES 4096 /* so that each is a block of its own */
#define DAMAGED 42

static struct daemon *server;
static struct wire *wire;

/* Flips one bit of the bytes, where they are in that file. */
static bool damage_file(const char *path, struct slice wanted)
{
    struct buffer bytes = scratch_read(path);
    char *found = memmem(bytes.data, bytes.len, wanted.data, wanted.len);
    if (found != NULL) {
        found[wanted.len / 2] ^= 1;
        scratch_write(path, buffer_slice(&bytes));
    }
    buffer_fini(&bytes);
    return found != NULL;
}

static unsigned damage_tables(struct slice wanted)
{
    unsigned damaged = 0;
    DIR *directory = opendir(daemon_data(server));
    cr_assert(directory != NULL);
    for (struct dirent *entry; (entry = readdir(directory)) != NULL;) {
        if (strstr(entry->d_name, ".ldb") == NULL)
            continue;
        char *path = scratch_path(daemon_data(server), entry->d_name);
        damaged += damage_file(path, wanted);
        free(path);
    }
    closedir(directory);
    return damaged;
}

static void start(void)
{
    server = daemon_new();
    daemon_start(server, NULL);
    wire = daemon_connect(server);
    load_rows(wire, ROWS, ROW_BYTES);
    wire_close(wire);
    daemon_stop(server);
    daemon_start(server, NULL); /* which makes tables of the log */
    daemon_stop(server);
    const char *reply = load_reply(DAMAGED, ROW_BYTES);
    cr_assert_eq(damage_tables(slice_of(reply + 4, 100)), 1);
    daemon_start(server, NULL);
    wire = daemon_connect(server);
}

static void stop(void)
{
    wire_close(wire);
    daemon_stop(server);
    daemon_free(server);
}

TestSuite(damage, .init = start, .fini = stop, .timeout = 90);

static void expect_damage(const char *request, uint64_t rows_before)
{
    struct slice ending;
    wire_say(wire, request);
    uint64_t rows = wire_skip_reply(wire, &ending);
    cr_assert(slice_has_prefix(ending, SLICE("ERR CORRUPT \"")), "%s ended with %s", request,
              report_show(ending));
    cr_assert_eq(rows, rows_before, "%s gave %llu rows", request, (unsigned long long)rows);
}

Test(damage, is_found_by_every_read)
{
    expect_damage("GET k00000042\n", 0);
    expect_damage("GET k00000042 NOCACHE\n", 0);
    expect_damage("PUT k00000042 new IFEQ old\n", 0);
    expect_damage("COUNT ''\n", 0);
    wire_ask(wire, "GET k00000041\n", load_reply(41, ROW_BYTES));
    wire_ask(wire, "COUNT '' FROM k00000043\n", "OK 457\n");
}

/* What a turn delivered is sent when all of it is known to be right. */
Test(damage, ends_a_scan_with_the_last_key_before_it)
{
    char expected[40] = "";
    struct slice ending;
    wire_say(wire, "SCAN '' KEYS\n");
    for (uint64_t rows = 0; wire_line(wire).data[0] == '"'; rows++)
        cr_assert(rows < DAMAGED);
    wire_say(wire, "SCAN ''\n");
    uint64_t rows = wire_skip_reply(wire, &ending);
    cr_assert(rows > 0 && rows <= DAMAGED, "%llu rows", (unsigned long long)rows);
    snprintf(expected, sizeof(expected), " MORE \"k%08u\"", (unsigned)rows - 1);
    cr_assert(memmem(ending.data, ending.len, expected, strlen(expected)) != NULL, "no%s in %s",
              expected, report_show(ending));
    wire_say(wire, "SCAN '' VERIFY\n");
    cr_assert_eq(wire_skip_reply(wire, &ending), DAMAGED);
    cr_assert(memmem(ending.data, ending.len, SLICE(" MORE \"k00000041\"").data, 17) != NULL, "%s",
              report_show(ending));
}

Test(damage, is_found_by_who_verifies)
{
    expect_damage("GET k00000042 VERIFY\n", 0);
    expect_damage("GET k00000042 NOCACHE VERIFY\n", 0);
    wire_ask(wire, "GET k00000041 VERIFY\n", load_reply(41, ROW_BYTES));
    wire_ask(wire, "GET k00000043 VERIFY\n", load_reply(43, ROW_BYTES));
    daemon_await_log(server, "a read failed: Corruption:");
}

/* A peer that asks on could else fill the disk that the log is on. */
Test(damage, does_not_flood_the_log)
{
    int64_t began = deadline_now();
    for (unsigned i = 0; i < 2000; i++)
        expect_damage("GET k00000042\n", 0);
    unsigned lines = 0;
    const char *at = daemon_log(server);
    while ((at = strstr(at, "a read failed")) != NULL) {
        lines++;
        at++;
    }
    cr_assert(lines >= 1 && lines <= 2 + (unsigned)((deadline_now() - began) / 1000), "%u lines",
              lines);
}

Test(damage, is_found_at_a_snapshot)
{
    wire_say(wire, "SNAPSHOT\n");
    struct slice reply = wire_reply(wire);
    struct buffer request = {0};
    buffer_append_string(&request, "GET k00000042 VERIFY AT ");
    buffer_append(&request, reply.data + strlen("OK \""), reply.len - strlen("OK \"\"\n"));
    buffer_append(&request, "\n", 2); /* and the NUL */
    expect_damage(request.data, 0);
    buffer_fini(&request);
}

/* The engine passes over what it cannot read; the reply must not end as if nothing was there. */
Test(damage, ends_a_scan_where_it_lies)
{
    expect_damage("SCAN '' VERIFY\n", DAMAGED);
    expect_damage("SCAN '' REVERSE KEYS VERIFY\n", 456); /* backwards it looks a row ahead */
    expect_damage("SCAN '' VERIFY NOCACHE FROM k00000040 LIMIT 10\n", 2);
    expect_damage("SCAN '' VERIFY FROM k00000040 BYTES 20000\n", 2);
    expect_damage("SCAN '' VERIFY FROM k00000040 LIMIT 2\n", 2); /* are there more? */
    expect_damage("SCAN '' VERIFY FROM k00000042 LIMIT 1\n", 0);
    expect_damage("COUNT '' VERIFY\n", 0);
    wire_ask(wire, "COUNT '' VERIFY FROM k00000043\n", "OK 457\n");
    wire_ask(wire, "COUNT '' VERIFY TO k00000041\n", "OK 41\n");
}

/* So that all that can be read of the store can be rescued. */
Test(damage, is_passed_on_to_who_wants_no_care)
{
    struct slice ending;
    wire_close(wire);
    daemon_stop(server);
    daemon_start(server, "--paranoid-checks", "no", NULL);
    wire = daemon_connect(server);
    wire_say(wire, "GET k00000042\n");
    cr_assert(slice_has_prefix(wire_reply(wire), SLICE("OK \"42:")));
    wire_say(wire, "GET k00000042 NOCACHE\n");
    cr_assert(slice_has_prefix(wire_reply(wire), SLICE("OK \"42:")));
    wire_say(wire, "SCAN '' NOCACHE\n");
    cr_assert_eq(wire_skip_reply(wire, &ending), ROWS);
    report_equal("ending", ending, SLICE("OK 500"));
    expect_damage("GET k00000042 VERIFY\n", 0);
}

/* A value that was replaced lies in a lower table; with the newer one damaged it must not come
 * back.
 */
Test(damage, brings_no_old_value_back)
{
    static const char old[] = "an old value, which is in the lowest table and sound as it is";
    static const char new[] = "a new value, which is in a higher table and is damaged there";
    wire_close(wire);
    daemon_stop(server);
    shell_expect(0, "",
                 "rm -r '%s' && /usr/bin/python3 -c '\n"
                 "import plyvel\n"
                 "db = plyvel.DB(\"%s\", create_if_missing=True, compression=None)\n"
                 "for i in range(50): db.put(b\"%%03d\" %% i, b\"%s\")\n"
                 "db.compact_range()\n"
                 "db.put(b\"020\", b\"%s\")\n"
                 "db.close()'",
                 daemon_data(server), daemon_data(server), old, new);
    daemon_start(server, NULL); /* which makes a table of the log */
    daemon_stop(server);
    cr_assert_eq(damage_tables(slice_from_string(new)), 1);
    daemon_start(server, NULL);
    wire = daemon_connect(server);
    expect_damage("GET 020\n", 0);
    expect_damage("SCAN ''\n", 0);
    expect_damage("SCAN 020\n", 0);
    expect_damage("LIST ''\n", 0);
    wire_ask(wire, "GET 021\n",
             "OK \"an old value, which is in the lowest table and sound as it is\"\n");
}

/* Reopening would not help: the next compaction met it again, and each time all scans would end. */
Test(damage, that_a_compaction_meets_leaves_the_store_read_only)
{
    struct slice ending;
    wire_ask(wire, "PUT k00000042 new\nPUT k00000001 new\n", "OK\nOK\n");
    wire_say(wire, "COMPACT\n");
    wire_skip_reply(wire, &ending);
    cr_assert(slice_has_prefix(ending, SLICE("ERR IO \"Corruption: ")), "%s", report_show(ending));
    daemon_await_log(server, "its data is damaged; leveretd --repair keeps what can be read");
    wire_say(wire, "PUT a 1\n");
    struct slice reply = wire_reply(wire);
    cr_assert(slice_has_prefix(reply, SLICE("ERR READONLY \"Corruption: ")), "%s",
              report_show(reply));
    cr_assert(memmem(reply.data, reply.len, "leveretd --repair", 17) != NULL);
    wire_ask(wire, "GET k00000042\n", "OK \"new\"\n");
    cr_assert_eq(daemon_info(server, "reopened"), 0);
}
