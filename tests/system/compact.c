/*
 * COMPACT: the disk comes back, everybody is served meanwhile, and a stop does not wait for long.
 *
 * A gate before fdatasync holds a compaction up: LevelDB syncs each table that it writes. With
 * --sync never nothing else waits there.
 */
#include <criterion/criterion.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>

#include "tests/lib/deadline.h"
#include "tests/lib/report.h"
#include "tests/lib/scratch.h"
#include "tests/system/gate.h"
#include "tests/system/load.h"

#define MB ((uint64_t)1000000)

static struct daemon *server;
static struct gate *gate;
static struct wire *wire;

static void start(void)
{
    server = daemon_new();
    gate = gate_open(server);
    daemon_start(server, "--sync", "never", NULL);
    wire = daemon_connect(server);
}

static void stop(void)
{
    wire_close(wire);
    daemon_free(server);
}

TestSuite(compact, .init = start, .fini = stop, .timeout = 120);

static uint64_t disk(void)
{
    return scratch_bytes(daemon_data(server));
}

/* Deletes rows first to end - 1 of load_rows, one by one. */
static void delete_rows(unsigned first, unsigned end)
{
    struct buffer requests = {0};
    char text[32];
    for (unsigned i = first; i < end; i++) {
        snprintf(text, sizeof(text), "DEL k%08u\n", i);
        buffer_append_string(&requests, text);
    }
    wire_send(wire, buffer_slice(&requests));
    for (unsigned i = first; i < end; i++)
        wire_expect(wire, "OK 1\n");
    buffer_fini(&requests);
}

/* INFO's row of that name must come to be this text. */
static void await_info(const char *name, const char *text)
{
    char row[96];
    int64_t deadline = deadline_in(DEADLINE_SECONDS);
    int len = snprintf(row, sizeof(row), "\"%s\" \"%s\"\n", name, text);
    for (;;) {
        wire_say(wire, "INFO compaction\n");
        struct slice reply = wire_reply(wire);
        if (memmem(reply.data, reply.len, row, (size_t)len) != NULL)
            return;
        cr_assert(deadline_left(deadline) > 0, "no %s in %s", row, report_show(reply));
        poll(NULL, 0, 5);
    }
}

/* OK, behind remarks if it took long. */
static void expect_done(struct wire *other)
{
    struct slice ending;
    cr_assert_eq(wire_skip_reply(other, &ending), 0);
    report_equal("the ending", ending, SLICE("OK"));
}

static void compact(const char *request)
{
    wire_say(wire, request);
    expect_done(wire);
}

/* Rows that are all in tables, so that nothing but what a test does next waits for the disk. */
static void load_tables(unsigned count)
{
    load_rows(wire, count, 2048);
    compact("COMPACT\n");
}

/* Another connection's COMPACT, held up at the gate. */
static struct wire *hold_compaction(void)
{
    struct wire *other = daemon_connect(server);
    unsigned arrived = atomic_load(&gate->arrived);
    atomic_store(&gate->closed, GATE_CLOSED);
    wire_say(other, "COMPACT\n");
    gate_await(gate, arrived + 1);
    return other;
}

Test(compact, gives_the_disk_of_deleted_rows_back)
{
    load_rows(wire, 20000, 2048);
    delete_rows(0, 20000);
    cr_assert(disk() > 20 * MB, "%llu bytes before", (unsigned long long)disk());
    compact("COMPACT\n");
    cr_assert(disk() < MB, "%llu bytes after", (unsigned long long)disk());
    cr_assert_eq(daemon_info(server, "compactions_finished"), 1);
}

Test(compact, of_a_range_leaves_the_rest_as_it_is)
{
    load_tables(20000);
    delete_rows(15000, 20000);
    uint64_t before = disk();
    compact("COMPACT k FROM k00015000 TO k00020000\n");
    uint64_t between = disk();
    cr_assert(between < before - 5 * MB, "%llu bytes, then %llu", (unsigned long long)before,
              (unsigned long long)between);
    delete_rows(0, 5000);
    compact("COMPACT k0000 THROUGH k00004999\n");
    cr_assert(disk() < between - 5 * MB, "%llu bytes, then %llu", (unsigned long long)between,
              (unsigned long long)disk());
    wire_ask(wire, "COUNT ''\nGET k00010000\n", "OK 10000\n");
    wire_expect(wire, load_reply(10000, 2048));
}

Test(compact, of_nothing_is_done_at_once)
{
    compact("COMPACT\n");
    wire_ask(wire, "PUT a 1\nPUT b 1\nDEL a\n", "OK\nOK\nOK 1\n");
    wire_ask(wire, "COMPACT nothing\nCOMPACT z FROM a\nCOMPACT a TO Z\n", "OK\nOK\nOK\n");
    wire_ask(wire, "COMPACT \"\\xff\\xff\"\nCOMPACT '' THROUGH ''\n", "OK\nOK\n");
    wire_ask(wire, "SCAN ''\n", "\"b\" \"1\"\nOK 1\n");
}

Test(compact, lets_everybody_go_on_and_tells_how_far_it_is)
{
    load_tables(20000);
    struct wire *first = hold_compaction();
    await_info("compaction_running", "yes");
    cr_assert(daemon_info(server, "compaction_bytes_total") > 10 * MB);
    for (unsigned i = 0; i < 100; i++)
        wire_ask(wire, "PUT a 1\nGET a\nSCAN k LIMIT 1 KEYS\nDEL a\n",
                 "OK\nOK \"1\"\n\"k00000000\"\nOK 1 MORE \"k00000000\"\nOK 1\n");
    await_info("compaction_running", "yes");
    atomic_store(&gate->closed, GATE_OPEN);
    expect_done(first);
    await_info("compaction_running", "no");
    wire_close(first);
}

