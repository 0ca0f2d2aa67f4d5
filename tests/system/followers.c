/*
 * Followers: quiet, slow, many, and gone.
 */
#include <criterion/criterion.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>

#include "tests/lib/deadline.h"
#include "tests/lib/report.h"
#include "tests/system/follower.h"
#include "tests/system/load.h"

#define MIB ((size_t)1024 * 1024)

static struct daemon *server;
static struct wire *writer;

static void prepare(void)
{
    server = daemon_new();
}

static void stop(void)
{
    wire_close(writer);
    if (daemon_pid(server) != 0)
        daemon_stop(server);
    daemon_free(server);
}

TestSuite(followers, .init = prepare, .fini = stop, .timeout = 120);

static void serve(void)
{
    daemon_start(server, NULL);
    writer = daemon_connect(server);
}

static void serve_forgetful(void)
{
    follower_start_forgetful(server);
    writer = daemon_connect(server);
}

/* Time --------------------------------------------------------------------- */

Test(followers, hears_every_ten_seconds_how_far_it_has_come)
{
    serve();
    struct wire *wire = follower_open(server, "FOLLOW quiet\n", NULL);
    wire_ask(writer, "PUT loud 1\nPUT loud 2\n", "OK\nOK\n");
    int64_t deadline = deadline_in(15);
    while (!wire_ready(wire)) {
        cr_assert(deadline_left(deadline) > 0, "no sign of life came");
        poll(NULL, 0, 50);
    }
    cr_assert(deadline_left(deadline) < 6000, "it came too soon");
    follower_expect(wire, "\"SEQ\" \"@-2\"\n");
    wire_close(wire);
}

Test(followers, goes_on_after_a_half_close)
{
    serve();
    struct wire *wire = follower_open(server, "FOLLOW ''\n", NULL);
    wire_finish(wire);
    for (unsigned i = 0; i < 50; i++)
        wire_ask(writer, "PUT a 1\n", "OK\n");
    for (unsigned i = 0; i < 50; i++)
        cr_assert_eq(follower_number(wire_line(wire)), i + 1);
    wire_close(wire);
}

Test(followers, is_ended_by_a_server_that_stops)
{
    serve();
    struct wire *idle = follower_open(server, "FOLLOW nothing\n", NULL);
    struct wire *wire = follower_open(server, "FOLLOW ''\n", NULL);
    wire_ask(writer, "PUT a 1\n", "OK\n");
    follower_expect(wire, "\"PUT\" \"a\" \"1\" \"@-1\"\n");
    daemon_signal(server, SIGTERM);
    follower_expect(wire, "ERR SHUTDOWN \"the server is stopping\" MORE \"@-1\"\n");
    follower_expect(idle, "ERR SHUTDOWN \"the server is stopping\" MORE \"@-0\"\n");
    wire_expect_close(wire);
    wire_expect_close(idle);
    cr_assert_eq(daemon_wait(server), 0, "%s", daemon_log(server));
    wire_close(wire);
    wire_close(idle);
}

/* Slow followers ----------------------------------------------------------- */

/* 64 MiB of changes pass it, of which sockets hold a few. */
Test(followers, that_does_not_read_costs_no_memory_and_learns_that_it_lost)
{
    serve_forgetful();
    load_rows(writer, 2000, 4096);
    size_t before = daemon_rss(server);
    struct wire *deaf = follower_open(server, "FOLLOW ''\nPING\n", NULL);
    load_rows(writer, 16 * 1024, 4096);
    size_t now = daemon_rss(server);
    cr_assert(now < before + 8 * MIB, "grew from %zu to %zu KiB", before / 1024, now / 1024);
    uint64_t last = 2000;
    struct slice line;
    while (line = wire_line(deaf), line.data[0] == '"') {
        uint64_t number = follower_number(line);
        cr_assert_eq(number, last + 1, "it leaps from %llu to %llu", (unsigned long long)last,
                     (unsigned long long)number);
        last = number;
    }
    report_equal("the end", line,
                 SLICE("ERR LOST \"the follower was slower than the history is long\"\n"));
    cr_assert(last < 2000 + 16 * 1024);
    wire_expect(deaf, "OK \"PONG\"\n");
    wire_ask(deaf, "GET k00000001\n", load_reply(1, 4096));
    wire_close(deaf);
}

Test(followers, of_a_quiet_prefix_loses_nothing_to_the_traffic_of_others)
{
    serve_forgetful();
    struct wire *wire = follower_open(server, "FOLLOW quiet\n", NULL);
    load_rows(writer, 4000, 1000); /* many times the history */
    wire_ask(writer, "PUT quiet 1\n", "OK\n");
    follower_expect(wire, "\"PUT\" \"quiet\" \"1\" \"@-4001\"\n");
    wire_close(wire);
}

