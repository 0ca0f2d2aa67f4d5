/*
 * The largest keys, values, lines and numbers of tokens, and one more than each.
 */
#include <criterion/criterion.h>

#include "protocol/limits.h"
#include "tests/lib/daemon.h"
#include "tests/lib/report.h"
#include "tests/lib/shell.h"

#define MIB ((size_t)1024 * 1024)

static struct daemon *server;
static struct wire *wire;

static void start(void)
{
    server = daemon_run();
    wire = daemon_connect(server);
}

static void stop(void)
{
    wire_close(wire);
    daemon_stop(server);
    daemon_free(server);
}

TestSuite(bounds, .init = start, .fini = stop, .timeout = 120);

static void append_fill(struct buffer *out, char byte, size_t count)
{
    cr_assert(buffer_reserve(out, count));
    memset(out->data + out->len, byte, count);
    out->len += count;
}

/* PUT with a key and a value of those lengths. */
static struct buffer put_of(size_t key, size_t value)
{
    struct buffer request = {0};
    buffer_append_string(&request, "PUT ");
    append_fill(&request, 'k', key);
    buffer_append_byte(&request, ' ');
    append_fill(&request, 'v', value);
    buffer_append_byte(&request, '\n');
    return request;
}

/* The reply must begin so, and must be one short line. */
static void expect_error(const char *start_of_reply)
{
    struct slice reply = wire_reply(wire);
    cr_assert(slice_has_prefix(reply, slice_from_string(start_of_reply)), "expected %s, got %s",
              start_of_reply, report_show(reply));
    cr_assert(reply.len < 600);
}

Test(bounds, let_the_largest_key_in_and_no_larger_one)
{
    struct buffer fits = put_of(LIMIT_KEY, 1);
    struct buffer larger = put_of(LIMIT_KEY + 1, 1);
    wire_send(wire, buffer_slice(&fits));
    wire_expect(wire, "OK\n");
    wire_send(wire, buffer_slice(&larger));
    expect_error("ERR LIMIT \"");
    wire_ask(wire, "COUNT ''\n", "OK 1\n");
    buffer_fini(&fits);
    buffer_fini(&larger);
}

Test(bounds, let_the_largest_value_in_and_no_larger_one)
{
    struct buffer fits = put_of(1, LIMIT_VALUE);
    struct buffer larger = put_of(1, LIMIT_VALUE + 1);
    wire_send(wire, buffer_slice(&fits));
    wire_expect(wire, "OK\n");
    wire_send(wire, buffer_slice(&larger));
    expect_error("ERR LIMIT \"");
    wire_say(wire, "GET k\n");
    struct slice reply = wire_reply(wire);
    cr_assert_eq(reply.len, LIMIT_VALUE + strlen("OK \"\"\n"));
    buffer_fini(&fits);
    buffer_fini(&larger);
}

Test(bounds, hold_for_each_pair_of_a_batch_and_then_none_is_stored)
{
    struct buffer request = {0};
    buffer_append_string(&request, "MPUT good 1 ");
    append_fill(&request, 'k', LIMIT_KEY + 1);
    buffer_append_string(&request, " 2\n");
    wire_send(wire, buffer_slice(&request));
    expect_error("ERR LIMIT \"");
    wire_ask(wire, "COUNT ''\n", "OK 0\n");
    buffer_fini(&request);
}

/* A key that could never be stored is simply not there. */
Test(bounds, do_not_keep_anybody_from_asking_for_a_longer_key)
{
    struct buffer request = {0};
    buffer_append_string(&request, "GET ");
    append_fill(&request, 'k', 4 * LIMIT_KEY);
    buffer_append_byte(&request, '\n');
    wire_send(wire, buffer_slice(&request));
    wire_expect(wire, "NOT_FOUND\n");
    buffer_fini(&request);
}

