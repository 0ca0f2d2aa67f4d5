/*
 * Pipelining, order, half-close, and many connections at once.
 */
#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>

#include "tests/lib/chance.h"
#include "tests/lib/daemon.h"
#include "tests/lib/report.h"

static struct daemon *server;

static void start(void)
{
    server = daemon_run();
}

static void stop(void)
{
    daemon_free(server);
}

TestSuite(pipeline, .init = start, .fini = stop, .timeout = 90);

static void append(struct buffer *out, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void append(struct buffer *out, const char *format, ...)
{
    char text[256];
    va_list list;
    va_start(list, format);
    vsnprintf(text, sizeof(text), format, list);
    va_end(list);
    buffer_append_string(out, text);
}

Test(pipeline, is_answered_in_order)
{
    struct wire *wire = daemon_connect(server);
    wire_say(wire, "PING 1\nPUT a 1\nPUT b 2\nGET a\nDEL a nothing\nGET a\nPUT a 3\nSCAN ''\n"
                   "FROB\nMGET b c\nGET \"open\nEXISTS a b\nPUT a\nPING 2\n");
    wire_expect(wire, "OK \"1\"\nOK\nOK\nOK \"1\"\nOK 1\nNOT_FOUND\nOK\n"
                      "\"a\" \"3\"\n\"b\" \"2\"\nOK 2\n"
                      "ERR UNKNOWN_COMMAND \"no command FROB; try HELP\"\n"
                      "\"b\" \"2\"\n\"c\"\nOK 1\n"
                      "ERR SYNTAX \"a quote is not closed\"\nOK 2\n"
                      "ERR ARGS \"usage: PUT key value [NX|XX|IFEQ old]\"\nOK \"2\"\n");
    wire_close(wire);
}

Test(pipeline, mixes_line_endings_reply_by_reply)
{
    struct wire *wire = daemon_connect(server);
    wire_say(wire, "PUT a 1\r\nPUT b 2\nPUT c 3\r\nSCAN ''\r\nGET a\nGET b\r\n");
    wire_expect(wire, "OK\r\nOK\nOK\r\n"
                      "\"a\" \"1\"\r\n\"b\" \"2\"\r\n\"c\" \"3\"\r\nOK 3\r\n"
                      "OK \"1\"\nOK \"2\"\r\n");
    wire_close(wire);
}

Test(pipeline, a_read_sees_the_writes_before_it_and_none_behind_it)
{
    struct wire *wire = daemon_connect(server);
    struct buffer requests = {0};
    struct buffer expected = {0};
    for (unsigned i = 0; i < 2000; i++) {
        append(&requests, "PUT k %u\nGET k\n", i);
        append(&expected, "OK\nOK \"%u\"\n", i);
    }
    wire_send(wire, buffer_slice(&requests));
    wire_expect_bytes(wire, buffer_slice(&expected));
    buffer_fini(&requests);
    buffer_fini(&expected);
    wire_close(wire);
}

Test(pipeline, a_run_of_writes_is_all_there_for_the_scan_behind_it)
{
    struct wire *wire = daemon_connect(server);
    struct buffer requests = {0};
    for (unsigned i = 0; i < 20000; i++)
        append(&requests, "PUT k%05u v%u\n", i, i);
    append(&requests, "COUNT k\nDEL k00000 k19999\nSCAN k KEYS\n");
    wire_send(wire, buffer_slice(&requests));
    for (unsigned i = 0; i < 20000; i++)
        wire_expect(wire, "OK\n");
    wire_expect(wire, "OK 20000\nOK 2\n");
    for (unsigned i = 1; i < 19999; i++) {
        char row[32];
        snprintf(row, sizeof(row), "\"k%05u\"\n", i);
        wire_expect(wire, row);
    }
    wire_expect(wire, "OK 19998\n");
    buffer_fini(&requests);
    wire_close(wire);
}

/* What one random request is and what it must answer, given a store of ten counters. */
static void any_request(struct chance *chance, unsigned values[10], struct buffer *requests,
                        struct buffer *expected)
{
    unsigned key = (unsigned)chance_below(chance, 10);
    switch (chance_below(chance, 4)) {
    case 0:
        values[key] = (unsigned)chance_below(chance, 1000000) + 1;
        append(requests, "PUT %u %u\n", key, values[key]);
        append(expected, "OK\n");
        break;
    case 1:
        append(requests, "DEL %u\n", key);
        append(expected, "OK %d\n", values[key] != 0);
        values[key] = 0;
        break;
    case 2:
        append(requests, "EXISTS %u %u\n", key, key);
        append(expected, "OK %d\n", values[key] != 0 ? 2 : 0);
        break;
    default:
        append(requests, "GET %u\n", key);
        if (values[key] == 0)
            append(expected, "NOT_FOUND\n");
        else
            append(expected, "OK \"%u\"\n", values[key]);
        break;
    }
}

Test(pipeline, of_random_reads_and_writes_answers_as_if_sent_one_by_one)
{
    struct wire *wire = daemon_connect(server);
    struct chance chance = {40};
    struct buffer requests = {0};
    struct buffer expected = {0};
    unsigned values[10] = {0};
    for (unsigned i = 0; i < 20000; i++)
        any_request(&chance, values, &requests, &expected);
    wire_send(wire, buffer_slice(&requests));
    wire_expect_bytes(wire, buffer_slice(&expected));
    buffer_fini(&requests);
    buffer_fini(&expected);
    wire_close(wire);
}

Test(pipeline, gets_its_whole_reply_after_half_close)
{
    struct wire *wire = daemon_connect(server);
    struct buffer requests = {0};
    for (unsigned i = 0; i < 5000; i++)
        append(&requests, "PUT k%05u a-value-that-makes-the-reply-larger-than-a-packet\n", i);
    append(&requests, "SCAN k\nGET k00001\nPUT last 1\n");
    wire_send(wire, buffer_slice(&requests));
    wire_finish(wire);
    for (unsigned i = 0; i < 5000; i++)
        wire_expect(wire, "OK\n");
    struct slice ending;
    cr_assert_eq(wire_skip_reply(wire, &ending), 5000);
    report_equal("ending", ending, SLICE("OK 5000"));
    wire_expect(wire, "OK \"a-value-that-makes-the-reply-larger-than-a-packet\"\nOK\n");
    wire_expect_close(wire);
    wire_close(wire);
    buffer_fini(&requests);
}

Test(pipeline, ends_at_once_when_nothing_is_asked)
{
    struct wire *wire = daemon_connect(server);
    wire_finish(wire);
    wire_expect_close(wire);
    wire_close(wire);
    wire = daemon_connect(server);
    wire_say(wire, "\n# only a remark\n");
    wire_finish(wire);
    wire_expect_close(wire);
    wire_close(wire);
}

Test(pipeline, behind_quit_is_not_answered)
{
    struct wire *wire = daemon_connect(server);
    wire_say(wire, "PUT a 1\nQUIT\nPUT a 2\nPING\n");
    wire_expect(wire, "OK\nOK\n");
    wire_expect_close(wire);
    wire_close(wire);
    wire = daemon_connect(server);
    wire_ask(wire, "GET a\n", "OK \"1\"\n");
    wire_close(wire);
}

#define MANY 500

Test(connections, are_many_and_all_are_answered, .init = start, .fini = stop, .timeout = 90)
{
    static struct wire *wires[MANY];
    char text[64];
    for (unsigned i = 0; i < MANY; i++) {
        wires[i] = daemon_connect(server);
        snprintf(text, sizeof(text), "PUT k%03u %u\nGET k%03u\n", i, i, i);
        wire_say(wires[i], text);
    }
    for (unsigned i = 0; i < MANY; i++) {
        snprintf(text, sizeof(text), "OK\nOK \"%u\"\n", i);
        wire_expect(wires[i], text);
    }
    cr_assert(daemon_info(server, "connections") >= MANY);
    for (unsigned i = 0; i < MANY; i++)
        wire_ask(wires[i], "COUNT k\n", "OK 500\n");
    for (unsigned i = 0; i < MANY; i++)
        wire_close(wires[i]);
}

Test(connections, see_each_others_acknowledged_writes, .init = start, .fini = stop, .timeout = 90)
{
    struct wire *writer = daemon_connect(server);
    struct wire *reader = daemon_connect(server);
    char put[64];
    char get[64];
    for (unsigned i = 0; i < 500; i++) {
        snprintf(put, sizeof(put), "PUT k %u\n", i);
        snprintf(get, sizeof(get), "OK \"%u\"\n", i);
        wire_ask(writer, put, "OK\n");
        wire_ask(reader, "GET k\n", get);
    }
    wire_close(writer);
    wire_close(reader);
}
