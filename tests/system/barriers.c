/*
 * SYNC: when it answers OK, everything acknowledged before is on disk, also with --sync never. What
 * is watched is which files the daemon syncs, and when.
 */
#include <criterion/criterion.h>
#include <dirent.h>
#include <poll.h>
#include <stdio.h>

#include "tests/lib/daemon.h"
#include "tests/lib/deadline.h"
#include "tests/lib/report.h"
#include "tests/system/gate.h"

static struct daemon *server;

static void prepare(void)
{
    server = daemon_new();
}

static void stop(void)
{
    daemon_free(server);
}

TestSuite(barriers, .init = prepare, .fini = stop, .timeout = 120);

static int is_log(const struct dirent *entry)
{
    const char *ending = strrchr(entry->d_name, '.');
    return ending != NULL && strcmp(ending, ".log") == 0;
}

/* How many logs the directory holds; *synced, when asked for, how many of them came to the gate
 * behind its first `from` calls. */
static unsigned count_logs(const struct gate *gate, unsigned from, unsigned *synced)
{
    struct dirent **logs = NULL;
    int count = scandir(daemon_data(server), &logs, is_log, alphasort);
    cr_assert(count >= 0);
    *synced = 0;
    for (int i = 0; i < count; i++) {
        *synced += gate_count(gate, from, logs[i]->d_name) > 0;
        free(logs[i]);
    }
    free(logs);
    return (unsigned)count;
}

static void fill(struct wire *wire, unsigned from, unsigned to)
{
    char request[1200];
    char value[1024];
    memset(value, 'v', sizeof(value));
    for (unsigned i = from; i < to; i++) {
        snprintf(request, sizeof(request), "PUT k:%03u %.*s\n", i, (int)sizeof(value), value);
        wire_ask(wire, request, "OK\n");
    }
}

Test(barriers, answer_after_fdatasync_and_not_before)
{
    struct gate *gate = gate_open(server);
    daemon_start(server, "--sync", "never", NULL);
    struct wire *wire = daemon_connect(server);
    struct wire *reader = daemon_connect(server);
    atomic_store(&gate->closed, GATE_CLOSED);
    unsigned arrived = atomic_load(&gate->arrived);
    wire_ask(wire, "PUT a 1\nPUT b 2\n", "OK\nOK\n");
    cr_assert_eq(atomic_load(&gate->arrived), arrived, "a PUT waited for the disk");
    wire_say(wire, "SYNC\n");
    gate_await(gate, arrived + 1);
    for (unsigned reads = 0; reads < 50; reads++)
        wire_ask(reader, "GET a\n", "OK \"1\"\n");
    cr_assert_not(wire_ready(wire), "it was answered too early");
    atomic_store(&gate->closed, GATE_OPEN);
    wire_expect(wire, "OK\n");
    wire_close(wire);
    wire_close(reader);
    daemon_stop(server);
}

/* A write that is synced by LevelDB itself leaves the older log to its luck; see barrier.h. */
Test(barriers, sync_every_log_that_there_is)
{
    struct gate *gate = gate_open(server);
    daemon_start(server, "--sync", "never", "--write-buffer", "64K", NULL);
    struct wire *writer = daemon_connect(server);
    struct wire *other = daemon_connect(server);
    atomic_store(&gate->closed, GATE_CLOSED_TO_TABLES);
    fill(writer, 0, 100); /* the first log is full, and its table is held back */
    unsigned synced = 0;
    unsigned logs = count_logs(gate, 0, &synced);
    cr_assert(logs == 2 && synced == 0, "%u logs, %u synced", logs, synced);
    unsigned arrived = atomic_load(&gate->arrived);
    wire_ask(other, "SYNC\n", "OK\n");
    logs = count_logs(gate, arrived, &synced);
    cr_assert(logs == 2 && synced == 2, "%u logs, %u synced", logs, synced);
    atomic_store(&gate->closed, GATE_OPEN);
    wire_close(writer);
    wire_close(other);
    daemon_stop(server);
}

/* Logs come and go below the barriers, which must find each of them or its table on disk. */
Test(barriers, do_not_mind_logs_that_go_meanwhile)
{
    daemon_start(server, "--sync", "never", "--write-buffer", "64K", NULL);
    struct wire *wire = daemon_connect(server);
    for (unsigned i = 0; i < 900; i += 30) {
        fill(wire, i, i + 30);
        wire_ask(wire, "SYNC\n", "OK\n");
    }
    wire_ask(wire, "COUNT ''\n", "OK 900\n");
    wire_close(wire);
    daemon_stop(server);
}

