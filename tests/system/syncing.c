/*
 * What is synced besides the log that a write goes to: the name of a new log before anything in it
 * is acknowledged, and with --sync SECONDS every log within that time.
 */
#include <criterion/criterion.h>
#include <dirent.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/lib/daemon.h"
#include "tests/lib/deadline.h"
#include "tests/lib/report.h"
#include "tests/system/gate.h"
#include "tests/system/healing.h"

static struct daemon *server;
static struct gate *gate;
static struct wire *wire;
static unsigned rows;

static void start(const char *sync)
{
    server = daemon_new();
    gate = gate_open(server);
    daemon_start(server, "--sync", sync, "--write-buffer", "64K", NULL);
    wire = daemon_connect(server);
}

static void stop(void)
{
    wire_close(wire);
    daemon_stop(server);
    daemon_free(server);
}

TestSuite(syncing, .fini = stop, .timeout = 90);

#define ROW_BYTES 4000

/* Asks for one more row of some length. */
static void say_row(void)
{
    static char request[ROW_BYTES + 32];
    int len = snprintf(request, sizeof(request), "PUT k%08u ", rows++);
    memset(request + len, 'x', ROW_BYTES);
    snprintf(request + len + ROW_BYTES, 2, "\n");
    wire_say(wire, request);
}

static void put_row(void)
{
    say_row();
    wire_expect(wire, "OK\n");
}

/* Calls `visit` with each log of the data directory, and tells the highest number of one. */
static unsigned long each_log(void (*visit)(const char *name))
{
    unsigned long highest = 0;
    DIR *directory = opendir(daemon_data(server));
    cr_assert_not_null(directory);
    for (struct dirent *entry; (entry = readdir(directory)) != NULL;) {
        char *end = NULL;
        unsigned long number = strtoul(entry->d_name, &end, 10);
        if (end == entry->d_name || strcmp(end, ".log") != 0)
            continue;
        if (number > highest)
            highest = number;
        if (visit != NULL)
            visit(entry->d_name);
    }
    closedir(directory);
    return highest;
}

/* LevelDB syncs the log and leaves its name to chance. */
Test(syncing, puts_the_name_of_a_new_log_on_disk_before_it_acknowledges)
{
    unsigned begun = 0;
    start("always");
    for (unsigned long log = each_log(NULL); begun < 5;) {
        unsigned named = atomic_load(&gate->named);
        put_row();
        unsigned long now = each_log(NULL);
        if (now == log)
            continue;
        cr_assert(atomic_load(&gate->named) > named, "log %lu has no name on disk", now);
        log = now;
        begun++;
    }
}

Test(syncing, leaves_names_alone_that_have_not_changed)
{
    int64_t deadline = deadline_in(DEADLINE_SECONDS);
    start("always");
    wire_ask(wire, "PUT a 1\n", "OK\n");
    for (unsigned named = 0; named != atomic_load(&gate->named);) {
        cr_assert(deadline_left(deadline) > 0, "each write syncs the directory");
        poll(NULL, 0, 30);
        wire_ask(wire, "PUT a 1\n", "OK\n");
        named = atomic_load(&gate->named);
        for (unsigned i = 0; i < 10; i++)
            wire_ask(wire, "PUT a 1\n", "OK\n");
    }
}

Test(syncing, acknowledges_nothing_while_names_cannot_be_put_on_disk)
{
    start("always");
    for (unsigned i = 0; i < 3; i++)
        put_row();
    unsigned acknowledged = rows;
    atomic_store(&gate->nameless, 1);
    for (;;) {
        say_row();
        struct slice reply = wire_reply(wire);
        if (!slice_equal(reply, SLICE("OK\n"))) {
            cr_assert(slice_has_prefix(reply, SLICE("ERR UNKNOWN \"cannot sync ")), "%s",
                      report_show(reply));
            break;
        }
        acknowledged = rows;
        cr_assert(rows < 1000, "writes are acknowledged without end");
    }
    atomic_store(&gate->nameless, 0);
    healing_await(server);
    wire_ask(wire, "PUT l 1\n", "OK\n");
    wire_say(wire, "COUNT k\n");
    unsigned count = 0;
    cr_assert_eq(sscanf(wire_reply(wire).data, "OK %u", &count), 1);
    cr_assert(count == acknowledged || count == acknowledged + 1, "%u rows of %u", count,
              acknowledged);
}

