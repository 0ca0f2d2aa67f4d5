/*
 * MULTI, EXEC, DISCARD: as Redis 7.0 does, byte for byte, and atomic as every
 * write is here.
 */
#include <criterion/criterion.h>
#include <stdio.h>

#include "tests/lib/report.h"
#include "tests/system/array.h"
#include "tests/system/follower.h"
#include "tests/system/gate.h"

#define ABORTED "-EXECABORT Transaction discarded because of previous errors.\r\n"
#define NO_MULTI "-ERR EXEC without MULTI\r\n"

static struct daemon *server;
static struct gate *gate;
static struct wire *wire;
static struct wire *other;

static void start(void)
{
    server = daemon_new();
    gate = gate_open(server);
    daemon_start(server, NULL);
    wire = daemon_connect(server);
    other = daemon_connect(server);
}

static void stop(void)
{
    wire_close(wire);
    wire_close(other);
    daemon_stop(server);
    daemon_free(server);
}

TestSuite(redis_transactions, .init = start, .fini = stop, .timeout = 120);

static void ask(const char *request, const char *reply)
{
    array_ask(wire, request, reply);
}

static void expect_beginning(struct wire *from, const char *beginning)
{
    struct slice line = wire_line(from);
    cr_assert(slice_has_prefix(line, slice_from_string(beginning)), "expected %s and got %s",
              beginning, report_show(line));
}

static void restart(void)
{
    wire_close(wire);
    wire_close(other);
    other = NULL;
    daemon_start(server, NULL);
    wire = daemon_connect(server);
}

/* Running ------------------------------------------------------------------------------ */

Test(redis_transactions, answer_all_at_once)
{
    ask("MULTI", "+OK\r\n");
    ask("SET a 1", "+QUEUED\r\n");
    ask("INCR a", "+QUEUED\r\n");
    ask("MGET a none", "+QUEUED\r\n");
    ask("EXISTS a a none", "+QUEUED\r\n");
    ask("PING", "+QUEUED\r\n");
    ask("UNWATCH", "+QUEUED\r\n");
    ask("DEL a", "+QUEUED\r\n");
    ask("GET a", "+QUEUED\r\n");
    array_ask(other, "EXISTS a", ":0\r\n");
    ask("EXEC", "*8\r\n+OK\r\n:2\r\n*2\r\n$1\r\n2\r\n$-1\r\n:2\r\n+PONG\r\n+OK\r\n:1\r\n$-1\r\n");
    ask("EXEC", NO_MULTI);
    ask("MULTI", "+OK\r\n");
    ask("EXEC", "*0\r\n");
}

Test(redis_transactions, go_on_behind_a_command_that_fails)
{
    ask("MULTI", "+OK\r\n");
    ask("SET a x", "+QUEUED\r\n");
    ask("INCR a", "+QUEUED\r\n");
    ask("SET a y badly", "+QUEUED\r\n");
    ask("MSET a", "-ERR wrong number of arguments for 'mset' command\r\n");
    ask("EXEC", ABORTED);
    ask("MULTI", "+OK\r\n");
    ask("SET a x", "+QUEUED\r\n");
    ask("INCR a", "+QUEUED\r\n");
    ask("MSET b 1 c", "+QUEUED\r\n");
    ask("APPEND a y", "+QUEUED\r\n");
    ask("EXEC", "*4\r\n+OK\r\n-ERR value is not an integer or out of range\r\n"
                "-ERR wrong number of arguments for 'mset' command\r\n:2\r\n");
    ask("MGET a b", "*2\r\n$2\r\nxy\r\n$-1\r\n");
}

/* Each of these is followed by a command that is queued as if nothing had happened. */
Test(redis_transactions, do_not_run_when_a_request_was_refused)
{
    static const char *const requests[][2] = {
        {"LPUSH a 1", "-ERR unknown command 'LPUSH', with args beginning with: 'a' '1' \r\n"},
        {"GET", "-ERR wrong number of arguments for 'get' command\r\n"},
        {"DISCARD now", "-ERR wrong number of arguments for 'discard' command\r\n"},
        {"WATCH", "-ERR wrong number of arguments for 'watch' command\r\n"},
    };
    for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
        ask("MULTI", "+OK\r\n");
        ask(requests[i][0], requests[i][1]);
        ask("SET a 1", "+QUEUED\r\n");
        ask("EXEC", ABORTED);
        ask("EXEC", NO_MULTI);
    }
    ask("EXISTS a", ":0\r\n");
}

