/*
 * An acknowledged write is on disk: one fdatasync for all that wait, and nothing lost by kill -9.
 */
#include <criterion/criterion.h>
#include <poll.h>
#include <stdio.h>

#include "tests/lib/chance.h"
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

TestSuite(durability, .init = prepare, .fini = stop, .timeout = 120);

/* Waits until the daemon has taken so many more requests than `before`; each look is one more. */
static void await_requests(uint64_t before, uint64_t count)
{
    int64_t deadline = deadline_in(DEADLINE_SECONDS);
    while (daemon_info(server, "requests") < before + ++count) {
        cr_assert(deadline_left(deadline) > 0, "the requests do not arrive");
        poll(NULL, 0, 5);
    }
}

Test(durability, a_write_is_acknowledged_after_fdatasync_and_not_before)
{
    struct gate *gate = gate_open(server);
    daemon_start(server, NULL);
    struct wire *writer = daemon_connect(server);
    struct wire *reader = daemon_connect(server);
    wire_ask(writer, "PUT a 1\n", "OK\n");
    static const char *const writes[][2] = {
        {"PUT a 2\n", "OK\n"},    {"MPUT b 1 c 2\n", "OK\n"}, {"DEL a nothing\n", "OK 1\n"},
        {"PUT d 1 NX\n", "OK\n"}, {"DELIFEQ d 1\n", "OK\n"},  {"INCR n\n", "OK \"1\"\n"},
        {"COMMIT\n", "OK\n"},
    };
    for (size_t i = 0; i < sizeof(writes) / sizeof(writes[0]); i++) {
        if (strcmp(writes[i][0], "COMMIT\n") == 0)
            wire_ask(writer, "BEGIN\nPUT e 1\n", "OK\nOK\n");
        atomic_store(&gate->closed, 1);
        unsigned arrived = atomic_load(&gate->arrived);
        wire_say(writer, writes[i][0]);
        gate_await(gate, arrived + 1);
        /* The disk is slow, and reads go on. */
        for (unsigned reads = 0; reads < 50; reads++)
            wire_ask(reader, "PING\n", "OK \"PONG\"\n");
        wire_ask(reader, "EXISTS never\n", "OK 0\n");
        cr_assert_not(wire_ready(writer), "%s was acknowledged too early", writes[i][0]);
        atomic_store(&gate->closed, 0);
        wire_expect(writer, writes[i][1]);
    }
    wire_close(writer);
    wire_close(reader);
    daemon_stop(server);
}

Test(durability, sync_never_does_not_wait_for_the_disk)
{
    struct gate *gate = gate_open(server);
    daemon_start(server, "--sync", "never", NULL);
    struct wire *wire = daemon_connect(server);
    atomic_store(&gate->closed, 1);
    unsigned arrived = atomic_load(&gate->arrived);
    wire_ask(wire, "PUT a 1\nDEL a\n", "OK\nOK 1\n");
    cr_assert_eq(atomic_load(&gate->arrived), arrived);
    atomic_store(&gate->closed, 0);
    wire_close(wire);
    daemon_stop(server);
}

#define WRITERS 64

Test(durability, one_fdatasync_serves_all_that_wait)
{
    struct gate *gate = gate_open(server);
    daemon_start(server, NULL);
    struct wire *wires[WRITERS];
    char text[64];
    for (unsigned i = 0; i < WRITERS; i++)
        wires[i] = daemon_connect(server);
    uint64_t commits = daemon_info(server, "commits");
    uint64_t writes = daemon_info(server, "committed_writes");
    uint64_t operations = daemon_info(server, "committed_operations");
    uint64_t requests = daemon_info(server, "requests");
    atomic_store(&gate->closed, 1);
    unsigned arrived = atomic_load(&gate->arrived);
    for (unsigned i = 0; i < WRITERS; i++) {
        snprintf(text, sizeof(text), "MPUT a:%02u %u b:%02u %u\n", i, i, i, i);
        wire_say(wires[i], text);
    }
    gate_await(gate, arrived + 1);
    await_requests(requests, WRITERS);
    atomic_store(&gate->closed, 0);
    for (unsigned i = 0; i < WRITERS; i++)
        wire_expect(wires[i], "OK\n");
    cr_assert_eq(daemon_info(server, "committed_writes") - writes, WRITERS);
    cr_assert_eq(daemon_info(server, "committed_operations") - operations, 2 * WRITERS);
    /* The first went alone or with some; all others were waiting when it was done. */
    uint64_t done = daemon_info(server, "commits") - commits;
    cr_assert(done <= 3, "%llu commits", (unsigned long long)done);
    cr_assert_eq(atomic_load(&gate->arrived) - arrived, done, "one fdatasync each");
    wire_ask(wires[0], "COUNT ''\n", "OK 128\n");
    for (unsigned i = 0; i < WRITERS; i++)
        wire_close(wires[i]);
    daemon_stop(server);
}

