/*
 * Peers that are slow, silent or gone. None of them may cost the daemon memory or the others time.
 */
#include <criterion/criterion.h>
#include <poll.h>
#include <stdio.h>

#include "tests/lib/deadline.h"
#include "tests/lib/report.h"
#include "tests/system/load.h"

#define MIB ((size_t)1024 * 1024)

static struct daemon *server;

static void prepare(void)
{
    server = daemon_new();
}

static void stop(void)
{
    daemon_free(server);
}

TestSuite(patience, .init = prepare, .fini = stop, .timeout = 120);

/* Waits until so many connections are open, that of the question among them. */
static void await_connections(uint64_t count)
{
    int64_t deadline = deadline_in(DEADLINE_SECONDS);
    uint64_t open = 0;
    while ((open = daemon_info(server, "connections")) > count) {
        cr_assert(deadline_left(deadline) > 0, "%llu connections are still open",
                  (unsigned long long)open);
        poll(NULL, 0, 20);
    }
}

static void expect_start(struct wire *wire, const char *start_of_reply)
{
    struct slice reply = wire_reply(wire);
    cr_assert(slice_has_prefix(reply, slice_from_string(start_of_reply)), "expected %s, got %s",
              start_of_reply, report_show(reply));
}

Test(patience, ends_with_a_line_that_never_ends)
{
    daemon_start(server, "--request-timeout", "1", NULL);
    struct wire *idle = daemon_connect(server);
    struct wire *wire = daemon_connect(server);
    wire_say(wire, "PING\nPUT half ");
    wire_expect(wire, "OK \"PONG\"\n");
    expect_start(wire, "ERR TIMEOUT \"");
    wire_expect_close(wire);
    wire_ask(idle, "EXISTS half\n", "OK 0\n");
    wire_close(wire);
    wire_close(idle);
}

/* A value that was declared is waited for no longer than a line, and its sender is told nothing: it
 * would be taken for the reply to something else. */
Test(patience, ends_with_a_value_that_never_ends)
{
    daemon_start(server, "--request-timeout", "1", NULL);
    struct wire *wire = daemon_connect(server);
    wire_say(wire, "*3\r\n$3\r\nSET\r\n$4\r\nhalf\r\n$16777216\r\nv");
    wire_expect_close(wire);
    wire_close(wire);
    wire = daemon_connect(server);
    wire_say(wire, "*3\r\n$3\r\nSET\r\n$4\r\nhalf\r\n$16777216\r\n");
    for (unsigned i = 0; i < 200 && !wire_ready(wire); i++) {
        wire_push(wire, SLICE("v"), 100);
        poll(NULL, 0, 50);
    }
    wire_expect_gone(wire);
    wire_close(wire);
}

/* Every request arrives soon, but each packet also brings the start of the next one. */
Test(patience, for_a_request_is_not_spent_by_those_before_it)
{
    daemon_start(server, "--request-timeout", "2", NULL);
    struct wire *wire = daemon_connect(server);
    wire_say(wire, "PI");
    for (unsigned i = 0; i < 12; i++) {
        poll(NULL, 0, 250);
        wire_ask(wire, "NG\nPI", "OK \"PONG\"\n");
    }
    wire_close(wire);
}

Test(patience, is_not_renewed_by_a_byte_now_and_then)
{
    daemon_start(server, "--request-timeout", "1", NULL);
    struct wire *wire = daemon_connect(server);
    for (unsigned i = 0; i < 200 && !wire_ready(wire); i++) {
        wire_push(wire, SLICE("a"), 100);
        poll(NULL, 0, 50);
    }
    expect_start(wire, "ERR TIMEOUT \"");
    wire_expect_gone(wire);
    wire_close(wire);
}

