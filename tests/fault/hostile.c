/*
 * Peers that mean harm, or act as if they did, by the hundreds. Each costs the daemon little memory
 * and, once it is stuck, no time; each is let go; and a neighbour that behaves hardly notices.
 *
 * Memory and fates are asserted. Time is told, and asserted only so far that a daemon which spins
 * or stands still fails.
 */
#include <criterion/criterion.h>
#include <criterion/options.h>
#include <dirent.h>
#include <stdio.h>

#include "tests/fault/attack.h"
#include "tests/lib/count.h"
#include "tests/lib/daemon.h"
#include "tests/lib/deadline.h"
#include "tests/lib/rounds.h"

#define KIB ((size_t)1024)
#define MIB (KIB * KIB)

/* What an attacker may cost, and one whose single request is as large as a request may be: six
 * megabytes of it, and a million words of sixteen bytes each. */
#define MEMORY_EACH MIB
#define MEMORY_BOMB (64 * MIB)

/* One after the other: each measures what it alone does to the daemon. */
ReportHook(PRE_ALL)(struct criterion_test_set *tests)
{
    (void)tests;
    criterion_options.jobs = 1;
}

static struct daemon *server;
static struct wire *wire; /* of the neighbour */

static void prepare(void)
{
    server = daemon_new();
}

static void stop(void)
{
    wire_close(wire);
    daemon_free(server);
}

TestSuite(hostile, .init = prepare, .fini = stop, .timeout = 590);

/* A daemon of small patience, so that a run need not wait long for it. --sync never keeps the disk,
 * which others use too, out of the neighbour's waits. */
static void start_within(const char *budget)
{
    daemon_start(server, "--sync", "never", "--request-timeout", "3", "--stall-timeout", "3",
                 "--max-buffered", budget, NULL);
    wire = daemon_connect(server);
}

static void start(void)
{
    start_within("256M");
}

/* The store ----------------------------------------------------------------- */

#define VALUE ((size_t)4000)

/* Rows of 4,000 bytes, up to so many bytes of them. */
static void fill(size_t bytes)
{
    struct buffer request = {0};
    for (size_t row = 0; row < bytes / VALUE;) {
        buffer_clear(&request);
        for (unsigned i = 0; i < 500; i++, row++) {
            char head[32];
            snprintf(head, sizeof(head), "PUT row%09zu ", row);
            buffer_append_string(&request, head);
            cr_assert(buffer_reserve(&request, VALUE));
            memset(request.data + request.len, 'v', VALUE);
            request.len += VALUE;
            buffer_append_byte(&request, '\n');
        }
        wire_send(wire, buffer_slice(&request));
        for (unsigned i = 0; i < 500; i++)
            wire_expect(wire, "OK\n");
    }
    buffer_fini(&request);
}

static void put_value(const char *key, size_t bytes)
{
    struct buffer request = {0};
    buffer_append_string(&request, "PUT ");
    buffer_append_string(&request, key);
    buffer_append_byte(&request, ' ');
    cr_assert(buffer_reserve(&request, bytes));
    memset(request.data + request.len, 'v', bytes);
    request.len += bytes;
    buffer_append_byte(&request, '\n');
    wire_send(wire, buffer_slice(&request));
    wire_expect(wire, "OK\n");
    buffer_fini(&request);
}

/* Bytes of one kind, to be said over and over. */
static struct buffer repeat(const char *text, size_t times)
{
    struct buffer bytes = {0};
    for (size_t i = 0; i < times; i++)
        buffer_append_string(&bytes, text);
    return bytes;
}

static unsigned count_descriptors(void)
{
    char path[64];
    unsigned count = 0;
    snprintf(path, sizeof(path), "/proc/%d/fd", daemon_pid(server));
    DIR *directory = opendir(path);
    cr_assert(directory != NULL);
    while (readdir(directory) != NULL)
        count++;
    closedir(directory);
    return count;
}

/* Attacks ------------------------------------------------------------------ */