Test(compact, waits_for_the_one_before_it)
{
    load_tables(5000);
    struct wire *first = hold_compaction();
    struct wire *second = daemon_connect(server);
    wire_say(second, "COMPACT k\n");
    await_info("compactions_waiting", "1");
    atomic_store(&gate->closed, GATE_OPEN);
    expect_done(first);
    expect_done(second);
    cr_assert_eq(daemon_info(server, "compactions_finished"), 3);
    wire_close(first);
    wire_close(second);
}

Test(compact, lets_no_more_than_a_hundred_wait)
{
    enum { MOST = 100 };
    struct wire *waiting[MOST];
    load_tables(5000);
    struct wire *first = hold_compaction();
    for (unsigned i = 0; i < MOST; i++) {
        waiting[i] = daemon_connect(server);
        wire_say(waiting[i], "COMPACT nothing\n");
    }
    await_info("compactions_waiting", "100");
    wire_ask(wire, "COMPACT k\nPING\n",
             "ERR LIMIT \"100 compactions wait already\"\nOK \"PONG\"\n");
    atomic_store(&gate->closed, GATE_OPEN);
    expect_done(first);
    wire_close(first);
    for (unsigned i = 0; i < MOST; i++) {
        expect_done(waiting[i]);
        wire_close(waiting[i]);
    }
}

Test(compact, that_takes_long_says_so_now_and_then)
{
    load_tables(20000);
    struct wire *first = hold_compaction();
    struct wire *second = daemon_connect(server);
    wire_say(second, "COMPACT\n");
    struct slice line = wire_line(first);
    cr_assert(slice_has_prefix(line, SLICE("# compacted 0 of ")), "%s", report_show(line));
    wire_expect(second, "# waiting for another compaction\n");
    atomic_store(&gate->closed, GATE_OPEN);
    expect_done(first);
    expect_done(second);
    wire_close(first);
    wire_close(second);
}

Test(compact, goes_on_when_its_peer_is_gone)
{
    load_tables(20000);
    delete_rows(0, 20000);
    struct wire *first = hold_compaction();
    struct wire *second = daemon_connect(server);
    wire_say(second, "COMPACT\n");
    await_info("compactions_waiting", "1");
    wire_reset(first);
    wire_close(second);
    atomic_store(&gate->closed, GATE_OPEN);
    await_info("compactions_finished", "3");
    cr_assert(disk() < MB, "%llu bytes after", (unsigned long long)disk());
    daemon_stop(server);
}

/* The call at the gate fails, and those behind it are well again. */
static void fail_one_call(void)
{
    unsigned arrived = atomic_load(&gate->arrived);
    atomic_store(&gate->broken, 1);
    atomic_store(&gate->through, arrived);
    gate_await(gate, arrived + 1);
    atomic_store(&gate->broken, 0);
    atomic_store(&gate->closed, GATE_OPEN);
}

Test(compact, says_that_the_disk_failed_and_no_write_is_taken_after_that)
{
    load_tables(5000);
    struct wire *other = hold_compaction();
    fail_one_call();
    struct slice ending;
    cr_assert_eq(wire_skip_reply(other, &ending), 0);
    cr_assert(slice_has_prefix(ending, SLICE("ERR IO \"IO error: ")), "%s", report_show(ending));
    static const char *const requests[] = {"PUT a 1\n", "COMPACT\n"};
    for (size_t i = 0; i < 2; i++) {
        wire_say(wire, requests[i]);
        struct slice reply = wire_reply(wire);
        cr_assert(slice_has_prefix(reply, SLICE("ERR READONLY \"")), "%s", report_show(reply));
    }
    wire_ask(wire, "COUNT ''\n", "OK 5000\n");
    wire_close(other);
}

/* More than one piece of data, and the stop comes while the first piece is at the gate. */
static struct wire *stop_in_the_middle(struct wire **waiting)
{
    load_tables(75000);
    struct wire *first = hold_compaction();
    *waiting = daemon_connect(server);
    wire_say(*waiting, "COMPACT\n");
    await_info("compactions_waiting", "1");
    daemon_signal(server, SIGTERM);
    wire_expect_close(wire); /* it has heard */
    return first;
}

static void expect_stopped(struct wire *other)
{
    struct slice ending;
    cr_assert_eq(wire_skip_reply(other, &ending), 0);
    report_equal("the ending", ending, SLICE("ERR SHUTDOWN \"the server is stopping\""));
    wire_expect_gone(other);
    wire_close(other);
}

static void expect_all_there(void)
{
    cr_assert_eq(daemon_wait(server), 0);
    daemon_start(server, NULL);
    wire_close(wire);
    wire = daemon_connect(server);
    wire_ask(wire, "COUNT ''\nGET k00074999\n", "OK 75000\n");
    wire_expect(wire, load_reply(74999, 2048));
    compact("COMPACT\n");
    wire_ask(wire, "COUNT ''\n", "OK 75000\n");
}

Test(compact, ends_behind_a_piece_when_the_daemon_stops)
{
    struct wire *waiting = NULL;
    struct wire *first = stop_in_the_middle(&waiting);
    atomic_store(&gate->closed, GATE_OPEN);
    expect_stopped(first);
    expect_stopped(waiting);
    expect_all_there();
}

/* The peers are told in time; the process itself cannot end before the disk lets it. */
Test(compact, does_not_hold_peers_when_the_daemon_stops_and_the_disk_hangs)
{
    struct wire *waiting = NULL;
    struct wire *first = stop_in_the_middle(&waiting);
    expect_stopped(first);
    expect_stopped(waiting);
    atomic_store(&gate->closed, GATE_OPEN);
    expect_all_there();
}