/* Every byte escaped to four: what the server prints of the largest pair can be typed back. */
Test(bounds, leave_room_to_type_back_the_largest_pair)
{
    struct buffer request = {0};
    buffer_append_string(&request, "PUT \"");
    for (size_t i = 0; i < LIMIT_KEY; i++)
        buffer_append_string(&request, "\\xFF");
    buffer_append_string(&request, "\" \"");
    cr_assert(buffer_reserve(&request, 4 * LIMIT_VALUE + 8));
    for (size_t i = 0; i < LIMIT_VALUE; i++)
        buffer_append(&request, "\\x00", 4);
    buffer_append_string(&request, "\"\n");
    wire_send(wire, buffer_slice(&request));
    wire_expect(wire, "OK\n");
    wire_say(wire, "SCAN ''\n");
    struct slice row = wire_line(wire);
    size_t expected = request.len - strlen("PUT ");
    report_equal("the row", row, slice_of(request.data + strlen("PUT "), expected));
    wire_expect(wire, "OK 1\n");
    buffer_fini(&request);
}

Test(bounds, refuse_a_batch_of_too_many_tokens)
{
    struct buffer request = {0};
    buffer_append_string(&request, "MGET");
    for (size_t i = 0; i + 1 < LIMIT_TOKENS; i++)
        buffer_append_string(&request, " a");
    size_t fits = request.len;
    buffer_append_byte(&request, '\n');
    wire_send(wire, buffer_slice(&request));
    struct slice ending;
    cr_assert_eq(wire_skip_reply(wire, &ending), LIMIT_TOKENS - 1);
    request.len = fits;
    buffer_append_string(&request, " a\n");
    wire_send(wire, buffer_slice(&request));
    wire_expect(wire, "ERR LIMIT \"too many tokens in one line\"\n");
    wire_ask(wire, "PING\n", "OK \"PONG\"\n");
    buffer_fini(&request);
}

/* 66 MiB without an end: refused once the limit is passed, closed, and the memory given back. */
Test(bounds, close_on_a_line_that_is_too_long)
{
    struct wire *neighbour = daemon_connect(server);
    struct buffer line = {0};
    append_fill(&line, 'a', MIB);
    size_t before = daemon_rss(server);
    size_t sent = 0;
    for (unsigned i = 0; i < 66; i++) {
        size_t took = wire_push(wire, buffer_slice(&line), 20000);
        sent += took;
        if (took < line.len)
            break;
        wire_ask(neighbour, "PING\n", "OK \"PONG\"\n");
    }
    cr_assert(sent > LIMIT_LINE, "only %zu bytes were taken", sent);
    wire_expect(wire, "ERR LIMIT \"the line is longer than the server takes\"\n");
    wire_expect_gone(wire);
    wire_ask(neighbour, "PING\n", "OK \"PONG\"\n");
    wire_close(neighbour);
    size_t after = daemon_rss(server);
    cr_assert(after < before + 16 * MIB, "%zu MiB before, %zu MiB after", before / MIB,
              after / MIB);
    buffer_fini(&line);
}

/* The limits are for writing: what a directory holds already is served, whatever its size. */
Test(bounds, do_not_hide_what_a_directory_already_holds)
{
    wire_close(wire);
    daemon_stop(server);
    shell_expect(0, "",
                 "/usr/bin/python3 -c '\n"
                 "import plyvel\n"
                 "db = plyvel.DB(\"%s\")\n"
                 "db.put(b\"k\" * 100000, b\"v\" * 20000000)\n"
                 "db.close()'",
                 daemon_data(server));
    daemon_start(server, NULL);
    wire = daemon_connect(server);
    wire_say(wire, "SCAN k\n");
    cr_assert_eq(wire_line(wire).len, 100000 + 20000000 + strlen("\"\" \"\"\n"));
    wire_expect(wire, "OK 1\n");
    struct buffer request = {0};
    buffer_append_string(&request, "GET ");
    append_fill(&request, 'k', 100000);
    buffer_append_byte(&request, '\n');
    wire_send(wire, buffer_slice(&request));
    cr_assert_eq(wire_line(wire).len, 20000000 + strlen("OK \"\"\n"));
    buffer_clear(&request);
    buffer_append_string(&request, "DEL ");
    append_fill(&request, 'k', 100000);
    buffer_append_byte(&request, '\n');
    wire_send(wire, buffer_slice(&request));
    wire_expect(wire, "OK 1\n");
    wire_ask(wire, "COUNT ''\n", "OK 0\n");
    buffer_fini(&request);
}
