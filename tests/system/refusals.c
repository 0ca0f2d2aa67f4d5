/*
 * Bad input, each with the exact words it gets, and a neighbour on another connection that notices
 * nothing.
 */
#include <criterion/criterion.h>
#include <stdio.h>

#include "tests/lib/daemon.h"
#include "tests/lib/report.h"

static struct daemon *server;
static struct wire *wire;
static struct wire *neighbour;

static void start(void)
{
    server = daemon_run();
    wire = daemon_connect(server);
    neighbour = daemon_connect(server);
    wire_ask(neighbour, "PUT n 1\n", "OK\n");
}

/* Whatever happened, the neighbour goes on and the daemon stops cleanly. */
static void stop(void)
{
    wire_ask(neighbour, "GET n\n", "OK \"1\"\n");
    wire_ask(neighbour, "DEL n\n", "OK 1\n");
    wire_close(wire);
    wire_close(neighbour);
    daemon_stop(server);
    daemon_free(server);
}

TestSuite(refusal, .init = start, .fini = stop, .timeout = 60);

/* The request is refused with these words, and the connection goes on. */
static void expect_refusal(const char *request, const char *reply)
{
    wire_ask(wire, request, reply);
    wire_ask(wire, "PING\n", "OK \"PONG\"\n");
}

Test(refusal, of_unclosed_quotes)
{
    const char *reply = "ERR SYNTAX \"a quote is not closed\"\n";
    expect_refusal("GET \"\n", reply);
    expect_refusal("PUT a 'b\n", reply);
    expect_refusal("PUT a \"b\\\"\n", reply);
    expect_refusal("\"\n", reply);
    expect_refusal("'\n", reply);
}

Test(refusal, of_bad_escapes)
{
    const char *reply = "ERR SYNTAX \"a bad escape; these are known: \\\\n \\\\r \\\\t \\\\\\\\ "
                        "\\\\\\\" \\\\xHH\"\n";
    expect_refusal("GET \"\\z\"\n", reply);
    expect_refusal("GET \"\\x1\"\n", reply);
    expect_refusal("GET \"\\xgg\"\n", reply);
    expect_refusal("GET \"\\u0041\"\n", reply);
}

Test(refusal, of_text_behind_a_closing_quote)
{
    const char *reply =
        "ERR SYNTAX \"a closing quote is followed by a space or the end of the line\"\n";
    expect_refusal("PUT a \"b\"c\n", reply);
    expect_refusal("PUT 'a''b'\n", reply);
}

Test(refusal, of_a_nul_byte)
{
    wire_send(wire, SLICE("PUT a b\0c\nPING\n"));
    wire_expect(wire, "ERR SYNTAX \"a NUL byte in the line; write it as \\\\x00 inside double "
                      "quotes\"\nOK \"PONG\"\n");
    wire_send(wire, SLICE("\0\n"));
    wire_expect(wire, "ERR SYNTAX \"a NUL byte in the line; write it as \\\\x00 inside double "
                      "quotes\"\n");
    wire_ask(wire, "EXISTS a\n", "OK 0\n");
    wire_ask(wire, "PUT a \"b\\x00c\"\n", "OK\n");
    wire_ask(wire, "GET a\n", "OK \"b\\x00c\"\n");
}

Test(refusal, of_unknown_commands)
{
    expect_refusal("FROB\n", "ERR UNKNOWN_COMMAND \"no command FROB; try HELP\"\n");
    expect_refusal("frob a b c\n", "ERR UNKNOWN_COMMAND \"no command frob; try HELP\"\n");
    expect_refusal("\"\"\n", "ERR UNKNOWN_COMMAND \"no command ; try HELP\"\n");
    expect_refusal("GET\tkey\n", "ERR UNKNOWN_COMMAND \"no command GET\\tkey; try HELP\"\n");
}