Test(hostile, peers_of_a_byte_a_second_are_let_go)
{
    start();
    struct attack attack = attack_begin(
        server, wire, "a byte a second", rounds_choose(500, 2000),
        &(struct mob_script){.opening = SLICE("PUT slow "), .again = SLICE("v"), .pause_ms = 1000});
    attack_endure(&attack);
    attack_weigh(&attack, MEMORY_EACH);
    attack_idle(&attack);
    attack_end(&attack);
    wire_ask(wire, "EXISTS slow\n", "OK 0\n");
    daemon_stop(server);
}

/* Each may be as long as a line can be, so it is the budget of all that cuts them off. */
Test(hostile, lines_without_an_end_are_cut)
{
    start_within("48M");
    struct buffer bytes = repeat("aaaaaaaaaaaaaaaa", 4096);
    struct attack attack = attack_begin(server, wire, "an endless line", 256,
                                        &(struct mob_script){.opening = SLICE("PUT endless "),
                                                             .again = buffer_slice(&bytes),
                                                             .reading = MOB_READS});
    attack_endure(&attack);
    attack_weigh_peak(&attack, MEMORY_EACH);
    attack_end(&attack);
    wire_ask(wire, "EXISTS endless\n", "OK 0\n");
    daemon_stop(server);
    buffer_fini(&bytes);
}

Test(hostile, pipelines_that_are_never_read_stop)
{
    start();
    put_value("value", 64 * KIB);
    struct buffer bytes = repeat("GET value\n", 1000);
    struct attack attack = attack_begin(
        server, wire, "an endless pipeline", rounds_choose(50, 500),
        &(struct mob_script){.opening = SLICE("PING\n"), .again = buffer_slice(&bytes)});
    attack_endure(&attack);
    attack_weigh(&attack, MEMORY_EACH);
    attack_idle(&attack);
    attack_end(&attack);
    daemon_stop(server);
    buffer_fini(&bytes);
}

/* Lengths that are no lengths end a connection at once; one that could be true costs nothing before
 * its bytes come. */
Test(hostile, declared_lengths_cost_nothing)
{
    static const char *const lengths[] = {
        "*9223372036854775807\r\n",
        "*9223372036854775808\r\n",
        "*18446744073709551615\r\n",
        "*-9223372036854775808\r\n*1\r\n$9223372036854775807\r\n",
        "*1\r\n$9223372036854775807\r\n",
        "*1\r\n$9223372036854775808\r\n",
        "*1\r\n$-9223372036854775809\r\n",
        "*1048576\r\n$16777216\r\nabc",
        "*2\r\n$3\r\nGET\r\n$16777216\r\nabc",
        "*1048577\r\n",
    };
    start();
    for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
        size_t memory = daemon_rss(server);
        size_t count = rounds_choose(100, 1000);
        struct mob *mob = mob_start(daemon_port(server), count,
                                    &(struct mob_script){.opening = slice_from_string(lengths[i])});
        wire_ask(wire, "PING\n", "OK \"PONG\"\n");
        size_t now = daemon_rss(server);
        cr_assert(now < memory + count * 16 * KIB, "%s: from %zu to %zu bytes", lengths[i], memory,
                  now);
        mob_await_gone(mob, count);
        mob_stop(mob);
    }
    count_await(wire, "connections", 1);
    daemon_stop(server);
}

/* A request of a million words, or of words in words: a few of them are told what is wrong, or
 * answered, and nothing of them stays. */
Test(hostile, bombs_of_words_go_off_alone)
{
    start();
    struct buffer many = {0};
    buffer_append_string(&many, "*1048576\r\n$6\r\nEXISTS\r\n");
    for (unsigned i = 1; i < 1048576; i++)
        buffer_append_string(&many, "$0\r\n\r\n");
    struct buffer nested = repeat("*1\r\n", 100000);
    struct buffer line = repeat("a ", 60000);
    const struct buffer *const bombs[] = {&many, &nested, &line};
    static const char *const names[] = {"a million words", "nested arrays", "words without an end"};
    for (size_t i = 0; i < 3; i++) {
        struct attack attack = attack_begin(server, wire, names[i], 4,
                                            &(struct mob_script){.opening = buffer_slice(bombs[i]),
                                                                 .half_closes = true,
                                                                 .reading = MOB_READS});
        attack_endure(&attack);
        attack_weigh_peak(&attack, MEMORY_BOMB);
        attack_end(&attack);
    }
    daemon_stop(server);
    buffer_fini(&many);
    buffer_fini(&nested);
    buffer_fini(&line);
}