/* Without a gate to help, the disk is still shared: this is a count, not a time. */
Test(durability, many_writers_share_their_commits)
{
    daemon_start(server, NULL);
    struct wire *wires[WRITERS];
    char text[64];
    for (unsigned i = 0; i < WRITERS; i++)
        wires[i] = daemon_connect(server);
    for (unsigned round = 0; round < 30; round++) {
        for (unsigned i = 0; i < WRITERS; i++) {
            snprintf(text, sizeof(text), "PUT k:%02u %u\n", i, round);
            wire_say(wires[i], text);
        }
        for (unsigned i = 0; i < WRITERS; i++)
            wire_expect(wires[i], "OK\n");
    }
    uint64_t commits = daemon_info(server, "commits");
    cr_assert_eq(daemon_info(server, "committed_writes"), 30 * WRITERS);
    cr_assert(commits < 30 * WRITERS / 2, "%llu commits for %u writes", (unsigned long long)commits,
              30 * WRITERS);
    for (unsigned i = 0; i < WRITERS; i++)
        wire_close(wires[i]);
    daemon_stop(server);
}

Test(durability, a_pipeline_of_writes_is_one_commit_or_few)
{
    daemon_start(server, NULL);
    struct wire *wire = daemon_connect(server);
    struct buffer requests = {0};
    for (unsigned i = 0; i < 1000; i++)
        buffer_append_string(&requests, "PUT k 1\n");
    wire_send(wire, buffer_slice(&requests));
    for (unsigned i = 0; i < 1000; i++)
        wire_expect(wire, "OK\n");
    cr_assert(daemon_info(server, "commits") < 100);
    cr_assert_eq(daemon_info(server, "committed_writes"), 1000);
    buffer_fini(&requests);
    wire_close(wire);
    daemon_stop(server);
}

#define CLIENTS 16

/* What one client has sent, and what of it was acknowledged: pairs 0 to n - 1. */
struct client {
    struct wire *wire;
    unsigned sent;
    unsigned acknowledged;
};

static void send_pair(struct client *client, unsigned number)
{
    char text[96];
    snprintf(text, sizeof(text), "MPUT x:%02u:%05u %u y:%02u:%05u %u\n", number, client->sent,
             client->sent, number, client->sent, client->sent);
    wire_say(client->wire, text);
    client->sent++;
}

/* Writes from all clients at once until, at any moment, the daemon is killed. */
static void write_and_kill(struct client *clients, struct chance *chance)
{
    for (unsigned i = 0; i < CLIENTS; i++)
        clients[i].wire = daemon_connect(server);
    size_t acknowledgements = CLIENTS * 5 + chance_below(chance, CLIENTS * 20);
    for (unsigned i = 0; i < CLIENTS; i++)
        send_pair(&clients[i], i);
    for (size_t i = 0; i < acknowledgements; i++) {
        struct client *client = &clients[i % CLIENTS];
        wire_expect(client->wire, "OK\n");
        client->acknowledged++;
        send_pair(client, (unsigned)(i % CLIENTS));
    }
    daemon_kill(server);
    for (unsigned i = 0; i < CLIENTS; i++)
        wire_close(clients[i].wire);
}

/* All that was acknowledged is there, and of the rest only whole pairs. */
static void expect_kept(struct client *client, unsigned number, struct wire *wire)
{
    char text[96];
    char reply[96];
    for (unsigned n = 0; n < client->sent; n++) {
        snprintf(text, sizeof(text), "MGET x:%02u:%05u y:%02u:%05u\n", number, n, number, n);
        snprintf(reply, sizeof(reply), "\"x:%02u:%05u\" \"%u\"\n\"y:%02u:%05u\" \"%u\"\nOK 2\n",
                 number, n, n, number, n, n);
        wire_say(wire, text);
        struct slice got = wire_reply(wire);
        if (n < client->acknowledged)
            report_equal("an acknowledged pair", got, slice_from_string(reply));
        else
            cr_assert(slice_equal(got, slice_from_string(reply)) ||
                          slice_equal(slice_of(got.data + got.len - 5, 5), SLICE("OK 0\n")),
                      "half a pair: %s", report_show(got));
    }
    client->acknowledged = client->sent; /* what was there once must stay */
}