/* A name that is a megabyte long, or no text at all, must not come back as it is. */
Test(refusal, of_an_absurd_command_name_is_short)
{
    struct buffer request = {0};
    for (unsigned i = 0; i < 1000000; i++)
        buffer_append_byte(&request, '\xff');
    buffer_append_byte(&request, '\n');
    wire_send(wire, buffer_slice(&request));
    struct slice reply = wire_reply(wire);
    cr_assert(slice_has_prefix(reply, SLICE("ERR UNKNOWN_COMMAND \"no command \\xFF")), "%s",
              report_show(reply));
    cr_assert(reply.len < 2000, "%zu bytes", reply.len);
    buffer_fini(&request);
    wire_ask(wire, "PING\n", "OK \"PONG\"\n");
}

Test(refusal, of_the_wrong_number_of_arguments)
{
    static const char *const cases[][2] = {
        {"GET\n", "ERR ARGS \"usage: GET key [AT snapshot] [VERIFY] [NOCACHE]\"\n"},
        {"GET a b c d e f\n", "ERR ARGS \"usage: GET key [AT snapshot] [VERIFY] [NOCACHE]\"\n"},
        {"MGET\n", "ERR ARGS \"usage: MGET key... [AT snapshot]\"\n"},
        {"EXISTS\n", "ERR ARGS \"usage: EXISTS key...\"\n"},
        {"PUT a\n", "ERR ARGS \"usage: PUT key value [NX|XX|IFEQ old]\"\n"},
        {"PUT a b c d e\n", "ERR ARGS \"usage: PUT key value [NX|XX|IFEQ old]\"\n"},
        {"SET a\n", "ERR ARGS \"usage: PUT key value [NX|XX|IFEQ old]\"\n"},
        {"MPUT a\n", "ERR ARGS \"usage: MPUT key value [key value]...\"\n"},
        {"MPUT a 1 b\n", "ERR ARGS \"MPUT takes pairs: the last key has no value\"\n"},
        {"DEL\n", "ERR ARGS \"usage: DEL key...\"\n"},
        {"SNAPSHOT TTL 5 6\n", "ERR ARGS \"usage: SNAPSHOT [TTL seconds]\"\n"},
        {"RELEASE\n", "ERR ARGS \"usage: RELEASE snapshot\"\n"},
        {"USE + a b\n", "ERR ARGS \"usage: USE [prefix|+ prefix]\"\n"},
        {"PING a b\n", "ERR ARGS \"usage: PING [text]\"\n"},
        {"HELP a b\n", "ERR ARGS \"usage: HELP [command]\"\n"},
        {"INFO a b\n", "ERR ARGS \"usage: INFO [section]\"\n"},
        {"QUIT now\n", "ERR ARGS \"usage: QUIT\"\n"},
        {"LIST\n",
         "ERR ARGS \"usage: LIST prefix [DELIM text] [AFTER child] [LIMIT n] [AT snapshot]\"\n"},
        {"COUNT\n", "ERR ARGS \"usage: COUNT prefix [FROM key|AFTER key] [TO key|THROUGH key] "
                    "[REVERSE] [LIMIT n] [AT snapshot] [VERIFY] [NOCACHE]\"\n"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        expect_refusal(cases[i][0], cases[i][1]);
}

Test(refusal, of_limits_that_are_no_number_of_rows)
{
    static const char *const limits[] = {
        "0",
        "-1",
        "+1",
        "1.5",
        "1e3",
        "ten",
        "''",
        "' 1'",
        "9223372036854775808",
        "18446744073709551615",
        "18446744073709551617",
        "99999999999999999999999999999999999999999999999999",
    };
    for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
        static const char *const commands[] = {"SCAN", "COUNT", "LIST"};
        for (size_t j = 0; j < 3; j++) {
            char request[128];
            snprintf(request, sizeof(request), "%s '' LIMIT %s\n", commands[j], limits[i]);
            expect_refusal(request, "ERR BADARG \"LIMIT takes a whole number from 1 to "
                                    "9223372036854775807\"\n");
        }
    }
    wire_ask(wire, "SCAN '' LIMIT 9223372036854775807\n", "\"n\" \"1\"\nOK 1\n");
}

/* Each is a BADARG with a sentence, and the connection goes on. */
static void expect_badarg(const char *const *requests, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        wire_say(wire, requests[i]);
        struct slice reply = wire_reply(wire);
        cr_assert(slice_has_prefix(reply, SLICE("ERR BADARG \"")), "%s got %s", requests[i],
                  report_show(reply));
        wire_ask(wire, "PING\n", "OK \"PONG\"\n");
    }
}

