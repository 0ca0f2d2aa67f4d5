/*
 * The RESP face on the wire: its framing, its bounds, and how it shares a connection with lines.
 */
#include <criterion/criterion.h>

#include "protocol/limits.h"
#include "tests/lib/report.h"
#include "tests/lib/shell.h"
#include "tests/system/array.h"
#include "tests/system/load.h"

#define MIB ((size_t)1024 * 1024)

static struct daemon *server;
static struct wire *wire;
static struct wire *neighbour;

static void start(void)
{
    server = daemon_new();
    daemon_start(server, "--request-timeout", "2", NULL);
    wire = daemon_connect(server);
    neighbour = daemon_connect(server);
}

/* Whatever happened, the neighbour goes on and the daemon stops cleanly. */
static void stop(void)
{
    if (neighbour != NULL) {
        wire_ask(neighbour, "*1\r\n$4\r\nPING\r\n", "+PONG\r\n");
        wire_close(neighbour);
        daemon_stop(server);
    }
    wire_close(wire);
    daemon_free(server);
}

TestSuite(resp, .init = start, .fini = stop, .timeout = 120);

/* Framing ------------------------------------------------------------------------ */

/* What redis-benchmark begins with. A line that ends in LF, or comes behind
 * anything else, is the line face's. */
Test(resp, answers_a_ping_without_an_array_where_nothing_else_was_asked)
{
    wire_ask(wire, "PING\r\n", "+PONG\r\n");
    wire_ask(wire, "PING\r\nPING\r\nPING\n", "+PONG\r\n+PONG\r\nOK \"PONG\"\n");
    wire_ask(wire, "PING\r\nping\r\n", "OK \"PONG\"\r\nOK \"PONG\"\r\n");
    struct wire *other = daemon_connect(server);
    wire_ask(other, "ping\r\nPING\r\n", "OK \"PONG\"\r\nOK \"PONG\"\r\n");
    wire_close(other);
    other = daemon_connect(server);
    wire_ask(other, "*1\r\n$4\r\nPING\r\nPING\r\n", "+PONG\r\nOK \"PONG\"\r\n");
    wire_close(other);
}

Test(resp, request_is_answered_in_resp)
{
    wire_ask(wire, "*3\r\n$3\r\nSET\r\n$1\r\na\r\n$2\r\n\r\n\r\n", "+OK\r\n");
    wire_ask(wire, "*2\r\n$3\r\nGET\r\n$1\r\na\r\n", "$2\r\n\r\n\r\n");
    wire_ask(wire, "*2\r\n$3\r\nget\r\n$1\r\nb\r\n", "$-1\r\n");
    wire_ask(wire, "*2\r\n$3\r\nDEL\r\n$1\r\na\r\n", ":1\r\n");
    wire_ask(wire, "*1\r\n$3\r\nGET\r\n", "-ERR wrong number of arguments for 'get' command\r\n");
    wire_ask(wire, "*3\r\n$5\r\nLPUSH\r\n$1\r\na\r\n$1\r\nb\r\n",
             "-ERR unknown command 'LPUSH', with args beginning with: 'a' 'b' \r\n");
    wire_ask(wire, "*1\r\n$0\r\n\r\n", "-ERR unknown command '', with args beginning with: \r\n");
    wire_ask(wire, "*0\r\n*-1\r\n*1\r\n$4\r\nPING\r\n", "+PONG\r\n");
}

#define FIFTY "yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy"
#define TWENTY_EIGHT "yyyyyyyyyyyyyyyyyyyyyyyyyyyy"

Test(resp, error_about_an_unknown_command_repeats_128_bytes_of_it_and_of_its_arguments)
{
    wire_ask(wire, "*2\r\n$150\r\n" FIFTY FIFTY FIFTY "\r\n$150\r\n" FIFTY FIFTY FIFTY "\r\n",
             "-ERR unknown command '" FIFTY FIFTY TWENTY_EIGHT
             "', with args beginning with: '" FIFTY FIFTY TWENTY_EIGHT "' \r\n");
}

Test(resp, requests_come_in_pipelines)
{
    wire_ask(wire,
             "*3\r\n$3\r\nSET\r\n$1\r\na\r\n$1\r\n1\r\n*3\r\n$3\r\nSET\r\n$1\r\nb\r\n$1\r\n2\r\n"
             "*2\r\n$3\r\nGET\r\n$1\r\na\r\n*3\r\n$3\r\nDEL\r\n$1\r\na\r\n$1\r\nb\r\n"
             "*2\r\n$3\r\nGET\r\n$1\r\nb\r\n*1\r\n$4\r\nPING\r\n",
             "+OK\r\n+OK\r\n$1\r\n1\r\n:2\r\n$-1\r\n+PONG\r\n");
}

