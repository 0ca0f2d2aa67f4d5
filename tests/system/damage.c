/*
 * A table that was damaged on disk while nobody served it: who asks for care is told.
 */
#include <criterion/criterion.h>
#include <dirent.h>
#include <stdlib.h>

#include "tests/lib/report.h"
#include "tests/lib/scratch.h"
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

Test(damage, is_found_by_who_verifies)
{
    expect_damage("GET k00000042 VERIFY\n", 0);
    expect_damage("GET k00000042 NOCACHE VERIFY\n", 0);
    wire_ask(wire, "GET k00000041 VERIFY\n", load_reply(41, ROW_BYTES));
    wire_ask(wire, "GET k00000043 VERIFY\n", load_reply(43, ROW_BYTES));
    daemon_await_log(server, "a read failed: Corruption:");
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

/* And as the whole store is readable without care, it can be rescued. */
Test(damage, is_passed_on_to_who_does_not_verify)
{
    struct slice ending;
    wire_say(wire, "GET k00000042\n");
    cr_assert(slice_has_prefix(wire_reply(wire), SLICE("OK \"42:")));
    wire_say(wire, "GET k00000042 NOCACHE\n");
    cr_assert(slice_has_prefix(wire_reply(wire), SLICE("OK \"42:")));
    wire_say(wire, "SCAN '' NOCACHE\n");
    cr_assert_eq(wire_skip_reply(wire, &ending), ROWS);
    report_equal("ending", ending, SLICE("OK 500"));
}