Test(refusal, of_range_words_that_make_no_sense)
{
    static const char *const requests[] = {
        "SCAN '' FROM\n",
        "SCAN '' FROM a AFTER b\n",
        "SCAN '' TO a THROUGH b\n",
        "SCAN '' FROM a FROM b\n",
        "SCAN '' LIMIT\n",
        "SCAN '' LIMIT 1 LIMIT 2\n",
        "SCAN '' REVERSE REVERSE\n",
        "SCAN '' KEYS VALUES\n",
        "SCAN '' KEYS KEYS\n",
        "SCAN '' DELIM :\n",
        "COUNT '' KEYS\n",
        "COUNT '' VALUES\n",
        "LIST '' REVERSE\n",
        "LIST '' FROM a\n",
        "LIST '' DELIM ''\n",
        "LIST '' DELIM\n",
        "LIST '' AFTER a AFTER b\n",
        "SCAN '' FROM b TO a\n",
        "COUNT '' AFTER b THROUGH a\n",
        "SIZE '' FROM b TO a\n",
        "SCAN '' BYTES 0\n",
        "SCAN '' BYTES -1\n",
        "SCAN '' BYTES 1K\n",
        "SCAN '' BYTES 1 BYTES 1\n",
        "COUNT '' BYTES 1\n",
        "SCAN '' BYTES\n",
        "SCAN '' BYTES 9223372036854775808\n",
    };
    expect_badarg(requests, sizeof(requests) / sizeof(requests[0]));
}

Test(refusal, of_views_that_make_no_sense)
{
    static const char *const requests[] = {
        "SCAN '' AT\n",
        "SCAN '' AT yesterday\n",
        "SCAN '' AT now AT now\n",
        "LIST '' AT -1\n",
        "LIST '' VERIFY\n",
        "GET a AT\n",
        "GET a AT yesterday\n",
        "GET a REVERSE\n",
        "SNAPSHOT TTL\n",
        "SNAPSHOT FOR 5\n",
        "SNAPSHOT TTL 0\n",
        "SNAPSHOT TTL 86401\n",
        "RELEASE yesterday\n",
        "GET a b\n",
        "GET a AT b\n",
        "GET a AT -1\n",
        "GET a AT ''\n",
        "GET a AT NOW AT NOW\n",
        "GET a VERIFY VERIFY\n",
        "GET a LIMIT 1\n",
        "SCAN '' NOCACHE NOCACHE\n",
        "SIZE '' AT NOW\n",
        "SNAPSHOT 10\n",
        "SNAPSHOT TTL soon\n",
        "SNAPSHOT FOR 10\n",
        "RELEASE NOW\n",
        "RELEASE ''\n",
    };
    expect_badarg(requests, sizeof(requests) / sizeof(requests[0]));
}

Test(refusal, of_words_about_the_session_that_make_no_sense)
{
    static const char *const requests[] = {
        "USE a b\n",
        "INFO weather\n",
    };
    expect_badarg(requests, sizeof(requests) / sizeof(requests[0]));
}

