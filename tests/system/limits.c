/*
 * The limits as options: what the administrator says is what peers meet, in both faces.
 */
#include <criterion/criterion.h>
#include <stdio.h>

#include "tests/lib/daemon.h"

#define KIB ((size_t)1024)
#define MIB (1024 * KIB)

static struct daemon *server;
static struct wire *wire;

static void start(void)
{
    server = daemon_new();
    daemon_start(server, "--max-line", "300K", "--max-value", "64K", "--max-arguments", "16",
                 "--max-batch", "1K", "--max-output", "1M", "--max-scans", "2", "--turn-requests",
                 "1", "--workers", "1", NULL);
    wire = daemon_connect(server);
}

static void stop(void)
{
    wire_close(wire);
    daemon_stop(server);
    daemon_free(server);
}

TestSuite(limits, .init = start, .fini = stop, .timeout = 60);

static void send_filled(const char *head, size_t count, const char *tail)
{
    struct buffer bytes = {0};
    buffer_append_string(&bytes, head);
    cr_assert(buffer_reserve(&bytes, count));
    memset(bytes.data + bytes.len, 'x', count);
    bytes.len += count;
    buffer_append_string(&bytes, tail);
    wire_send(wire, buffer_slice(&bytes));
    buffer_fini(&bytes);
}

