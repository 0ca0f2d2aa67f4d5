/*
 * WATCH and UNWATCH: EXEC runs only when nobody, the connection itself included, has written what
 * it watches.
 */
#include <criterion/criterion.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/lib/daemon.h"
#include "tests/lib/deadline.h"
#include "tests/system/array.h"
#include "tests/system/gate.h"

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

TestSuite(redis_watches, .init = start, .fini = stop, .timeout = 120);

static void ask(const char *request, const char *reply)
{
    array_ask(wire, request, reply);
}

/* Watches a, has the request made by `writer`, and tries to set b. */
static void expect_after(struct wire *writer, const char *request, const char *reply,
                         const char *exec)
{
    ask("MSET a 1 c 3", "+OK\r\n");
    array_say(wire, "DEL none x");
    (void)wire_line(wire);
    ask("WATCH a none", "+OK\r\n");
    array_ask(writer, request, reply);
    ask("MULTI", "+OK\r\n");
    ask("SET b 1", "+QUEUED\r\n");
    ask("EXEC", exec);
    ask("DEL b", exec[1] == '1' ? ":1\r\n" : ":0\r\n");
}

Test(redis_watches, stop_exec_when_a_watched_key_was_written)
{
    static const char *const writes[][2] = {
        {"SET a 1", "+OK\r\n"},       {"SET none 1", "+OK\r\n"},
        {"DEL a", ":1\r\n"},          {"APPEND a ''", ":1\r\n"},
        {"INCR a", ":2\r\n"},         {"RENAME a d", "+OK\r\n"},
        {"RENAME c none", "+OK\r\n"}, {"COPY c none", ":1\r\n"},
        {"GETDEL a", "$1\r\n1\r\n"},  {"MSET x 1 a 1", "+OK\r\n"},
        {"SETRANGE a 0 x", ":1\r\n"}, {"GETSET a 1", "$1\r\n1\r\n"},
        {"MSETNX none 1", ":1\r\n"},  {"SET a 1 XX GET", "$1\r\n1\r\n"},
    };
    for (size_t i = 0; i < sizeof(writes) / sizeof(writes[0]); i++) {
        expect_after(other, writes[i][0], writes[i][1], "*-1\r\n");
        expect_after(wire, writes[i][0], writes[i][1], "*-1\r\n"); /* the own ones count too */
    }
    ask("WATCH a", "+OK\r\n");
    wire_ask(other, "PUT a 2\n", "OK\n");
    ask("MULTI", "+OK\r\n");
    ask("EXEC", "*-1\r\n");
}

Test(redis_watches, let_exec_run_when_nothing_watched_was_written)
{
    static const char *const requests[][2] = {
        {"GET a", "$1\r\n1\r\n"},         {"DEL none", ":0\r\n"},       {"SETNX a 2", ":0\r\n"},
        {"SET a 2 NX", "$-1\r\n"},        {"MSETNX x 1 a 2", ":0\r\n"}, {"GETDEL none", "$-1\r\n"},
        {"RENAME a a", "+OK\r\n"},        {"RENAMENX c a", ":0\r\n"},   {"COPY c a", ":0\r\n"},
        {"SETRANGE none 0 ''", ":0\r\n"}, {"COPY a b", ":1\r\n"},       {"SET aa 1", "+OK\r\n"},
    };
    for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
        expect_after(other, requests[i][0], requests[i][1], "*1\r\n+OK\r\n");
        expect_after(wire, requests[i][0], requests[i][1], "*1\r\n+OK\r\n");
    }
}

Test(redis_watches, are_forgotten)
{
    static const char *const ends[][3] = {
        {"UNWATCH", "", ""},
        {"MULTI", "DISCARD", ""},
        {"MULTI", "EXEC", ""},
        {"MULTI", "NOTHING", "EXEC"},
    };
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        ask("WATCH a", "+OK\r\n");
        array_ask(other, "SET a 1", "+OK\r\n");
        for (size_t j = 0; j < 3 && ends[i][j][0] != '\0'; j++) {
            array_say(wire, ends[i][j]);
            (void)wire_line(wire);
        }
        ask("MULTI", "+OK\r\n");
        ask("EXEC", "*0\r\n");
    }
}

#define KEYS 5000

Test(redis_watches, take_thousands_of_keys)
{
    struct buffer watch = {0};
    buffer_append_string(&watch, "WATCH");
    for (int i = 0; i < KEYS; i++) {
        buffer_append_string(&watch, " key:");
        buffer_append_u64(&watch, (uint64_t)i);
    }
    buffer_append_byte(&watch, '\0');
    for (int i = 0; i < 20; i++)
        ask(watch.data, "+OK\r\n"); /* a key watched again takes no more room */
    ask("MULTI", "+OK\r\n");
    ask("EXEC", "*0\r\n");
    ask(watch.data, "+OK\r\n");
    array_ask(other, "SET key:4321 1", "+OK\r\n");
    ask("MULTI", "+OK\r\n");
    ask("EXEC", "*-1\r\n");
    buffer_fini(&watch);
}

