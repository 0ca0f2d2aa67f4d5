/*
 * Scans far larger than the daemon's memory, readers that pause, and views that stand still.
 */
#include <criterion/criterion.h>
#include <poll.h>
#include <stdio.h>

#include "tests/lib/report.h"
#include "tests/system/load.h"

#define MIB ((size_t)1024 * 1024)

static struct daemon *server;

static void stop(void)
{
    daemon_free(server);
}

TestSuite(streaming, .fini = stop, .timeout = 180);

#define ROWS 50000
#define ROW_BYTES 4096

/* Growth over the figures before the scan; what a scan may cost in memory and in mapped files. */
#define MOST_GROWTH (8 * MIB)
#define MOST_MAPPED (16 * MIB)

struct memory {
    size_t own;
    size_t mapped;
};

static struct memory look(void)
{
    return (struct memory){.own = daemon_rss(server), .mapped = daemon_mapped(server)};
}

static void expect_flat(struct memory before)
{
    struct memory now = look();
    cr_assert(now.own < before.own + MOST_GROWTH, "grew from %zu to %zu KiB", before.own / 1024,
              now.own / 1024);
    cr_assert(now.mapped < before.mapped + MOST_MAPPED, "mapped grew from %zu to %zu KiB",
              before.mapped / 1024, now.mapped / 1024);
}

/* Reads the rows of a scan in order, looking at the daemon now and then; pauses once. */
static void read_scan(struct wire *reader, struct wire *neighbour, struct memory before)
{
    char start[16];
    for (unsigned i = 0; i < ROWS; i++) {
        struct slice row = wire_line(reader);
        snprintf(start, sizeof(start), "\"k%08u\" \"", i);
        cr_assert(slice_has_prefix(row, slice_from_string(start)), "row %u is %s", i,
                  report_show(row));
        cr_assert_eq(row.len, ROW_BYTES + strlen("\"k00000000\" \"\"\n"));
        if (i % 5000 == 0) {
            wire_ask(neighbour, "GET k00000007\n", load_reply(7, ROW_BYTES));
            expect_flat(before);
        }
        if (i == ROWS / 2) {
            for (unsigned pause = 0; pause < 20; pause++) {
                poll(NULL, 0, 100);
                wire_ask(neighbour, "GET k00000042\n", load_reply(42, ROW_BYTES));
                expect_flat(before);
            }
        }
    }
    wire_expect(reader, "OK 50000\n");
    expect_flat(before);
}

Test(streaming, slow_reader_keeps_server_memory_flat)
{
    server = daemon_new();
    daemon_start(server, "--sync", "never", NULL);
    struct wire *neighbour = daemon_connect(server);
    load_rows(neighbour, ROWS, ROW_BYTES);
    wire_close(neighbour);
    daemon_stop(server);
    daemon_start(server, NULL);

    struct wire *reader = daemon_connect(server);
    neighbour = daemon_connect(server);
    wire_ask(neighbour, "GET k00000007\n", load_reply(7, ROW_BYTES));
    struct memory before = look();
    wire_say(reader, "SCAN ''\n");
    read_scan(reader, neighbour, before);
    wire_ask(reader, "COUNT ''\n", "OK 50000\n");
    wire_close(reader);
    wire_close(neighbour);
    daemon_stop(server);
}

#define VIEW_ROWS 20000
#define VIEW_BYTES 1000

/* Changes rows that the scan has not come to yet: new ones, other values, and rows gone. */
static void disturb(struct wire *writer)
{
    char request[64];
    for (unsigned i = 1000; i < VIEW_ROWS; i += 10) {
        snprintf(request, sizeof(request), "PUT k%08u-new 1\n", i);
        wire_ask(writer, request, "OK\n");
        snprintf(request, sizeof(request), "PUT k%08u other\n", i + 1);
        wire_ask(writer, request, "OK\n");
        snprintf(request, sizeof(request), "DEL k%08u\n", i + 2);
        wire_ask(writer, request, "OK 1\n");
    }
}

Test(streaming, scan_is_a_view_of_one_moment)
{
    server = daemon_new();
    daemon_start(server, "--sync", "never", "--write-buffer", "1M", NULL);
    struct wire *reader = daemon_connect(server);
    struct wire *writer = daemon_connect(server);
    load_rows(writer, VIEW_ROWS, VIEW_BYTES);
    wire_say(reader, "SCAN ''\n");
    char expected[VIEW_BYTES + 64];
    for (unsigned i = 0; i < VIEW_ROWS; i++) {
        if (i == 100)
            disturb(writer);
        const char *value = load_reply(i, VIEW_BYTES) + strlen("OK ");
        snprintf(expected, sizeof(expected), "\"k%08u\" %s", i, value);
        wire_expect(reader, expected);
    }
    wire_expect(reader, "OK 20000\n");
    wire_ask(reader, "COUNT ''\n", "OK 20000\n"); /* as many new ones as deleted ones */
    wire_ask(reader, "GET k00001001\n", "OK \"other\"\n");
    wire_close(reader);
    wire_close(writer);
    daemon_stop(server);
}

/* Rows larger than any buffer on the way. */
Test(streaming, rows_of_many_megabytes_pass)
{
    server = daemon_new();
    daemon_start(server, "--cache", "0", NULL);
    struct wire *wire = daemon_connect(server);
    char key[8];
    for (unsigned i = 0; i < 8; i++) {
        snprintf(key, sizeof(key), "k%u", i);
        load_value(wire, key, 12 * MIB);
    }
    size_t before = daemon_rss(server);
    wire_say(wire, "SCAN ''\n");
    for (unsigned i = 0; i < 8; i++) {
        struct slice row = wire_line(wire);
        cr_assert_eq(row.len, 12 * MIB + strlen("\"k0\" \"\"\n"));
        size_t now = daemon_rss(server);
        cr_assert(now < before + 64 * MIB, "grew from %zu to %zu MiB", before / MIB, now / MIB);
    }
    wire_expect(wire, "OK 8\n");
    wire_close(wire);
    daemon_stop(server);
}

/* A long scan must not keep the others of its worker waiting until it is through. */
Test(streaming, one_worker_still_answers_while_it_streams)
{
    server = daemon_new();
    daemon_start(server, "--workers", "1", "--sync", "never", NULL);
    struct wire *reader = daemon_connect(server);
    struct wire *neighbour = daemon_connect(server);
    load_rows(neighbour, VIEW_ROWS, VIEW_BYTES);
    wire_say(reader, "SCAN ''\nCOUNT ''\nSCAN '' REVERSE\n");
    for (unsigned i = 0; i < 2000; i++) {
        wire_ask(neighbour, "GET k00000001\n", load_reply(1, VIEW_BYTES));
        wire_line(reader);
    }
    struct slice ending;
    cr_assert_eq(wire_skip_reply(reader, &ending), VIEW_ROWS - 2000);
    wire_expect(reader, "OK 20000\n");
    cr_assert_eq(wire_skip_reply(reader, &ending), VIEW_ROWS);
    wire_close(reader);
    wire_close(neighbour);
    daemon_stop(server);
}
