/*
 * What the daemon counts of requests by command, shown by INFO on both faces.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/lib/daemon.h"
#include "tests/lib/report.h"

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

TestSuite(counting, .init = start, .fini = stop, .timeout = 60);

/* A row or line of the reply must hold this. */
static void expect_part(struct slice reply, const char *part)
{
    cr_assert(memmem(reply.data, reply.len, part, strlen(part)) != NULL, "no %s in %s", part,
              report_show(reply));
}

static void expect_info(const char *part)
{
    wire_say(wire, "INFO commands\n");
    expect_part(wire_reply(wire), part);
}

Test(counting, each_request_counts_once_under_its_name)
{
    wire_ask(wire, "PUT a 1\nput b 2\nSET c 3\n", "OK\nOK\nOK\n");
    wire_ask(wire, "GET a\nGET nothing\n", "OK \"1\"\nNOT_FOUND\n");
    wire_ask(wire, "SCAN '' LIMIT 1\n", "\"a\" \"1\"\nOK 1 MORE \"a\"\n");
    expect_info("\"command_PUT\" \"calls=3 failed=0 p50_us=");
    expect_info("\"command_GET\" \"calls=2 failed=0 p50_us=");
    expect_info("\"command_SCAN\" \"calls=1 failed=0 p50_us=");
}

/* More rows than a turn makes, so that it ends in a later one. */
Test(counting, a_reply_of_many_turns_counts_once)
{
    struct slice ending;
    struct buffer rows = {0};
    for (unsigned i = 0; i < 20000; i++) {
        char row[64];
        snprintf(row, sizeof(row), "PUT row%05u \"%032u\"\n", i, i);
        buffer_append_string(&rows, row);
    }
    wire_send(wire, buffer_slice(&rows));
    for (unsigned i = 0; i < 20000; i++)
        wire_expect(wire, "OK\n");
    wire_say(wire, "SCAN row\n");
    cr_assert_eq(wire_skip_reply(wire, &ending), 20000);
    expect_info("\"command_PUT\" \"calls=20000 failed=0 ");
    expect_info("\"command_SCAN\" \"calls=1 failed=0 ");
    buffer_fini(&rows);
}

Test(counting, errors_count_by_command_and_by_code)
{
    wire_ask(wire, "PUT a word\n", "OK\n");
    wire_ask(wire, "INCR a\n", "ERR NOT_NUMBER \"the key holds no whole number of 64 bits\"\n");
    wire_say(wire, "GET\n");
    wire_reply(wire);
    wire_say(wire, "FROB\n");
    wire_reply(wire);
    wire_say(wire, "GET \"a\n");
    wire_reply(wire);
    expect_info("\"command_INCR\" \"calls=1 failed=1 ");
    expect_info("\"command_GET\" \"calls=1 failed=1 ");
    expect_info("\"requests_unknown\" \"calls=1 failed=1 ");
    expect_info("\"requests_malformed\" \"calls=1 failed=1 ");
    expect_info("\"error_NOT_NUMBER\" \"1\"");
    expect_info("\"error_UNKNOWN_COMMAND\" \"1\"");
    expect_info("\"error_ARGS\" \"1\"");
    expect_info("\"error_SYNTAX\" \"1\"");
}

/* NOT_FOUND and CONFLICT are answers. */
Test(counting, answers_that_are_no_errors_do_not_count_as_such)
{
    wire_ask(wire, "PUT a 1\nPUT a 2 NX\nGET b\n", "OK\nCONFLICT \"a\"\nNOT_FOUND\n");
    wire_say(wire, "INFO commands\n");
    struct slice reply = wire_reply(wire);
    cr_assert(memmem(reply.data, reply.len, "error_", 6) == NULL, "%s", report_show(reply));
    expect_part(reply, "\"command_PUT\" \"calls=2 failed=0 ");
}

Test(counting, a_follower_counts_when_it_begins)
{
    struct wire *follower = daemon_connect(server);
    wire_say(follower, "FOLLOW ''\n");
    wire_line(follower);
    expect_info("\"command_FOLLOW\" \"calls=1 failed=0 p50_us=0 p99_us=0\"");
    wire_ask(wire, "PUT a 1\n", "OK\n");
    wire_line(follower);
    wire_close(follower);
    expect_info("\"command_FOLLOW\" \"calls=1 failed=0 p50_us=0 p99_us=0\"");
}

/* The text of one section of Redis's INFO. */
static struct slice ask_redis(const char *section)
{
    char request[80];
    snprintf(request, sizeof(request), "*2\r\n$4\r\nINFO\r\n$%zu\r\n%s\r\n", strlen(section),
             section);
    wire_say(wire, request);
    struct slice head = wire_line(wire);
    cr_assert_eq(head.data[0], '$', "%s", report_show(head));
    return wire_take(wire, (size_t)atoi(head.data + 1) + 2);
}

Test(counting, redis_tools_find_it_where_redis_has_it)
{
    wire_ask(wire, "*3\r\n$3\r\nSET\r\n$1\r\na\r\n$1\r\nb\r\n", "+OK\r\n");
    wire_ask(wire, "*2\r\n$3\r\nGET\r\n$1\r\na\r\n", "$1\r\nb\r\n");
    wire_ask(wire, "*2\r\n$11\r\nLEVERET.GET\r\n$1\r\na\r\n", "$1\r\nb\r\n");
    wire_ask(wire, "*2\r\n$4\r\nINCR\r\n$1\r\na\r\n",
             "-ERR value is not an integer or out of range\r\n");
    expect_part(ask_redis("commandstats"), "cmdstat_get:calls=1,usec=");
    expect_part(ask_redis("commandstats"), "cmdstat_leveret.get:calls=1,usec=");
    struct slice stats = ask_redis("commandstats");
    expect_part(stats, "cmdstat_incr:calls=1,usec=");
    expect_part(stats, "rejected_calls=0,failed_calls=1\r\n");
    expect_part(ask_redis("latencystats"), "latency_percentiles_usec_set:p50=");
    expect_part(ask_redis("errorstats"), "errorstat_ERR:count=1\r\n");
}

Test(counting, bytes_are_those_of_clients)
{
    uint64_t received = daemon_info(server, "bytes_received");
    uint64_t sent = daemon_info(server, "bytes_sent");
    wire_ask(wire, "PING 0123456789\n", "OK \"0123456789\"\n");
    cr_assert(daemon_info(server, "bytes_received") >= received + 16);
    cr_assert(daemon_info(server, "bytes_sent") >= sent + 16);
}