Test(redis_watches, take_a_bounded_number_of_bytes)
{
    struct buffer request = {0};
    char name[32];
    size_t watched = 0;
    for (;; watched++) {
        buffer_clear(&request);
        snprintf(name, sizeof(name), "%08zu", watched);
        buffer_append_string(&request, "*2\r\n$5\r\nWATCH\r\n$65536\r\n");
        for (int i = 0; i < 65536 / 8; i++)
            buffer_append_string(&request, name);
        buffer_append_string(&request, "\r\n");
        wire_send(wire, buffer_slice(&request));
        if (!slice_equal(wire_line(wire), SLICE("+OK\r\n")))
            break;
    }
    cr_assert(watched >= 60 && watched <= 70, "%zu keys of 64 KiB", watched);
    wire_send(wire, buffer_slice(&request));
    wire_expect(wire, "-LIMIT one connection watches up to 4 MiB of keys\r\n");
    ask("UNWATCH", "+OK\r\n");
    wire_send(wire, buffer_slice(&request));
    wire_expect(wire, "+OK\r\n");
    buffer_fini(&request);
}

/* Among many ------------------------------------------------------------------------------- */

static void await_requests(uint64_t count)
{
    int64_t deadline = deadline_in(DEADLINE_SECONDS);
    while (daemon_info(server, "requests") < count++) { /* each look is one more */
        cr_assert(deadline_left(deadline) > 0, "the requests do not arrive");
        poll(NULL, 0, 5);
    }
}

#define RIVALS 8

/* They all wait for the disk that serves another; then one commit takes them all. None of them is
 * in the store when the next is decided. */
Test(redis_watches, of_one_commit_see_each_other)
{
    struct wire *rivals[RIVALS];
    unsigned won = 0;
    for (size_t i = 0; i < RIVALS; i++) {
        rivals[i] = daemon_connect(server);
        array_ask(rivals[i], "WATCH lock", "+OK\r\n");
        array_ask(rivals[i], "MULTI", "+OK\r\n");
        array_ask(rivals[i], "SET lock mine", "+QUEUED\r\n");
    }
    uint64_t before = daemon_info(server, "requests");
    unsigned arrived = atomic_load(&gate->arrived);
    atomic_store(&gate->closed, GATE_CLOSED);
    array_say(wire, "SET first 1");
    gate_await(gate, arrived + 1);
    for (size_t i = 0; i < RIVALS; i++)
        array_say(rivals[i], "EXEC");
    await_requests(before + 1 + RIVALS + 1);
    atomic_store(&gate->closed, GATE_OPEN);
    wire_expect(wire, "+OK\r\n");
    for (size_t i = 0; i < RIVALS; i++) {
        bool wins = slice_equal(wire_line(rivals[i]), SLICE("*1\r\n"));
        if (wins)
            wire_expect(rivals[i], "+OK\r\n");
        won += wins;
        wire_close(rivals[i]);
    }
    cr_assert_eq(won, 1, "%u hold the lock", won);
}

#define CLIENTS 16
#define ROUNDS 60

/* One try of a client to add one: read under a watch, then write what was read and one more. */
static void say_try(struct wire *client, uint64_t read)
{
    char set[64];
    snprintf(set, sizeof(set), "SET counter %llu", (unsigned long long)(read + 1));
    array_say(client, "MULTI");
    array_say(client, set);
    array_say(client, "EXEC");
}

static uint64_t read_counter(struct wire *client)
{
    (void)wire_line(client); /* of WATCH */
    if (slice_equal(wire_line(client), SLICE("$-1\r\n")))
        return 0;
    return strtoull(wire_line(client).data, NULL, 10);
}

Test(redis_watches, count_exactly_by_check_and_set)
{
    struct wire *clients[CLIENTS];
    unsigned won = 0;
    char reply[32];
    for (size_t i = 0; i < CLIENTS; i++)
        clients[i] = daemon_connect(server);
    for (unsigned round = 0; round < ROUNDS; round++) {
        for (size_t i = 0; i < CLIENTS; i++) {
            array_say(clients[i], "WATCH counter");
            array_say(clients[i], "GET counter");
        }
        for (size_t i = 0; i < CLIENTS; i++)
            say_try(clients[i], read_counter(clients[i]));
        for (size_t i = 0; i < CLIENTS; i++) {
            wire_expect(clients[i], "+OK\r\n+QUEUED\r\n");
            bool wins = slice_equal(wire_line(clients[i]), SLICE("*1\r\n"));
            if (wins)
                wire_expect(clients[i], "+OK\r\n");
            won += wins;
        }
    }
    cr_assert(won >= ROUNDS, "somebody wins every round: %u", won);
    int len = snprintf(reply, sizeof(reply), "%u", won);
    snprintf(reply, sizeof(reply), "$%d\r\n%u\r\n", len, won);
    ask("GET counter", reply);
    for (size_t i = 0; i < CLIENTS; i++)
        wire_close(clients[i]);
}