Test(barriers, keep_their_place_in_a_pipeline)
{
    struct gate *gate = gate_open(server);
    daemon_start(server, "--sync", "never", NULL);
    struct wire *wire = daemon_connect(server);
    atomic_store(&gate->closed, GATE_CLOSED);
    unsigned arrived = atomic_load(&gate->arrived);
    wire_say(wire, "SYNC\nPUT a 1\nDEL a b\nSYNC\nGET a\nINCR n\nSYNC\n");
    gate_await(gate, arrived + 1);
    cr_assert_not(wire_ready(wire));
    atomic_store(&gate->closed, GATE_OPEN);
    wire_expect(wire, "OK\nOK\nOK 1\nOK\nNOT_FOUND\nOK \"1\"\nOK\n");
    wire_close(wire);
    daemon_stop(server);
}

#define CROWD 64

/* Waits until the daemon has taken so many more requests than `before`. */
static void await_requests(uint64_t before, uint64_t count)
{
    int64_t deadline = deadline_in(DEADLINE_SECONDS);
    while (daemon_info(server, "requests") < before + count) {
        cr_assert(deadline_left(deadline) > 0, "the requests do not arrive");
        poll(NULL, 0, 5);
    }
}

Test(barriers, serve_all_that_wait_at_once)
{
    struct gate *gate = gate_open(server);
    daemon_start(server, "--sync", "never", NULL);
    struct wire *wires[CROWD];
    for (unsigned i = 0; i < CROWD; i++)
        wires[i] = daemon_connect(server);
    uint64_t requests = daemon_info(server, "requests");
    uint64_t barriers = daemon_info(server, "barriers");
    atomic_store(&gate->closed, GATE_CLOSED);
    unsigned arrived = atomic_load(&gate->arrived);
    for (unsigned i = 0; i < CROWD; i++)
        wire_say(wires[i], "PUT a 1\nSYNC\nSYNC\n");
    gate_await(gate, arrived + 1);
    await_requests(requests, 3 * CROWD);
    atomic_store(&gate->closed, GATE_OPEN);
    for (unsigned i = 0; i < CROWD; i++)
        wire_expect(wires[i], "OK\nOK\nOK\n");
    /* The first went alone or with some; all others were waiting when it was done. */
    uint64_t done = daemon_info(server, "barriers") - barriers;
    cr_assert(done <= 3, "%llu barriers", (unsigned long long)done);
    cr_assert_eq(atomic_load(&gate->arrived) - arrived, 2 * done,
                 "one for the log as it was, one for the write behind it");
    for (unsigned i = 0; i < CROWD; i++)
        wire_close(wires[i]);
    daemon_stop(server);
}

static void expect_start(struct wire *wire, const char *request, const char *start)
{
    wire_say(wire, request);
    struct slice reply = wire_reply(wire);
    cr_assert(slice_has_prefix(reply, slice_from_string(start)), "%s: %s", request,
              report_show(reply));
}

Test(barriers, that_fail_end_all_writes_and_are_not_tried_again)
{
    struct gate *gate = gate_open(server);
    daemon_start(server, "--sync", "never", NULL);
    struct wire *wire = daemon_connect(server);
    wire_ask(wire, "PUT a 1\n", "OK\n");
    unsigned arrived = atomic_load(&gate->arrived);
    atomic_store(&gate->broken, 1);
    expect_start(wire, "SYNC\n", "ERR UNKNOWN \"cannot sync ");
    cr_assert_eq(atomic_load(&gate->arrived), arrived + 1, "it was tried again");
    atomic_store(&gate->broken, 0); /* it seems well again, but what it lost is not known */
    expect_start(wire, "SYNC\n", "ERR READONLY \"");
    expect_start(wire, "PUT a 2\n", "ERR READONLY \"");
    cr_assert_eq(atomic_load(&gate->arrived), arrived + 1, "it was tried again");
    wire_ask(wire, "GET a\n", "OK \"1\"\n");
    daemon_await_log(server, "read-only");
    wire_close(wire);
    daemon_stop(server);
}

Test(barriers, have_no_place_in_a_batch)
{
    struct gate *gate = gate_open(server);
    daemon_start(server, "--sync", "never", NULL);
    struct wire *wire = daemon_connect(server);
    unsigned arrived = atomic_load(&gate->arrived);
    wire_ask(wire, "BEGIN\nPUT a 1\nSYNC\nCOMMIT\nGET a\n",
             "OK\nOK\n"
             "ERR BATCH \"SYNC waits at once, so it cannot be in a batch\"\n"
             "ERR BATCH \"a request in the batch failed; nothing was changed\"\n"
             "NOT_FOUND\n");
    cr_assert_eq(atomic_load(&gate->arrived), arrived);
    wire_ask(wire, "SYNC now\n", "ERR ARGS \"usage: SYNC\"\n");
    wire_close(wire);
    daemon_stop(server);
}
