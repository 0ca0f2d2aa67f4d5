/*
 * Batches: what stands between BEGIN and COMMIT happens together or not at all.
 */
#include <criterion/criterion.h>
#include <poll.h>
#include <stdio.h>

#include "tests/lib/daemon.h"
#include "tests/lib/deadline.h"
#include "tests/lib/report.h"
#include "tests/system/load.h"

static struct daemon *server;
static struct wire *wire;
static struct wire *other;

static void start(void)
{
    server = daemon_run();
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

TestSuite(batch, .init = start, .fini = stop, .timeout = 90);

/* A suite of its own start: with a scan time-out of a second. */
static void restart(void)
{
    stop();
    server = daemon_new();
    daemon_start(server, "--scan-timeout", "1", "--sync", "never", NULL);
    wire = daemon_connect(server);
    other = daemon_connect(server);
}

static const char spoiled[] = "ERR BATCH \"a request in the batch failed; nothing was changed\"\n";
static const char none[] = "ERR BATCH \"no batch is open\"\n";

Test(batch, is_seen_by_nobody_before_its_commit)
{
    wire_ask(wire, "PUT a 1\nBEGIN\nPUT a 2\nPUT b 2\nDEL c\n", "OK\nOK\nOK\nOK\nOK\n");
    wire_ask(wire, "MGET a b\n", "\"a\" \"1\"\n\"b\"\nOK 1\n");
    wire_ask(other, "MGET a b\n", "\"a\" \"1\"\n\"b\"\nOK 1\n");
    wire_ask(wire, "COMMIT\n", "OK\n");
    wire_ask(other, "MGET a b\n", "\"a\" \"2\"\n\"b\" \"2\"\nOK 2\n");
    wire_ask(wire, "PUT c 3\n", "OK\n"); /* and after it writes are writes again */
    wire_ask(other, "GET c\n", "OK \"3\"\n");
}

Test(batch, may_come_in_one_packet_with_others_around_it)
{
    wire_ask(wire,
             "PUT a 1\nBEGIN\nCHECK a 1\nPUT a 2\nCOMMIT\nGET a\nBEGIN\nPUT a 3\nABORT\n"
             "GET a\nPUT a 4\nGET a\n",
             "OK\nOK\nOK\nOK\nOK\nOK \"2\"\nOK\nOK\nOK\nOK \"2\"\nOK\nOK \"4\"\n");
}

Test(batch, applies_nothing_when_a_check_fails)
{
    wire_ask(wire, "MPUT a 1 b 2\n", "OK\n");
    static const char *const checks[][2] = {
        {"CHECK a 2\n", "CONFLICT \"a\"\n"},
        {"CHECK a ABSENT\n", "CONFLICT \"a\"\n"},
        {"CHECK nothing ''\n", "CONFLICT \"nothing\"\n"},
        {"CHECK a IFEQ ABSENT\n", "CONFLICT \"a\"\n"},
        {"PUT b 5 NX\n", "CONFLICT \"b\"\n"},
        {"DELIFEQ b 1\n", "CONFLICT \"b\"\n"},
    };
    for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
        wire_ask(wire, "BEGIN\nPUT x 1\nDEL a\n", "OK\nOK\nOK\n");
        wire_ask(wire, checks[i][0], "OK\n");
        wire_ask(wire, "COMMIT\n", checks[i][1]);
        wire_ask(wire, "SCAN ''\n", "\"a\" \"1\"\n\"b\" \"2\"\nOK 2\n");
    }
}

Test(batch, makes_its_checks_before_its_own_writes)
{
    wire_ask(wire, "BEGIN\nPUT a 1\nCHECK a ABSENT\nPUT b 1 NX\nPUT b 2\nCOMMIT\n",
             "OK\nOK\nOK\nOK\nOK\nOK\n");
    wire_ask(wire, "MGET a b\n", "\"a\" \"1\"\n\"b\" \"2\"\nOK 2\n");
    wire_ask(wire, "PUT word ABSENT\nBEGIN\nCHECK word ifeq ABSENT\nDEL word\nCOMMIT\n",
             "OK\nOK\nOK\nOK\nOK\n");
    wire_ask(wire, "EXISTS word\n", "OK 0\n");
}

Test(batch, conflicts_with_what_others_commit_meanwhile)
{
    wire_ask(wire, "PUT a 1\nBEGIN\nCHECK a 1\nPUT a 2\n", "OK\nOK\nOK\nOK\n");
    wire_ask(other, "PUT a 9\n", "OK\n");
    wire_ask(wire, "COMMIT\n", "CONFLICT \"a\"\n");
    wire_ask(wire, "GET a\n", "OK \"9\"\n");
}