Test(refusal, of_batches_without_an_end_or_a_beginning)
{
    expect_refusal("COMMIT\n", "ERR BATCH \"no batch is open\"\n");
    expect_refusal("ABORT\n", "ERR BATCH \"no batch is open\"\n");
    wire_ask(wire, "BEGIN\nPUT a 1\n", "OK\nOK\n");
    expect_refusal("BEGIN\n", "ERR BATCH \"a batch is open already\"\n");
    expect_refusal("INCR n\n",
                   "ERR BATCH \"INCR answers its sum at once, so it cannot be in a batch\"\n");
    expect_refusal("COMMIT\n",
                   "ERR BATCH \"a request in the batch failed; nothing was changed\"\n");
    wire_ask(neighbour, "GET a\n", "NOT_FOUND\n");
}

Test(refusal, of_help_for_what_does_not_exist)
{
    wire_say(wire, "HELP frob\n");
    struct slice reply = wire_reply(wire);
    cr_assert(slice_has_prefix(reply, SLICE("ERR ")), "%s", report_show(reply));
    wire_ask(wire, "PING\n", "OK \"PONG\"\n");
}

#define NOT_HTTP "ERR FOREIGN \"this is not an HTTP server; quote a value that ends in HTTP/1.1\""

Test(refusal, of_http_closes)
{
    wire_ask(wire, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", NOT_HTTP "\r\n");
    wire_expect_close(wire);
}

/* The attack of a browser: a form whose body holds commands. Not one of them may run. */
Test(refusal, of_an_http_post_runs_nothing_of_its_body)
{
    wire_ask(wire,
             "POST / HTTP/1.1\r\nHost: localhost:5383\r\nContent-Length: 20\r\n\r\n"
             "PUT evil 1\r\nDEL n\r\n",
             NOT_HTTP "\r\n");
    wire_expect_close(wire);
    wire_ask(neighbour, "EXISTS evil n\n", "OK 1\n");
}

Test(refusal, of_a_host_header_closes)
{
    wire_ask(wire, "Host: localhost\nPUT evil 1\n", NOT_HTTP "\n");
    wire_expect_close(wire);
    wire_ask(neighbour, "EXISTS evil\n", "OK 0\n");
}

Test(refusal, of_a_tls_hello_closes_before_any_line_ends)
{
    wire_send(wire, SLICE("\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03"));
    wire_expect(wire, "ERR FOREIGN \"this port does not speak TLS\"\n");
    wire_expect_close(wire);
}

Test(refusal, of_half_a_line_before_the_end_of_input)
{
    wire_say(wire, "PUT whole 1\nPUT half 1");
    wire_finish(wire);
    wire_expect(wire, "OK\nERR INCOMPLETE \"the input ended inside this line; it was not run\"\n");
    wire_expect_close(wire);
    wire_ask(neighbour, "MGET whole half\n", "\"whole\" \"1\"\n\"half\"\nOK 1\n");
}

Test(refusal, of_half_a_line_before_a_close_concerns_nobody)
{
    for (unsigned i = 0; i < 50; i++) {
        struct wire *brief = daemon_connect(server);
        wire_say(brief, "PUT half 1");
        if (i % 2 == 0)
            wire_reset(brief);
        else
            wire_close(brief);
        wire_ask(neighbour, "GET n\n", "OK \"1\"\n");
    }
    wire_ask(neighbour, "EXISTS half\n", "OK 0\n");
}

/* Bytes that are no requests at all: always an answer or a close, never an end of the daemon. */
Test(refusal, of_noise)
{
    static const char *const noises[] = {
        "\x80\x81\x82\xff\xfe\n",
        "\x1b[31m\n",
        "$4\r\nPING\r\n",
        "{\"op\":\"get\"}\n",
        "<?xml version=\"1.0\"?>\n",
        "SSH-2.0-OpenSSH_9.2\r\n",
        "EHLO example.org\r\n",
    };
    for (size_t i = 0; i < sizeof(noises) / sizeof(noises[0]); i++) {
        struct wire *other = daemon_connect(server);
        wire_say(other, noises[i]);
        struct slice reply = wire_reply(other);
        cr_assert(slice_has_prefix(reply, SLICE("ERR ")), "%s got %s",
                  report_show(slice_from_string(noises[i])), report_show(reply));
        wire_close(other);
    }
}