Test(redis_transactions, run_though_multi_and_watch_have_no_place_in_them)
{
    ask("MULTI", "+OK\r\n");
    ask("MULTI", "-ERR MULTI calls can not be nested\r\n");
    ask("WATCH a", "-ERR WATCH inside MULTI is not allowed\r\n");
    ask("SET a 1", "+QUEUED\r\n");
    ask("EXEC", "*1\r\n+OK\r\n");
}

Test(redis_transactions, end_at_an_exec_that_is_no_exec)
{
    static const char refused[] = "-EXECABORT Transaction discarded because of: wrong number of "
                                  "arguments for 'exec' command\r\n";
    ask("EXEC now", refused);
    ask("WATCH a", "+OK\r\n");
    ask("SET a 1", "+OK\r\n");
    ask("MULTI", "+OK\r\n");
    ask("EXEC now", refused);
    ask("EXEC", NO_MULTI);
    ask("MULTI", "+OK\r\n"); /* and what was watched is forgotten */
    ask("EXEC", "*0\r\n");
}

Test(redis_transactions, are_forgotten)
{
    ask("DISCARD", "-ERR DISCARD without MULTI\r\n");
    ask("MULTI", "+OK\r\n");
    ask("SET a 1", "+QUEUED\r\n");
    ask("DISCARD", "+OK\r\n");
    ask("EXEC", NO_MULTI);
    ask("EXISTS a", ":0\r\n");
}

/* One packet with two transactions, and writes of their own around them. */
Test(redis_transactions, come_in_pipelines)
{
    static const char *const requests[] = {"SET a 1", "MULTI", "INCR a",  "EXEC", "INCR a",
                                           "MULTI",   "GET a", "SET b 2", "EXEC", "GET b"};
    struct buffer packet = {0};
    for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++)
        array_append(&packet, slice_from_string(requests[i]));
    for (int i = 0; i < 3; i++) {
        wire_send(wire, buffer_slice(&packet));
        wire_expect(wire, "+OK\r\n+OK\r\n+QUEUED\r\n*1\r\n:2\r\n:3\r\n+OK\r\n+QUEUED\r\n"
                          "+QUEUED\r\n*2\r\n$1\r\n3\r\n+OK\r\n$1\r\n2\r\n");
    }
    buffer_fini(&packet);
}

Test(redis_transactions, are_one_write_to_a_follower)
{
    struct wire *follower = follower_open(server, "FOLLOW ''\n", NULL);
    ask("MULTI", "+OK\r\n");
    ask("MSET a 1 b 2", "+QUEUED\r\n");
    ask("GET a", "+QUEUED\r\n");
    ask("RENAME a c", "+QUEUED\r\n");
    ask("EXEC", "*3\r\n+OK\r\n$1\r\n1\r\n+OK\r\n");
    ask("SET d 4", "+OK\r\n");
    follower_expect(follower, "\"PUT\" \"a\" \"1\" \"@-1\"\n"
                              "\"PUT\" \"b\" \"2\" \"@-1\"\n"
                              "\"PUT\" \"c\" \"1\" \"@-1\"\n"
                              "\"DEL\" \"a\" \"@-1\"\n"
                              "\"PUT\" \"d\" \"4\" \"@-2\"\n");
    wire_close(follower);
}

/* Ends ------------------------------------------------------------------------------------- */

Test(redis_transactions, of_a_lost_connection_never_happened)
{
    array_ask(other, "WATCH a", "+OK\r\n");
    array_ask(other, "MULTI", "+OK\r\n");
    array_ask(other, "SET a 1", "+QUEUED\r\n");
    wire_reset(other);
    other = NULL;
    ask("SET a 2", "+OK\r\n");
    ask("GET a", "$1\r\n2\r\n");
}

/* The peer is gone before the disk is done; what it had watched goes when the commit is. */
Test(redis_transactions, whose_peer_does_not_wait_are_written)
{
    unsigned arrived = atomic_load(&gate->arrived);
    array_ask(other, "WATCH a", "+OK\r\n");
    array_ask(other, "MULTI", "+OK\r\n");
    array_ask(other, "SET a 1", "+QUEUED\r\n");
    atomic_store(&gate->closed, GATE_CLOSED);
    array_say(other, "EXEC");
    gate_await(gate, arrived + 1);
    wire_reset(other);
    other = NULL;
    atomic_store(&gate->closed, GATE_OPEN);
    ask("SET b 1", "+OK\r\n");
    ask("GET a", "$1\r\n1\r\n");
}