/* The question in front shows that the first piece has arrived alone. */
Test(resp, request_may_be_cut_anywhere)
{
    struct slice request = SLICE("*3\r\n$3\r\nSET\r\n$1\r\na\r\n$3\r\nx\r\n\r\n");
    for (size_t cut = 1; cut < request.len; cut++) {
        struct buffer first = {0};
        buffer_append_string(&first, "*1\r\n$4\r\nPING\r\n");
        buffer_append(&first, request.data, cut);
        wire_send(wire, buffer_slice(&first));
        wire_expect(wire, "+PONG\r\n");
        wire_send(wire, slice_of(request.data + cut, request.len - cut));
        wire_expect(wire, "+OK\r\n");
        buffer_fini(&first);
    }
    wire_ask(wire, "GET a\n", "OK \"x\\r\\n\"\n");
}

/* Each request is asked of Redis 7.0.15 too, in tests/unit/resp.c's longer list. */
Test(resp, request_that_is_malformed_is_the_last)
{
    static const char *const cases[][2] = {
        {"*3000000000\r\n", "-ERR Protocol error: invalid multibulk length\r\n"},
        {"*x\r\n", "-ERR Protocol error: invalid multibulk length\r\n"},
        {"*1\r\n$-1\r\n", "-ERR Protocol error: invalid bulk length\r\n"},
        {"*1\r\n$20000000\r\n", "-ERR Protocol error: invalid bulk length\r\n"},
        {"*1\r\nPING\r\n", "-ERR Protocol error: expected '$', got 'P'\r\n"},
        {"*1\r\n*1\r\n$4\r\nPING\r\n", "-ERR Protocol error: expected '$', got '*'\r\n"},
        {"*1\r\n\r\n", "-ERR Protocol error: expected '$', got ' '\r\n"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct wire *other = daemon_connect(server);
        wire_say(other, "*3\r\n$3\r\nSET\r\n$1\r\na\r\n$1\r\n1\r\n");
        wire_say(other, cases[i][0]);
        wire_say(other, "*2\r\n$3\r\nDEL\r\n$1\r\na\r\n");
        wire_expect(other, "+OK\r\n");
        wire_expect(other, cases[i][1]);
        wire_expect_close(other);
        wire_close(other);
        wire_ask(wire, "GET a\n", "OK \"1\"\n");
    }
}

/* Both faces on one connection ------------------------------------------------------ */

Test(resp, requests_and_lines_keep_their_order)
{
    wire_ask(wire,
             "PUT a 1\n*3\r\n$3\r\nSET\r\n$1\r\na\r\n$1\r\n2\r\nGET a\r\n"
             "*2\r\n$3\r\nGET\r\n$1\r\na\r\nPUT a 3\r\nPUT a 4\n"
             "*3\r\n$3\r\nSET\r\n$1\r\nb\r\n$1\r\n5\r\n# a remark\n\nSCAN ''\n"
             "*2\r\n$4\r\nECHO\r\n$6\r\nPING\n*\r\nFROB\n*1\r\n$4\r\nFROB\r\nPING\n",
             "OK\n+OK\r\nOK \"2\"\r\n"
             "$1\r\n2\r\nOK\r\nOK\n"
             "+OK\r\n\"a\" \"4\"\n\"b\" \"5\"\nOK 2\n"
             "$6\r\nPING\n*\r\nERR UNKNOWN_COMMAND \"no command FROB; try HELP\"\n"
             "-ERR unknown command 'FROB', with args beginning with: \r\nOK \"PONG\"\n");
}

Test(resp, transaction_may_have_lines_inside)
{
    struct buffer requests = {0};
    array_append(&requests, SLICE("MULTI"));
    array_append(&requests, SLICE("GET a"));
    buffer_append_string(&requests, "PUT a 1\nGET a\nFROB\n");
    array_append(&requests, SLICE("ECHO hello"));
    array_append(&requests, SLICE("EXEC"));
    buffer_append_string(&requests, "GET a\n");
    wire_send(wire, buffer_slice(&requests));
    wire_expect(wire, "+OK\r\n+QUEUED\r\nOK\nOK \"1\"\n"
                      "ERR UNKNOWN_COMMAND \"no command FROB; try HELP\"\n"
                      "+QUEUED\r\n*2\r\n$1\r\n1\r\n$5\r\nhello\r\nOK \"1\"\n");
    buffer_fini(&requests);
}

Test(resp, transaction_does_not_run_when_a_line_changed_what_it_watches)
{
    array_ask(wire, "WATCH a", "+OK\r\n");
    wire_ask(neighbour, "PUT a 1\n", "OK\n");
    array_ask(wire, "MULTI", "+OK\r\n");
    array_ask(wire, "GET a", "+QUEUED\r\n");
    array_ask(wire, "EXEC", "*-1\r\n");
    array_ask(wire, "GET a", "$1\r\n1\r\n");
}

Test(resp, commands_of_redis_are_refused_inside_a_prefix)
{
    wire_ask(wire, "USE app:\nPUT a 1\n", "OK \"app:\"\nOK\n");
    array_ask(wire, "GET a",
              "-ERR the connection is inside a prefix, see USE; Redis's commands see whole "
              "keys\r\n");
    array_ask(wire, "LEVERET.GET a", "$1\r\n1\r\n");
    array_ask(wire, "LEVERET.SCAN \"\"", "*2\r\n$-1\r\n*2\r\n$1\r\na\r\n$1\r\n1\r\n");
    wire_ask(wire, "USE\n", "OK \"\"\n");
    array_ask(wire, "GET app:a", "$1\r\n1\r\n");
}

Test(resp, commands_of_redis_are_refused_in_a_batch_and_spoil_it)
{
    wire_ask(wire, "BEGIN\nPUT a 1\n", "OK\nOK\n");
    array_ask(wire, "LEVERET.PUT b 2", "+OK\r\n");
    array_ask(wire, "GET a",
              "-ERR a batch is open, see BEGIN; Redis's commands know no batches\r\n");
    wire_ask(wire, "COMMIT\n",
             "ERR BATCH \"a request in the batch failed; nothing was changed\"\n");
    array_ask(wire, "GET b", "$-1\r\n");
}

/* Ends ---------------------------------------------------------------------------- */

Test(resp, half_close_is_not_close)
{
    wire_ask(neighbour, "PUT a 1\n", "OK\n");
    shell_expect(0, "$1\r\n1\r\n+OK\r\n:1\r\n",
                 "printf '*2\\r\\n$3\\r\\nGET\\r\\n$1\\r\\na\\r\\n*3\\r\\n$3\\r\\nSET\\r\\n$1\\r\\n"
                 "b\\r\\n$1\\r\\n2\\r\\n*2\\r\\n$3\\r\\nDEL\\r\\n$1\\r\\nb\\r\\n' | "
                 "nc -N 127.0.0.1 %d",
                 daemon_port(server));
}

Test(resp, request_that_the_input_ends_inside_of_is_passed_over)
{
    wire_say(wire, "PING\n*1\r\n$4\r\nPING\r\n*3\r\n$3\r\nSET\r\n$1\r\na\r\n$1\r\n1");
    wire_finish(wire);
    wire_expect(wire, "OK \"PONG\"\n+PONG\r\n");
    wire_expect_close(wire);
    wire_ask(neighbour, "GET a\n", "NOT_FOUND\n");
}

Test(resp, line_that_the_input_ends_inside_of_is_still_told)
{
    wire_say(wire, "*1\r\n$4\r\nPING\r\nPUT a 1");
    wire_finish(wire);
    wire_expect(wire, "+PONG\r\n"
                      "ERR INCOMPLETE \"the input ended inside this line; it was not run\"\n");
    wire_expect_close(wire);
}

Test(resp, request_that_does_not_arrive_in_time_ends_without_a_word)
{
    wire_say(wire, "PING\n*3\r\n$3\r\nSET\r\n$1\r\na\r\n");
    wire_expect(wire, "OK \"PONG\"\n");
    wire_expect_close(wire);
    wire_ask(neighbour, "GET a\n", "NOT_FOUND\n");
}

Test(resp, request_that_has_not_arrived_when_the_server_stops_is_passed_over)
{
    wire_say(wire, "PING\n*3\r\n$3\r\nSET\r\n");
    wire_expect(wire, "OK \"PONG\"\n");
    wire_close(neighbour);
    neighbour = NULL;
    daemon_stop(server);
    wire_expect_close(wire);
}

/* Bounds -------------------------------------------------------------------------- */

/* A SET of so many bytes of key and value. */
static struct buffer set_of(size_t key, size_t value)
{
    struct buffer request = {0};
    buffer_append_string(&request, "*3\r\n$3\r\nSET\r\n$");
    buffer_append_u64(&request, key);
    buffer_append_string(&request, "\r\n");
    cr_assert(buffer_reserve(&request, key + value + 64));
    memset(request.data + request.len, 'k', key);
    request.len += key;
    buffer_append_string(&request, "\r\n$");
    buffer_append_u64(&request, value);
    buffer_append_string(&request, "\r\n");
    memset(request.data + request.len, 'v', value);
    request.len += value;
    buffer_append_string(&request, "\r\n");
    return request;
}

/* Reads a bulk string of so many bytes. */
static void expect_value(struct wire *reader, size_t bytes)
{
    struct buffer reply = {0};
    buffer_append_string(&reply, "$");
    buffer_append_u64(&reply, bytes);
    buffer_append_string(&reply, "\r\n");
    cr_assert(buffer_reserve(&reply, bytes + 2));
    memset(reply.data + reply.len, 'v', bytes);
    reply.len += bytes;
    buffer_append_string(&reply, "\r\n");
    wire_expect_bytes(reader, buffer_slice(&reply));
    buffer_fini(&reply);
}

Test(resp, value_may_be_as_large_as_the_limit_and_no_larger)
{
    struct buffer fits = set_of(1, LIMIT_VALUE);
    struct buffer larger = set_of(1, LIMIT_VALUE + 1);
    wire_send(wire, buffer_slice(&fits));
    wire_expect(wire, "+OK\r\n");
    array_say(wire, "GET k");
    expect_value(wire, LIMIT_VALUE);
    wire_push(wire, slice_of(larger.data, 64), 1000);
    wire_expect(wire, "-ERR Protocol error: invalid bulk length\r\n");
    wire_expect_close(wire);
    buffer_fini(&fits);
    buffer_fini(&larger);
}

Test(resp, key_may_be_as_large_as_the_limit_and_no_larger)
{
    struct buffer fits = set_of(LIMIT_KEY, 1);
    struct buffer larger = set_of(LIMIT_KEY + 1, 1);
    wire_send(wire, buffer_slice(&fits));
    wire_expect(wire, "+OK\r\n");
    wire_send(wire, buffer_slice(&larger));
    wire_expect(wire, "-LIMIT the key is longer than 64 KiB\r\n");
    array_ask(wire, "MULTI", "+OK\r\n");
    wire_send(wire, buffer_slice(&larger));
    wire_expect(wire, "-LIMIT the key is longer than 64 KiB\r\n");
    array_ask(wire, "EXEC", "-EXECABORT Transaction discarded because of previous errors.\r\n");
    wire_ask(wire, "COUNT ''\n", "OK 1\n");
    buffer_fini(&fits);
    buffer_fini(&larger);
}

#define DECLARERS 64

/* 64 peers that together declare a petabyte. */
Test(resp, memory_is_not_taken_for_what_was_only_declared)
{
    struct wire *declarers[DECLARERS];
    size_t before = daemon_rss(server);
    for (size_t i = 0; i < DECLARERS; i++) {
        declarers[i] = daemon_connect(server);
        wire_say(declarers[i], "PING\n*1000000\r\n$16000000\r\nabc");
        wire_expect(declarers[i], "OK \"PONG\"\n");
    }
    size_t now = daemon_rss(server);
    cr_assert(now < before + MIB, "grew from %zu to %zu KiB", before / 1024, now / 1024);
    for (size_t i = 0; i < DECLARERS; i++)
        wire_close(declarers[i]);
}

#define LARGE (10 * 1000 * 1000)
#define LARGE_GETS 100

/* A gigabyte of replies is made as it is taken. */
Test(resp, slow_reader_of_large_values_costs_no_more_than_one_of_them)
{
    struct buffer request = set_of(1, LARGE);
    wire_send(neighbour, buffer_slice(&request));
    wire_expect(neighbour, "+OK\r\n");
    array_say(neighbour, "GET k");
    expect_value(neighbour, LARGE);
    size_t before = daemon_rss(server);
    buffer_clear(&request);
    for (unsigned i = 0; i < LARGE_GETS; i++)
        array_append(&request, SLICE("GET k"));
    wire_push(wire, buffer_slice(&request), 1000);
    for (unsigned i = 0; i < LARGE_GETS; i++) {
        wire_ask(neighbour, "PING\n", "OK \"PONG\"\n");
        size_t now = daemon_rss(server);
        cr_assert(now < before + 64 * MIB, "grew from %zu to %zu MiB", before / MIB, now / MIB);
        expect_value(wire, LARGE);
    }
    buffer_fini(&request);
}

Test(resp, request_may_have_as_many_words_as_the_limit)
{
    struct buffer request = {0};
    buffer_append_string(&request, "*1048576\r\n$3\r\nDEL\r\n");
    for (size_t i = 1; i < LIMIT_WORDS; i++)
        buffer_append_string(&request, "$1\r\na\r\n");
    wire_ask(wire, "PUT a 1\n", "OK\n");
    wire_send(wire, buffer_slice(&request));
    wire_expect(wire, ":1\r\n");
    buffer_fini(&request);
}