Test(patience, keeps_idle_connections)
{
    daemon_start(server, "--request-timeout", "1", "--stall-timeout", "1", NULL);
    struct wire *idle = daemon_connect(server);
    struct wire *slow = daemon_connect(server);
    wire_say(slow, "x"); /* its end shows that more than the time has passed */
    expect_start(slow, "ERR TIMEOUT \"");
    wire_ask(idle, "PING\n", "OK \"PONG\"\n");
    wire_close(idle);
    wire_close(slow);
}

Test(patience, ends_with_a_peer_that_asks_nothing)
{
    daemon_start(server, "--idle-timeout", "1", NULL);
    struct wire *follower = daemon_connect(server);
    struct wire *redis = daemon_connect(server);
    struct wire *silent = daemon_connect(server);
    struct wire *idle = daemon_connect(server);
    wire_say(follower, "FOLLOW ''\n");
    wire_line(follower);
    wire_ask(redis, "*1\r\n$4\r\nPING\r\n", "+PONG\r\n");
    wire_ask(idle, "GET a\r\n", "NOT_FOUND\r\n");
    wire_expect(idle, "ERR TIMEOUT \"idle for too long\"\r\n");
    wire_expect_close(idle);
    wire_expect(silent, "ERR TIMEOUT \"idle for too long\"\n");
    wire_expect_close(silent);
    wire_expect_close(redis);
    struct wire *writer = daemon_connect(server);
    wire_ask(writer, "PUT a 1\n", "OK\n");
    struct slice line = wire_line(follower);
    cr_assert(slice_has_prefix(line, SLICE("\"PUT\" \"a\" \"1\"")), "%s", report_show(line));
    wire_close(follower);
    wire_close(redis);
    wire_close(silent);
    wire_close(idle);
    wire_close(writer);
}

/* 500 GETs of 8 MiB each are 4 GB of replies: the daemon must not make them before they are
 * wanted. */
Test(patience, of_a_reader_that_never_reads_its_gets_is_bounded)
{
    daemon_start(server, "--stall-timeout", "2", NULL);
    struct wire *neighbour = daemon_connect(server);
    load_value(neighbour, "big", 8 * MIB);
    size_t before = daemon_rss(server);
    struct wire *deaf = daemon_connect(server);
    for (unsigned i = 0; i < 500; i++)
        wire_push(deaf, SLICE("GET big\n"), 1000);
    wire_ask(neighbour, "PUT a 1\n", "OK\n");
    size_t grown = daemon_rss(server) - before;
    cr_assert(daemon_rss(server) < before + 64 * MIB, "grew by %zu MiB", grown / MIB);
    await_connections(2);
    wire_ask(neighbour, "GET a\n", "OK \"1\"\n");
    wire_close(deaf);
    wire_close(neighbour);
}

/* The same of a Redis client, which is told nothing in the middle of a value. */
Test(patience, of_a_redis_client_that_never_reads_is_bounded)
{
    daemon_start(server, "--stall-timeout", "1", NULL);
    struct wire *neighbour = daemon_connect(server);
    load_value(neighbour, "big", 8 * MIB);
    struct wire *deaf = daemon_connect(server);
    wire_push(deaf, SLICE("*2\r\n$3\r\nGET\r\n$3\r\nbig\r\n"), 1000);
    await_connections(2);
    wire_close(deaf);
    wire_close(neighbour);
}

Test(patience, of_a_reader_that_never_reads_its_scan_is_bounded)
{
    daemon_start(server, "--stall-timeout", "2", "--sync", "never", "--cache", "0", NULL);
    struct wire *neighbour = daemon_connect(server);
    load_rows(neighbour, 16 * 1024, 4096);
    size_t before = daemon_rss(server);
    struct wire *deaf = daemon_connect(server);
    wire_push(deaf, SLICE("SCAN ''\n"), 1000);
    for (unsigned i = 0; i < 100; i++)
        wire_ask(neighbour, "GET k00000001\n", load_reply(1, 4096));
    size_t now = daemon_rss(server);
    cr_assert(now < before + 8 * MIB, "grew from %zu to %zu KiB", before / 1024, now / 1024);
    await_connections(2);
    wire_close(deaf);
    wire_close(neighbour);
}