/* Whatever fails in it, and however, the batch changes nothing and the connection goes on. */
Test(batch, in_which_a_request_fails_cannot_be_committed)
{
    static const char *const failures[] = {
        "PUT a\n", "FROB\n",   "GET \"open\n",      "PUT a 1 MAYBE\n",   "MPUT a 1 b\n",
        "BEGIN\n", "INCR n\n", "CHECK a IFNEQ 1\n", "SCAN '' LIMIT 0\n", "CHECK a\n",
    };
    for (size_t i = 0; i < sizeof(failures) / sizeof(failures[0]); i++) {
        wire_ask(wire, "BEGIN\nPUT before 1\n", "OK\nOK\n");
        wire_say(wire, failures[i]);
        struct slice reply = wire_reply(wire);
        cr_assert(slice_has_prefix(reply, SLICE("ERR ")), "%s: %s", failures[i],
                  report_show(reply));
        wire_ask(wire, "PUT after 1\n", "OK\n");
        wire_ask(wire, "COMMIT\n", spoiled);
        wire_ask(wire, "COUNT ''\n", "OK 0\n");
    }
    wire_ask(wire, "BEGIN\nFROB\nABORT\nPUT a 1\n",
             "OK\nERR UNKNOWN_COMMAND \"no command FROB; try HELP\"\nOK\nOK\n");
}

/* A scan that is cut off fails long after it began, and late readers are the reason. */
Test(batch, in_which_a_scan_is_cut_off_cannot_be_committed)
{
    struct slice ending;
    restart();
    load_rows(other, 20000, 4096);
    wire_ask(wire, "BEGIN\nPUT half 1\n", "OK\nOK\n");
    wire_say(wire, "SCAN k\n");
    poll(NULL, 0, 3000);
    wire_skip_reply(wire, &ending);
    cr_assert(slice_has_prefix(ending, SLICE("ERR TIMEOUT \"")), "%s", report_show(ending));
    wire_ask(wire, "COMMIT\n", spoiled);
    wire_ask(wire, "EXISTS half\n", "OK 0\n");
}

Test(batch, needs_a_beginning)
{
    wire_ask(wire, "COMMIT\n", none);
    wire_ask(wire, "ABORT\n", none);
    wire_ask(wire, "CHECK a 1\n", "ERR BATCH \"CHECK belongs into a batch; see BEGIN\"\n");
    wire_ask(wire, "PUT a 1\nCOMMIT\nPUT b 1\n", "OK\nERR BATCH \"no batch is open\"\nOK\n");
    wire_ask(wire, "BEGIN\nCOMMIT\nCOMMIT\n", "OK\nOK\nERR BATCH \"no batch is open\"\n");
}

#define MANY 20000

Test(batch, may_hold_thousands_of_writes)
{
    struct buffer requests = {0};
    char text[64];
    uint64_t commits = daemon_info(server, "commits");
    buffer_append_string(&requests, "BEGIN\n");
    for (unsigned i = 0; i < MANY; i++) {
        snprintf(text, sizeof(text), "PUT k%06u %u\n", i, i);
        buffer_append_string(&requests, text);
    }
    wire_send(wire, buffer_slice(&requests));
    for (unsigned i = 0; i <= MANY; i++)
        wire_expect(wire, "OK\n");
    wire_ask(other, "COUNT ''\n", "OK 0\n");
    wire_ask(wire, "COMMIT\n", "OK\n");
    wire_ask(other, "COUNT ''\n", "OK 20000\n");
    cr_assert_eq(daemon_info(server, "commits") - commits, 1);
    buffer_fini(&requests);
}

/* 33 values of a megabyte, give or take: one of them is too many. */
Test(batch, that_grows_too_large_is_refused_whole)
{
    struct buffer request = {0};
    bool refused = false;
    buffer_append_string(&request, "PUT a ");
    cr_assert(buffer_reserve(&request, 1 << 20));
    memset(request.data + request.len, 'x', 1 << 20);
    request.len += 1 << 20;
    buffer_append_byte(&request, '\n');
    wire_ask(wire, "BEGIN\n", "OK\n");
    for (unsigned i = 0; i < 33 && !refused; i++) {
        wire_send(wire, buffer_slice(&request));
        struct slice reply = wire_reply(wire);
        refused = slice_equal(reply,
                              SLICE("ERR LIMIT \"the batch is larger than --max-batch allows\"\n"));
        cr_assert(refused || slice_equal(reply, SLICE("OK\n")), "%s", report_show(reply));
    }
    cr_assert(refused);
    wire_ask(wire, "COMMIT\n", spoiled);
    wire_ask(wire, "COUNT ''\n", "OK 0\n");
    buffer_fini(&request);
}

static void await_connections(uint64_t count)
{
    int64_t deadline = deadline_in(DEADLINE_SECONDS);
    while (daemon_info(server, "connections") > count) {
        cr_assert(deadline_left(deadline) > 0, "the connection is still open");
        poll(NULL, 0, 10);
    }
}

Test(batch, ends_with_its_connection)
{
    struct wire *gone = daemon_connect(server);
    wire_ask(gone, "BEGIN\nPUT a 1\n", "OK\nOK\n");
    wire_reset(gone);
    await_connections(3); /* the two of the suite, and the one that asks */
    wire_ask(wire, "COUNT ''\n", "OK 0\n");
    wire_ask(wire, "COMMIT\n", none);
}

Test(batch, is_kept_whole_by_a_kill)
{
    wire_ask(wire, "BEGIN\nPUT a 1\nPUT b 1\nCOMMIT\nBEGIN\nPUT c 1\n", "OK\nOK\nOK\nOK\nOK\nOK\n");
    daemon_kill(server);
    wire_close(wire);
    wire_close(other);
    daemon_start(server, NULL);
    wire = daemon_connect(server);
    other = daemon_connect(server);
    wire_ask(wire, "SCAN ''\n", "\"a\" \"1\"\n\"b\" \"1\"\nOK 2\n");
}