/* SECONDS ------------------------------------------------------------------- */

static void await_sync(const char *name)
{
    int64_t deadline = deadline_in(DEADLINE_SECONDS);
    while (gate_count(gate, 0, name) == 0) {
        cr_assert(deadline_left(deadline) > 0, "%s is not synced", name);
        poll(NULL, 0, 5);
    }
}

Test(syncing, of_seconds_acknowledges_at_once_and_syncs_later)
{
    start("1");
    atomic_store(&gate->closed, GATE_CLOSED);
    unsigned arrived = atomic_load(&gate->arrived);
    wire_ask(wire, "PUT a 1\n", "OK\n");
    gate_await(gate, arrived + 1);
    atomic_store(&gate->closed, GATE_OPEN);
    char name[32];
    snprintf(name, sizeof(name), "%06lu.log", each_log(NULL));
    await_sync(name);
    cr_assert_eq(daemon_info(server, "sync"), 1);
}

/* The table of what is in the first log is still being made, so only the log has it. */
Test(syncing, of_seconds_reaches_logs_that_were_replaced)
{
    start("1");
    atomic_store(&gate->closed, GATE_CLOSED_TO_TABLES);
    unsigned long first = each_log(NULL);
    while (each_log(NULL) == first)
        put_row();
    put_row();
    unsigned named = atomic_load(&gate->named);
    each_log(await_sync);
    int64_t deadline = deadline_in(DEADLINE_SECONDS);
    while (atomic_load(&gate->named) == named)
        cr_assert(deadline_left(deadline) > 0, "the name of the new log is not put on disk");
    atomic_store(&gate->closed, GATE_OPEN);
}

/* Else a power cut would take more than the last second. */
Test(syncing, of_seconds_holds_replies_back_when_the_disk_is_slower)
{
    int64_t deadline = deadline_in(DEADLINE_SECONDS);
    start("1");
    wire_ask(wire, "PUT a 1\n", "OK\n");
    atomic_store(&gate->closed, GATE_CLOSED);
    for (;;) {
        int waited = 0;
        wire_say(wire, "PUT a 2\n");
        for (; waited < 1000 && !wire_ready(wire); waited += 5)
            poll(NULL, 0, 5);
        if (waited >= 1000)
            break;
        wire_expect(wire, "OK\n");
        cr_assert(deadline_left(deadline) > 0, "writes are acknowledged without end");
    }
    wire_close(wire);
    wire = daemon_connect(server);
    wire_ask(wire, "PING\n", "OK \"PONG\"\n");
    atomic_store(&gate->closed, GATE_OPEN);
    wire_ask(wire, "PUT a 3\n", "OK\n");
}

/* Nobody writes meanwhile: the store notices by itself that it lost what it promised, and makes it
 * durable by reopening. */
Test(syncing, of_seconds_that_fails_makes_the_store_read_only_until_it_is_reopened)
{
    start("1");
    atomic_store(&gate->broken, 1);
    wire_ask(wire, "PUT a 1\n", "OK\n");
    daemon_await_log(server, "read-only");
    wire_say(wire, "PUT a 2\n");
    struct slice reply = wire_reply(wire);
    cr_assert(slice_has_prefix(reply, SLICE("ERR READONLY \"cannot sync ")), "%s",
              report_show(reply));
    atomic_store(&gate->broken, 0);
    healing_await(server);
    wire_ask(wire, "GET a\n", "OK \"1\"\n");
    wire_ask(wire, "PUT a 2\n", "OK\n");
}