Test(limits, are_shown_in_info)
{
    static const struct {
        const char *name;
        uint64_t value;
    } rows[] = {
        {"max_line", 300 * KIB}, {"max_value", 64 * KIB}, {"max_arguments", 16}, {"max_batch", KIB},
        {"max_output", MIB},     {"max_scans", 2},        {"turn_requests", 1},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        cr_assert_eq(daemon_info(server, rows[i].name), rows[i].value, "%s", rows[i].name);
}

Test(limits, hold_for_lines)
{
    send_filled("PUT k ", 64 * KIB, "\n");
    wire_expect(wire, "OK\n");
    send_filled("PUT k ", 64 * KIB + 1, "\n");
    wire_expect(wire, "ERR LIMIT \"the value is longer than --max-value allows\"\n");
    wire_ask(wire, "MGET 1 2 3 4 5 6 7 8 9 a b c d e f\n",
             "\"1\"\n\"2\"\n\"3\"\n\"4\"\n\"5\"\n\"6\"\n\"7\"\n\"8\"\n\"9\"\n\"a\"\n\"b\"\n\"c\"\n"
             "\"d\"\n\"e\"\n\"f\"\nOK 0\n");
    wire_ask(wire, "MGET 1 2 3 4 5 6 7 8 9 a b c d e f g\n",
             "ERR LIMIT \"too many tokens in one line\"\n");
    send_filled("PUT k ", 300 * KIB, "\n");
    wire_expect(wire, "ERR LIMIT \"the line is longer than the server takes\"\n");
    wire_expect_gone(wire);
}

Test(limits, hold_for_batches)
{
    wire_ask(wire, "BEGIN\n", "OK\n");
    send_filled("PUT k ", KIB, "\n");
    wire_expect(wire, "ERR LIMIT \"the batch is larger than --max-batch allows\"\n");
    wire_ask(wire, "ABORT\nPING\n", "OK\nOK \"PONG\"\n");
}

/* What is too much is known from the declared length. */
Test(limits, hold_for_values_of_redis_clients)
{
    send_filled("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$65536\r\n", 64 * KIB, "\r\n");
    wire_expect(wire, "+OK\r\n");
    wire_say(wire, "*3\r\n$6\r\nAPPEND\r\n$1\r\nk\r\n$1\r\nx\r\n");
    wire_expect(wire, "-ERR string exceeds maximum allowed size (proto-max-bulk-len)\r\n");
    wire_say(wire, "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$65537\r\n");
    wire_expect(wire, "-ERR Protocol error: invalid bulk length\r\n");
    wire_expect_gone(wire);
}

Test(limits, hold_for_words_of_redis_clients)
{
    wire_say(wire, "*17\r\n");
    wire_expect(wire, "-ERR Protocol error: invalid multibulk length\r\n");
    wire_expect_gone(wire);
}

/* Output ------------------------------------------------------------------------------ */

/* A value of 2 MiB that somebody else wrote: each that asks for it gets an error, and goes on. */
Test(limits, hold_for_output)
{
    wire_close(wire);
    daemon_stop(server);
    daemon_start(server, NULL);
    wire = daemon_connect(server);
    wire_ask(wire, "MPUT a 1 z 2\n", "OK\n");
    send_filled("PUT k ", 2 * MIB, "\n");
    wire_expect(wire, "OK\n");
    wire_close(wire);
    daemon_stop(server);
    daemon_start(server, "--max-output", "1M", NULL);
    wire = daemon_connect(server);
    wire_ask(wire, "GET k\n", "ERR LIMIT \"it is larger than --max-output allows\"\n");
    wire_ask(wire, "MGET a k z\n",
             "\"a\" \"1\"\nERR LIMIT \"it is larger than --max-output allows\"\n");
    wire_ask(wire, "SCAN ''\n",
             "\"a\" \"1\"\nERR LIMIT \"the row was not sent: it is larger than --max-output "
             "allows\" MORE \"k\"\n");
    wire_ask(wire, "SCAN '' AFTER k\n", "\"z\" \"2\"\nOK 1\n");
    wire_ask(wire, "SCAN '' KEYS\n", "\"a\"\n\"k\"\n\"z\"\nOK 3\n");
    wire_ask(wire, "*2\r\n$3\r\nGET\r\n$1\r\nk\r\n",
             "-LIMIT it is larger than --max-output allows\r\n");
    wire_ask(wire, "*4\r\n$4\r\nMGET\r\n$1\r\na\r\n$1\r\nk\r\n$1\r\nz\r\n",
             "*3\r\n$1\r\n1\r\n-LIMIT it is larger than --max-output allows\r\n$1\r\n2\r\n");
    wire_ask(wire, "*2\r\n$6\r\nGETDEL\r\n$1\r\nk\r\n",
             "-LIMIT the requests sent at once would answer more than --max-output allows\r\n");
    wire_ask(wire, "DEL k\n", "OK 1\n");
}

/* Scans ------------------------------------------------------------------------------- */

/* So many rows that a scan is not over before somebody reads. */
static void load(void)
{
    struct buffer value = {0};
    cr_assert(buffer_reserve(&value, 64 * KIB));
    memset(value.data, 'v', 64 * KIB);
    value.len = 64 * KIB;
    for (unsigned i = 0; i < 400; i++) {
        char head[32];
        snprintf(head, sizeof(head), "PUT row:%03u ", i);
        wire_say(wire, head);
        wire_send(wire, buffer_slice(&value));
        wire_ask(wire, "\n", "OK\n");
    }
    buffer_fini(&value);
}

Test(limits, hold_for_open_scans)
{
    static const char too_many[] = "ERR LIMIT \"as many scans are open as --max-scans allows\"\n";
    struct wire *readers[2];
    load();
    for (size_t i = 0; i < 2; i++) {
        readers[i] = daemon_connect(server);
        wire_say(readers[i], "SCAN ''\n");
        (void)wire_line(readers[i]);
    }
    cr_assert_eq(daemon_info(server, "scans"), 2);
    cr_assert_lt(daemon_info(server, "oldest_scan_seconds"), 60);
    wire_ask(wire, "SCAN ''\n", too_many);
    wire_ask(wire, "COUNT ''\n", too_many);
    wire_ask(wire, "LIST ''\n", too_many);
    wire_ask(wire, "*1\r\n$6\r\nDBSIZE\r\n",
             "-LIMIT as many scans are open as --max-scans allows\r\n");
    wire_ask(wire, "GET nothing\nPING\n", "NOT_FOUND\nOK \"PONG\"\n");
    struct slice ending;
    cr_assert_eq(wire_skip_reply(readers[0], &ending), 399);
    wire_ask(wire, "COUNT ''\n", "OK 400\n");
    wire_close(readers[0]);
    wire_close(readers[1]);
    while (daemon_info(server, "scans") > 0)
        continue; /* until the second was seen to be gone */
}