Test(redis_transactions, are_all_there_or_not_at_all_after_a_kill)
{
    for (unsigned try = 0; try < 5; try++) {
        struct buffer packet = {0};
        char line[64];
        for (unsigned i = 0; i < 200; i++) {
            array_append(&packet, SLICE("MULTI"));
            for (unsigned key = 0; key < 10; key++) {
                snprintf(line, sizeof(line), "SET key:%u %u", key, 1000 * (try + 1) + i);
                array_append(&packet, slice_from_string(line));
            }
            array_append(&packet, SLICE("EXEC"));
        }
        wire_send(wire, buffer_slice(&packet));
        for (unsigned i = 0; i < 12 * (try * 7 + 1); i++)
            (void)wire_line(wire);
        daemon_kill(server);
        buffer_fini(&packet);
        restart();
        array_say(wire, "MGET key:0 key:1 key:2 key:3 key:4 key:5 key:6 key:7 key:8 key:9");
        wire_expect(wire, "*10\r\n$4\r\n");
        snprintf(line, sizeof(line), "%.4s\r\n", wire_line(wire).data);
        for (unsigned key = 1; key < 10; key++) {
            wire_expect(wire, "$4\r\n");
            wire_expect(wire, line);
        }
    }
}

Test(redis_transactions, on_a_disk_that_fails_are_an_error)
{
    ask("SET a 1", "+OK\r\n");
    ask("MULTI", "+OK\r\n");
    ask("INCR a", "+QUEUED\r\n");
    atomic_store(&gate->broken, 1);
    array_say(wire, "EXEC");
    expect_beginning(wire, "-UNKNOWN IO error: ");
    atomic_store(&gate->broken, 0);
    ask("WATCH a", "+OK\r\n");
    ask("MULTI", "+OK\r\n");
    ask("INCR a", "+QUEUED\r\n");
    array_say(wire, "EXEC");
    expect_beginning(wire, "-READONLY ");
    ask("EXEC", NO_MULTI);
    array_say(wire, "INCR a");
    expect_beginning(wire, "-READONLY ");
    ask("PING", "+PONG\r\n");
}

/* Bounds ------------------------------------------------------------------------------------ */

#define MIB ((size_t)1024 * 1024)

static void send_set(const char *key, size_t len)
{
    struct buffer request = {0};
    buffer_append_string(&request, "*3\r\n$3\r\nSET\r\n$1\r\n");
    buffer_append_string(&request, key);
    buffer_append_string(&request, "\r\n$");
    buffer_append_u64(&request, len);
    buffer_append_string(&request, "\r\n");
    cr_assert(buffer_reserve(&request, len));
    memset(request.data + request.len, 'v', len);
    request.len += len;
    buffer_append_string(&request, "\r\n");
    wire_send(wire, buffer_slice(&request));
    buffer_fini(&request);
}

/* What is queued is held until EXEC; beyond the bound none of it is. */
Test(redis_transactions, hold_32_MiB)
{
    size_t before = daemon_rss(server);
    ask("MULTI", "+OK\r\n");
    send_set("a", 15 * MIB);
    send_set("b", 15 * MIB);
    wire_expect(wire, "+QUEUED\r\n+QUEUED\r\n");
    send_set("c", 15 * MIB);
    wire_expect(wire, "-LIMIT the transaction is larger than --max-batch allows\r\n");
    for (int i = 0; i < 10; i++)
        send_set("d", 15 * MIB);
    for (int i = 0; i < 10; i++)
        wire_expect(wire, "+QUEUED\r\n");
    cr_assert_lt(daemon_rss(server), before + 80 * MIB);
    ask("EXEC", ABORTED);
    ask("EXISTS a b c d", ":0\r\n");
}

/* 128 MiB of answers, 64 MiB of changes, and 256 MiB that are read for them: more is refused, and
 * nothing of it has happened. */
Test(redis_transactions, answer_and_change_a_bounded_number_of_bytes)
{
    static const char *const large[][2] = {
        {"GET a",
         "-LIMIT the requests sent at once would answer more than --max-output allows\r\n"},
        {"APPEND a x", "-LIMIT more than 64 MiB are changed at once\r\n"},
        {"STRLEN a", "-LIMIT more than 256 MiB are read at once\r\n"},
    };
    send_set("a", 15 * MIB);
    wire_expect(wire, "+OK\r\n");
    for (size_t i = 0; i < 3; i++) {
        ask("MULTI", "+OK\r\n");
        ask("SET b 1", "+QUEUED\r\n");
        for (int j = 0; j < 18; j++)
            ask(large[i][0], "+QUEUED\r\n");
        ask("EXEC", large[i][1]);
        ask("EXISTS b", ":0\r\n");
    }
    ask("STRLEN a", ":15728640\r\n");
}