/* It comes back before the connection is dropped, and learns where to go on. */
Test(patience, that_ended_a_scan_names_the_key_to_resume_after)
{
    daemon_start(server, "--stall-timeout", "3", "--sync", "never", NULL);
    struct wire *wire = daemon_connect(server);
    load_rows(wire, 16 * 1024, 4096);
    wire_say(wire, "SCAN '' KEYS\nSCAN ''\n");
    struct slice ending;
    cr_assert_eq(wire_skip_reply(wire, &ending), 16 * 1024);
    poll(NULL, 0, 4500); /* more than one stall time, less than two */
    uint64_t rows = wire_skip_reply(wire, &ending);
    char expected[64];
    snprintf(expected, sizeof(expected), "\" MORE \"k%08llu\"", (unsigned long long)rows - 1);
    cr_assert(slice_has_prefix(ending, SLICE("ERR TIMEOUT \"")), "%s", report_show(ending));
    struct slice tail = slice_of(ending.data + ending.len - strlen(expected), strlen(expected));
    report_equal("the key to resume after", tail, slice_from_string(expected));
    wire_expect_gone(wire);
    wire_close(wire);
}

Test(patience, with_an_old_scan_ends_and_the_session_goes_on)
{
    daemon_start(server, "--scan-timeout", "1", "--sync", "never", NULL);
    struct wire *wire = daemon_connect(server);
    load_rows(wire, 16 * 1024, 4096);
    wire_say(wire, "SCAN ''\n");
    poll(NULL, 0, 2500);
    struct slice ending;
    uint64_t rows = wire_skip_reply(wire, &ending);
    cr_assert(rows < 16 * 1024);
    cr_assert(slice_has_prefix(ending, SLICE("ERR TIMEOUT \"")), "%s", report_show(ending));
    /* A question that is answered in a moment: its time is bounded, too. */
    unsigned long long next = rows;
    char request[64];
    char reply[64];
    snprintf(request, sizeof(request), "SCAN '' AFTER k%08llu LIMIT 1 KEYS\n", next - 1);
    snprintf(reply, sizeof(reply), "\"k%08llu\"\nOK 1 MORE \"k%08llu\"\n", next, next);
    wire_ask(wire, request, reply);
    wire_close(wire);
}

/* Keys that a glob takes long to match: KEYS is far from its end after a second. */
static void load_slow_keys(struct wire *wire)
{
    struct buffer put = {0};
    char tail[16];
    for (unsigned i = 0; i < 200; i++) {
        buffer_clear(&put);
        buffer_append_string(&put, "PUT ");
        for (size_t n = 0; n < 60 * 1024; n++)
            buffer_append_byte(&put, 'a');
        snprintf(tail, sizeof(tail), "%u 1\n", i);
        buffer_append_string(&put, tail);
        wire_send(wire, buffer_slice(&put));
        wire_expect(wire, "OK\n");
    }
    buffer_fini(&put);
}

/* Or a Redis client that wants no reply would take the error for that to its next request. */
Test(patience, with_a_walk_ends_without_a_word_where_none_is_wanted)
{
    daemon_start(server, "--scan-timeout", "1", "--sync", "never", NULL);
    struct wire *wire = daemon_connect(server);
    struct buffer keys = {0};
    load_slow_keys(wire);
    buffer_append_string(&keys, "*2\r\n$4\r\nKEYS\r\n$1002\r\n*");
    for (unsigned n = 0; n < 1000; n++)
        buffer_append_byte(&keys, 'a');
    buffer_append_string(&keys, "b\r\n");
    wire_send(wire, buffer_slice(&keys));
    wire_expect(wire, "-TIMEOUT the scan took too long\r\n");
    wire_say(wire, "*3\r\n$6\r\nCLIENT\r\n$5\r\nREPLY\r\n$4\r\nSKIP\r\n");
    wire_send(wire, buffer_slice(&keys));
    wire_say(wire, "*1\r\n$4\r\nPING\r\n");
    wire_expect(wire, "+PONG\r\n");
    buffer_fini(&keys);
    wire_close(wire);
}