Test(followers, that_is_stalled_for_too_long_is_closed)
{
    daemon_start(server, "--stall-timeout", "1", "--sync", "never", NULL);
    writer = daemon_connect(server);
    struct wire *deaf = follower_open(server, "FOLLOW ''\n", NULL);
    load_rows(writer, 8 * 1024, 4096);
    int64_t deadline = deadline_in(DEADLINE_SECONDS);
    while (daemon_info(server, "followers") > 0) {
        cr_assert(deadline_left(deadline) > 0, "it still follows");
        poll(NULL, 0, 50);
    }
    wire_close(deaf);
}

/* Many --------------------------------------------------------------------- */

#define WRITERS 16
#define FOLLOWERS 5
#define ROUNDS 20
#define AT_ONCE 50

static void write_round(struct wire **writers, unsigned round)
{
    struct buffer requests = {0};
    char request[64];
    for (unsigned w = 0; w < WRITERS; w++) {
        buffer_clear(&requests);
        for (unsigned i = 0; i < AT_ONCE; i++) {
            snprintf(request, sizeof(request), "PUT w%02u %u\n", w, round * AT_ONCE + i);
            buffer_append_string(&requests, request);
        }
        wire_send(writers[w], buffer_slice(&requests));
    }
    for (unsigned w = 0; w < WRITERS; w++)
        for (unsigned i = 0; i < AT_ONCE; i++)
            wire_expect(writers[w], "OK\n");
    buffer_fini(&requests);
}

/* Row `number` of the order that all see; each writer's own order must be kept in it. */
static void check_row(struct slice line, uint64_t number, unsigned *next)
{
    unsigned w = 0;
    unsigned value = 0;
    cr_assert_eq(follower_number(line), number);
    cr_assert_eq(sscanf(line.data, "\"PUT\" \"w%02u\" \"%u\"", &w, &value), 2, "%s",
                 report_show(line));
    cr_assert(w < WRITERS);
    cr_assert_eq(value, next[w]++, "writer %u is out of order", w);
}

Test(followers, shows_everybody_the_same_order)
{
    struct wire *writers[WRITERS];
    struct wire *followers[FOLLOWERS];
    unsigned next[WRITERS] = {0};
    struct buffer row = {0};
    daemon_start(server, "--workers", "4", "--sync", "never", NULL);
    writer = daemon_connect(server);
    for (unsigned i = 0; i < WRITERS; i++)
        writers[i] = daemon_connect(server);
    for (unsigned i = 0; i < FOLLOWERS; i++)
        followers[i] = follower_open(server, "FOLLOW w\n", NULL);
    for (unsigned round = 0; round < ROUNDS; round++)
        write_round(writers, round);
    for (uint64_t number = 1; number <= WRITERS * AT_ONCE * ROUNDS; number++) {
        buffer_clear(&row);
        buffer_append_slice(&row, wire_line(followers[0]));
        buffer_append_byte(&row, '\0');
        check_row(slice_of(row.data, row.len - 1), number, next);
        for (unsigned i = 1; i < FOLLOWERS; i++)
            report_equal("row", wire_line(followers[i]), slice_of(row.data, row.len - 1));
    }
    for (unsigned i = 0; i < WRITERS; i++)
        wire_close(writers[i]);
    for (unsigned i = 0; i < FOLLOWERS; i++)
        wire_close(followers[i]);
    buffer_fini(&row);
}

/* They leave while they are armed, while they are being woken, and in the middle of rows. */
Test(followers, may_be_left_at_any_moment)
{
    struct wire *wires[20] = {0};
    daemon_start(server, "--workers", "3", "--sync", "never", NULL);
    writer = daemon_connect(server);
    for (unsigned i = 0; i < 1000; i++) {
        struct wire **wire = &wires[i % 20];
        if (*wire != NULL && i % 3 == 0)
            wire_reset(*wire);
        else
            wire_close(*wire);
        *wire = follower_open(server, i % 2 == 0 ? "FOLLOW a\n" : "FOLLOW b\n", NULL);
        wire_say(writer, "PUT a 1\nPUT b 2\nPUT a 3\n");
        if (i % 5 == 0)
            follower_number(wire_line(*wire));
        wire_expect(writer, "OK\nOK\nOK\n");
    }
    for (unsigned i = 0; i < 20; i++)
        wire_close(wires[i]);
    /* A connection that was closed is noticed by what is written to it. */
    int64_t deadline = deadline_in(DEADLINE_SECONDS);
    while (daemon_info(server, "followers") > 0) {
        cr_assert(deadline_left(deadline) > 0, "somebody still follows");
        wire_ask(writer, "PUT a 1\nPUT b 1\n", "OK\nOK\n");
        poll(NULL, 0, 20);
    }
}