Test(hostile, stalled_scans_hold_next_to_nothing)
{
    start();
    fill(rounds_choose(100, 1000) * MIB);
    struct buffer put = repeat("PUT writer at-work\n", 10);
    struct mob *writer = mob_start(
        daemon_port(server), 1,
        &(struct mob_script){.again = buffer_slice(&put), .pause_ms = 1, .reading = MOB_READS});
    struct attack attack = attack_begin(server, wire, "a stalled scan", rounds_choose(100, 1000),
                                        &(struct mob_script){.opening = SLICE("SCAN ''\n")});
    attack_endure(&attack);
    attack_weigh(&attack, MEMORY_EACH);
    mob_stop(writer);
    attack_idle(&attack);
    attack_end(&attack);
    daemon_stop(server);
    buffer_fini(&put);
}

/* They have said all that they will, and read nothing of the reply. */
Test(hostile, half_open_peers_are_let_go)
{
    start();
    fill(8 * MIB);
    struct attack attack =
        attack_begin(server, wire, "a half-open peer", rounds_choose(200, 2000),
                     &(struct mob_script){.opening = SLICE("SCAN ''\n"), .half_closes = true});
    attack_endure(&attack);
    attack_weigh(&attack, MEMORY_EACH);
    attack_idle(&attack);
    attack_end(&attack);
    daemon_stop(server);
}

/* Whoever takes a byte now and then has not stalled and may hold its value for as long as that
 * takes; so here, too, it is the budget of all that cuts most of them off. */
Test(hostile, slow_readers_of_one_large_value_hold_no_more_than_the_budget)
{
    start_within("24M");
    put_value("large", 4 * MIB);
    struct attack attack =
        attack_begin(server, wire, "a sip of a large value", 64,
                     &(struct mob_script){
                         .opening = SLICE("GET large\n"), .pause_ms = 100, .reading = MOB_SIPS});
    attack_endure(&attack);
    attack_weigh(&attack, MEMORY_EACH);
    attack_idle(&attack);
    cr_assert(mob_gone(attack.mob) >= 64 - 6);
    attack_stop(&attack);
    daemon_stop(server);
}

Test(hostile, peers_that_come_and_go_leave_nothing)
{
    start();
    neighbour_ask(wire, 100);
    unsigned descriptors = count_descriptors();
    struct attack attack = attack_begin(server, wire, "a storm", rounds_choose(100, 500),
                                        &(struct mob_script){.storms = true});
    attack_endure(&attack);
    rounds_tell("a storm: %.0f connections a second",
                (double)mob_came(attack.mob) * 1000 / (double)(deadline_now() - attack.began));
    attack_stop(&attack);
    cr_assert(count_descriptors() <= descriptors + 1, "%u descriptors before, %u after",
              descriptors, count_descriptors());
    daemon_stop(server);
}

Test(hostile, peers_beyond_the_descriptors_are_told_and_the_store_goes_on)
{
    size_t count = 500;
    daemon_set_descriptors(server, 100);
    start();
    uint64_t most = count_ask(wire, "max_connections");
    struct attack attack = attack_begin(server, wire, "one too many", count,
                                        &(struct mob_script){.reading = MOB_READS});
    mob_await_gone(attack.mob, count + 1 - most);
    attack_endure(&attack);
    attack_idle(&attack);
    cr_assert_eq(mob_gone(attack.mob), count + 1 - most);
    fill(32 * MIB); /* tables and logs come and go */
    wire_ask(wire, "SYNC\n", "OK\n");
    cr_assert_eq(count_ask(wire, "connections"), most);
    attack_stop(&attack);
    daemon_stop(server);
}