Test(durability, kill_9_loses_nothing_that_was_acknowledged)
{
    struct chance chance = {50};
    struct client clients[CLIENTS] = {0};
    daemon_start(server, NULL);
    for (unsigned round = 0; round < 5; round++) {
        write_and_kill(clients, &chance);
        daemon_start(server, NULL);
        struct wire *wire = daemon_connect(server);
        for (unsigned i = 0; i < CLIENTS; i++)
            expect_kept(&clients[i], i, wire);
        /* The last pair of each may be missing; it is sent again, so that all are there. */
        for (unsigned i = 0; i < CLIENTS; i++)
            send_pair(&(struct client){.wire = wire, .sent = clients[i].sent - 1}, i);
        for (unsigned i = 0; i < CLIENTS; i++)
            wire_expect(wire, "OK\n");
        wire_close(wire);
    }
    daemon_stop(server);
}

/* A pipeline of writes under a prefix, cut off by a kill after some replies. */
static void pipeline_and_kill(const char *prefix, unsigned acknowledged)
{
    struct buffer requests = {0};
    char text[64];
    for (unsigned i = 0; i < 20000; i++) {
        snprintf(text, sizeof(text), "PUT %s:%05u 1\n", prefix, i);
        buffer_append_string(&requests, text);
    }
    struct wire *wire = daemon_connect(server);
    wire_push(wire, buffer_slice(&requests), 200);
    for (unsigned i = 0; i < acknowledged; i++)
        wire_expect(wire, "OK\n");
    daemon_kill(server);
    wire_close(wire);
    buffer_fini(&requests);
}

/* How many keys 0 to n - 1 there are under the prefix; any other key ends the test. */
static unsigned count_from_start(const char *prefix)
{
    struct wire *wire = daemon_connect(server);
    char text[64];
    unsigned kept = 0;
    snprintf(text, sizeof(text), "SCAN %s: KEYS\n", prefix);
    wire_say(wire, text);
    for (struct slice row = wire_line(wire); row.data[0] == '"'; row = wire_line(wire)) {
        snprintf(text, sizeof(text), "\"%s:%05u\"\n", prefix, kept++);
        report_equal("the next key", row, slice_from_string(text));
    }
    wire_close(wire);
    return kept;
}

Test(durability, kill_9_leaves_the_start_of_a_pipeline)
{
    static const char *const prefixes[] = {"a", "b", "c"};
    struct chance chance = {51};
    daemon_start(server, NULL);
    for (size_t round = 0; round < 3; round++) {
        unsigned acknowledged = (unsigned)chance_below(&chance, 3000);
        pipeline_and_kill(prefixes[round], acknowledged);
        daemon_start(server, NULL);
        unsigned kept = count_from_start(prefixes[round]);
        cr_assert(kept >= acknowledged, "%u were acknowledged, %u are there", acknowledged, kept);
    }
    daemon_stop(server);
}

#define CROWD 80
#define BURST 3000

/* More than the queue of the committer holds, while the disk hangs: what does not fit waits in the
 * sockets, and once the disk goes on everybody is answered. */
Test(durability, a_disk_that_hangs_holds_writers_back_and_loses_none)
{
    static struct wire *wires[CROWD];
    static size_t taken[CROWD];
    struct gate *gate = gate_open(server);
    daemon_start(server, NULL);
    struct buffer requests = {0};
    char value[1024];
    memset(value, 'v', sizeof(value));
    for (unsigned i = 0; i < BURST; i++) {
        buffer_append_string(&requests, "PUT k ");
        buffer_append(&requests, value, sizeof(value));
        buffer_append_byte(&requests, '\n');
    }
    struct wire *neighbour = daemon_connect(server);
    size_t before = daemon_rss(server);
    atomic_store(&gate->closed, 1);
    for (unsigned i = 0; i < CROWD; i++) {
        wires[i] = daemon_connect(server);
        taken[i] = wire_push(wires[i], buffer_slice(&requests), 20);
        wire_ask(neighbour, "PING\n", "OK \"PONG\"\n");
    }
    size_t now = daemon_rss(server);
    cr_assert(now < before + 160 * 1024 * 1024, "grew from %zu to %zu KiB", before / 1024,
              now / 1024);
    atomic_store(&gate->closed, 0);
    for (unsigned i = 0; i < CROWD; i++) {
        wire_send(wires[i], slice_of(requests.data + taken[i], requests.len - taken[i]));
        for (unsigned n = 0; n < BURST; n++)
            wire_expect(wires[i], "OK\n");
        wire_close(wires[i]);
    }
    wire_close(neighbour);
    buffer_fini(&requests);
    daemon_stop(server);
}