static void say_mget(struct wire *wire, unsigned count)
{
    struct buffer request = {0};
    char word[32];
    snprintf(word, sizeof(word), "*%u\r\n", count + 1);
    buffer_append_string(&request, word);
    buffer_append_string(&request, "$4\r\nMGET\r\n");
    for (unsigned i = 0; i < count; i++) {
        snprintf(word, sizeof(word), "$9\r\nk%08u\r\n", i);
        buffer_append_string(&request, word);
    }
    wire_send(wire, buffer_slice(&request));
    buffer_fini(&request);
}

/* The view of one moment would keep deleted data on disk as long as the peer likes. */
Test(patience, with_an_old_mget_ends_with_errors_in_the_place_of_values)
{
    daemon_start(server, "--scan-timeout", "1", "--sync", "never", NULL);
    struct wire *wire = daemon_connect(server);
    load_rows(wire, 16 * 1024, 4096);
    say_mget(wire, 16 * 1024);
    poll(NULL, 0, 2500);
    unsigned values = 0;
    wire_expect(wire, "*16384\r\n");
    while (slice_equal(wire_line(wire), SLICE("$4096\r\n"))) {
        (void)wire_take(wire, 4096 + 2);
        values++;
    }
    cr_assert_lt(values, 16 * 1024);
    for (unsigned i = values + 1; i < 16 * 1024; i++)
        wire_expect(wire, "-TIMEOUT the scan took too long\r\n");
    wire_say(wire, "*1\r\n$4\r\nPING\r\n");
    wire_expect(wire, "+PONG\r\n");
    wire_close(wire);
}

Test(patience, is_not_needed_for_peers_gone_in_the_middle_of_a_scan)
{
    daemon_start(server, "--sync", "never", NULL);
    struct wire *neighbour = daemon_connect(server);
    load_rows(neighbour, 16 * 1024, 4096);
    for (unsigned i = 0; i < 40; i++) {
        struct wire *wire = daemon_connect(server);
        wire_say(wire, i % 4 < 2 ? "SCAN ''\n" : "SCAN '' REVERSE\n");
        wire_line(wire);
        if (i % 2 == 0)
            wire_reset(wire);
        else
            wire_close(wire);
    }
    await_connections(2);
    wire_ask(neighbour, "COUNT ''\n", "OK 16384\n");
    wire_close(neighbour);
    daemon_stop(server); /* which fails when an iterator is still open */
}

/* Each MPUT may be there or not, but never half of it. */
Test(patience, is_not_needed_for_peers_gone_between_a_write_and_its_reply)
{
    daemon_start(server, NULL);
    struct wire *neighbour = daemon_connect(server);
    char text[64];
    for (unsigned i = 0; i < 200; i++) {
        struct wire *wire = daemon_connect(server);
        snprintf(text, sizeof(text), "MPUT x:%03u 1 y:%03u 1\n", i, i);
        wire_say(wire, text);
        if (i % 2 == 0)
            wire_reset(wire);
        else
            wire_close(wire);
    }
    await_connections(2);
    wire_ask(neighbour, "PING\n", "OK \"PONG\"\n");
    for (unsigned i = 0; i < 200; i++) {
        snprintf(text, sizeof(text), "EXISTS x:%03u y:%03u\n", i, i);
        wire_say(neighbour, text);
        struct slice reply = wire_reply(neighbour);
        cr_assert(slice_equal(reply, SLICE("OK 0\n")) || slice_equal(reply, SLICE("OK 2\n")),
                  "half of write %u is there: %s", i, report_show(reply));
    }
    wire_close(neighbour);
    daemon_stop(server);
}
