/*
 * A disk that fails under a commit: what each request is told, what may be there afterwards, and
 * that writing goes on as soon as the disk takes writes again.
 */
#include <criterion/criterion.h>
#include <poll.h>
#include <stdio.h>

#include "tests/lib/daemon.h"
#include "tests/lib/deadline.h"
#include "tests/lib/report.h"
#include "tests/system/gate.h"
#include "tests/system/healing.h"

static struct daemon *server;
static struct gate *gate;
static struct wire *wire;

static void start(void)
{
    server = daemon_new();
    gate = gate_open(server);
    daemon_start(server, NULL);
    wire = daemon_connect(server);
}

static void stop(void)
{
    wire_close(wire);
    daemon_stop(server);
    daemon_free(server);
}

TestSuite(disk, .init = start, .fini = stop, .timeout = 90);

static void heal(void)
{
    atomic_store(&gate->broken, 0);
    healing_await(server);
}

static void expect_reply(struct wire *from, const char *beginning)
{
    struct slice reply = wire_reply(from);
    cr_assert(slice_has_prefix(reply, slice_from_string(beginning)), "expected %s and got %s",
              beginning, report_show(reply));
}

static void expect_start(const char *request, const char *beginning)
{
    wire_say(wire, request);
    expect_reply(wire, beginning);
}

/* The reply must be one of two. True when it is the second. */
static bool expect_either(const char *request, const char *one, const char *other)
{
    wire_say(wire, request);
    struct slice reply = wire_reply(wire);
    bool second = slice_equal(reply, slice_from_string(other));
    cr_assert(second || slice_equal(reply, slice_from_string(one)), "%s: %s", request,
              report_show(reply));
    return second;
}

Test(disk, that_fails_ends_all_writes_until_it_takes_them_again_and_no_reads)
{
    wire_ask(wire, "MPUT a 1 b 1\n", "OK\n");
    expect_start("INFO store\n", "\"writable\" \"yes\"\n\"read_only_because\" \"\"\n");
    atomic_store(&gate->broken, 1);
    expect_start("PUT a 2\n", "ERR UNKNOWN \"IO error: ");
    expect_start("PUT a 3\n", "ERR READONLY \"IO error: ");
    expect_start("DEL b\n", "ERR READONLY \"");
    expect_start("INCR b\n", "ERR READONLY \"");
    daemon_await_log(server, "cannot be reopened yet: ");
    expect_start("PUT a 3\n", "ERR READONLY \"");
    wire_ask(wire, "GET b\n", "OK \"1\"\n");
    wire_ask(wire, "COUNT ''\n", "OK 2\n");
    expect_start("INFO store\n", "\"writable\" \"no\"\n\"read_only_because\" \"IO error: ");
    cr_assert_eq(daemon_info(server, "reopened"), 0);
    heal();
    cr_assert_eq(daemon_info(server, "reopened"), 1);
    daemon_await_log(server, "takes writes again");
    expect_either("GET a\n", "OK \"1\"\n", "OK \"2\"\n");
    wire_ask(wire, "GET b\n", "OK \"1\"\n");
    wire_ask(wire, "PUT a 4\n", "OK\n");
    wire_ask(wire, "SYNC\n", "OK\n");
}

/* What was acknowledged before, between and behind is there, and comes through a crash. */
Test(disk, that_fails_again_and_again_loses_nothing_that_was_acknowledged)
{
    char request[64];
    for (int i = 0; i < 4; i++) {
        snprintf(request, sizeof(request), "PUT kept:%d %d\n", i, i);
        wire_ask(wire, request, "OK\n");
        atomic_store(&gate->broken, 1);
        snprintf(request, sizeof(request), "PUT open:%d %d\n", i, i);
        expect_start(request, "ERR UNKNOWN \"");
        heal();
    }
    wire_close(wire);
    daemon_kill(server);
    daemon_start(server, NULL);
    wire = daemon_connect(server);
    wire_ask(wire, "COUNT kept:\n", "OK 4\n");
}

/* One packet is one run of writes, and one commit. What was refused by a condition on what is
 * stored, or for what it asks, changed nothing, whatever the disk did; of the others nobody knows,
 * and a sum or a number of deleted keys is not told. Nor does anybody know whether a refusal for
 * what the run itself changed is right. All of them are there later, or none. */
Test(disk, that_fails_under_a_run_of_writes_leaves_each_its_own_answer)
{
    wire_ask(wire, "MPUT n 5 text word held me\n", "OK\n");
    atomic_store(&gate->broken, 1);
    wire_say(wire, "INCR n\nPUT held you NX\nPUT new 1 NX\nINCR text\nPUT new 2 MAYBE\nDEL text\n"
                   "INCR n 10\nDELIFEQ held you\nPUT new 2 NX\nINCR new 9223372036854775807\n");
    expect_reply(wire, "ERR UNKNOWN \"");
    expect_reply(wire, "CONFLICT \"held\"\n");
    expect_reply(wire, "ERR UNKNOWN \"");
    expect_reply(wire, "ERR NOT_NUMBER \"");
    expect_reply(wire, "ERR BADARG \"");
    expect_reply(wire, "ERR UNKNOWN \"");
    expect_reply(wire, "ERR UNKNOWN \"");
    expect_reply(wire, "CONFLICT \"held\"\n");
    expect_reply(wire, "ERR UNKNOWN \""); /* not CONFLICT */
    expect_reply(wire, "ERR UNKNOWN \""); /* not OVERFLOW */
    heal();
    bool there = expect_either("GET n\n", "OK \"5\"\n", "OK \"16\"\n");
    wire_ask(wire, "EXISTS new\n", there ? "OK 1\n" : "OK 0\n");
    wire_ask(wire, "EXISTS text\n", there ? "OK 0\n" : "OK 1\n");
    wire_ask(wire, "GET held\n", "OK \"me\"\n");
}

Test(disk, that_fails_under_a_batch_leaves_all_of_it_or_nothing)
{
    wire_ask(wire, "MPUT a 1 b 1\n", "OK\n");
    wire_ask(wire, "BEGIN\nCHECK a 1\nPUT a 2\nDEL b\nPUT c 2\n", "OK\nOK\nOK\nOK\nOK\n");
    atomic_store(&gate->broken, 1);
    expect_start("COMMIT\n", "ERR UNKNOWN \"");
    wire_ask(wire, "COMMIT\n", "ERR BATCH \"no batch is open\"\n");
    heal();
    expect_either("SCAN ''\n", "\"a\" \"1\"\n\"b\" \"1\"\nOK 2\n",
                  "\"a\" \"2\"\n\"c\" \"2\"\nOK 2\n");
}

/* A barrier syncs the logs before anything is written. When that fails, the puts beside it did not
 * happen, for certain; but what SYNC asked about, earlier writes, is not known. */
Test(disk, that_fails_before_a_write_says_so)
{
    wire_ask(wire, "PUT n 5\n", "OK\n");
    atomic_store(&gate->broken, 1);
    wire_say(wire, "PUT a 1\nSYNC\nINCR n\nPUT a 2 NX\n");
    expect_reply(wire, "ERR IO \"");
    expect_reply(wire, "ERR UNKNOWN \"");
    expect_reply(wire, "ERR IO \"");
    expect_reply(wire, "ERR IO \"");
    heal();
    wire_ask(wire, "MGET a n\n", "\"a\"\n\"n\" \"5\"\nOK 1\n");
}

#define WAITING 4

/* Waits until the daemon has taken so many requests; each look is one more. */
static void await_requests(uint64_t count)
{
    int64_t deadline = deadline_in(DEADLINE_SECONDS);
    while (daemon_info(server, "requests") < count++) {
        cr_assert(deadline_left(deadline) > 0, "the requests do not arrive");
        poll(NULL, 0, 5);
    }
}

/* READONLY, unlike UNKNOWN, is a promise: it did not happen, and will not be found later. */
Test(disk, that_fails_leaves_untried_what_waited_behind)
{
    static const char *const requests[WAITING] = {"INCR n\n", "PUT a 1 NX\n", "MPUT b 1 c 1\n",
                                                  "DEL n\n"};
    struct wire *others[WAITING];
    wire_ask(wire, "PUT n 5\n", "OK\n");
    uint64_t before = daemon_info(server, "requests");
    unsigned arrived = atomic_load(&gate->arrived);
    atomic_store(&gate->closed, 1);
    wire_say(wire, "PUT first 1\n");
    gate_await(gate, arrived + 1);
    for (size_t i = 0; i < WAITING; i++) {
        others[i] = daemon_connect(server);
        wire_say(others[i], requests[i]);
    }
    await_requests(before + 1 + WAITING + 1);
    atomic_store(&gate->broken, 1);
    atomic_store(&gate->closed, 0);
    expect_reply(wire, "ERR UNKNOWN \"");
    for (size_t i = 0; i < WAITING; i++) {
        expect_reply(others[i], "ERR READONLY \"");
        wire_close(others[i]);
    }
    heal();
    wire_ask(wire, "MGET n a b c\n", "\"n\" \"5\"\n\"a\"\n\"b\"\n\"c\"\nOK 1\n");
}

/* Says a transaction of these requests; only EXEC's reply is left to be read. */
static void say_transaction(struct wire *from, const char *const *requests)
{
    wire_ask(from, "*1\r\n$5\r\nMULTI\r\n", "+OK\r\n");
    for (; *requests != NULL; requests++)
        wire_ask(from, *requests, "+QUEUED\r\n");
    wire_say(from, "*1\r\n$4\r\nEXEC\r\n");
}

static const char get_a[] = "*2\r\n$3\r\nGET\r\n$1\r\na\r\n";
static const char get_new[] = "*2\r\n$3\r\nGET\r\n$3\r\nnew\r\n";
static const char set_a[] = "*3\r\n$3\r\nSET\r\n$1\r\na\r\n$1\r\n2\r\n";

Test(disk, that_fails_lets_transactions_read_on)
{
    struct wire *redis = daemon_connect(server);
    wire_ask(wire, "PUT a 1\n", "OK\n");
    atomic_store(&gate->broken, 1);
    expect_start("PUT b 2\n", "ERR UNKNOWN \"");
    say_transaction(redis, (const char *[]){get_a, NULL});
    wire_expect(redis, "*1\r\n$1\r\n1\r\n");
    say_transaction(redis, (const char *[]){get_a, set_a, NULL});
    cr_assert(slice_has_prefix(wire_line(redis), SLICE("-READONLY IO error: ")));
    wire_say(redis, "*2\r\n$3\r\nDEL\r\n$1\r\nb\r\n"); /* which may come back */
    cr_assert(slice_has_prefix(wire_line(redis), SLICE("-READONLY ")));
    wire_ask(wire, "BEGIN\nCHECK a 1\n", "OK\nOK\n");
    wire_ask(wire, "COMMIT\n", "OK\n");
    expect_start("SYNC\n", "ERR READONLY \"");
    healing_hide_current(server, true);
    atomic_store(&gate->broken, 0);
    daemon_await_log(server, "has no CURRENT file");
    say_transaction(redis, (const char *[]){get_a, NULL});
    cr_assert(slice_has_prefix(wire_line(redis), SLICE("-IO ")));
    healing_hide_current(server, false);
    healing_await(server);
    say_transaction(redis, (const char *[]){get_a, NULL});
    wire_expect(redis, "*1\r\n$1\r\n1\r\n");
    wire_close(redis);
}

/* Of one round: what was read of the store is right, of what was to be written nobody knows. */
Test(disk, that_fails_under_transactions_that_read_leaves_what_they_saw_in_the_store)
{
    struct wire *others[3];
    wire_ask(wire, "PUT a 1\n", "OK\n");
    for (size_t i = 0; i < 3; i++)
        others[i] = daemon_connect(server);
    uint64_t before = daemon_info(server, "requests");
    unsigned arrived = atomic_load(&gate->arrived);
    atomic_store(&gate->closed, 1);
    wire_say(wire, "PUT first 1\n");
    gate_await(gate, arrived + 1);
    wire_say(others[0], "PUT new 1\n");
    await_requests(before + 2 + 1);
    before = daemon_info(server, "requests");
    say_transaction(others[1], (const char *[]){get_a, NULL});
    say_transaction(others[2], (const char *[]){get_new, NULL});
    await_requests(before + 6 + 1);
    atomic_store(&gate->through, arrived + 1);
    wire_expect(wire, "OK\n");
    gate_await(gate, arrived + 2);
    atomic_store(&gate->broken, 1);
    atomic_store(&gate->closed, 0);
    expect_reply(others[0], "ERR UNKNOWN \"");
    wire_expect(others[1], "*1\r\n$1\r\n1\r\n");
    cr_assert(slice_has_prefix(wire_line(others[2]), SLICE("-UNKNOWN ")));
    for (size_t i = 0; i < 3; i++)
        wire_close(others[i]);
    heal();
}

/* The store cannot be opened again while CURRENT is away: then there is nothing to read from. */
Test(disk, that_cannot_be_opened_again_ends_reads_until_it_can)
{
    wire_ask(wire, "PUT a 1\n", "OK\n");
    atomic_store(&gate->broken, 1);
    expect_start("PUT a 2\n", "ERR UNKNOWN \"");
    healing_hide_current(server, true);
    atomic_store(&gate->broken, 0);
    daemon_await_log(server, "has no CURRENT file");
    expect_start("GET a\n", "ERR IO \"");
    expect_start("SCAN a\n", "ERR IO \"");
    expect_start("SIZE a\n", "ERR IO \"");
    expect_start("SNAPSHOT\n", "ERR IO \"");
    expect_start("MGET a b\n", "ERR IO \"");
    expect_start("PROPERTY leveldb.stats\n", "ERR IO \"");
    expect_start("PUT a 3\n", "ERR READONLY \"");
    wire_ask(wire, "PING\n", "OK \"PONG\"\n");
    healing_hide_current(server, false);
    healing_await(server);
    expect_either("GET a\n", "OK \"1\"\n", "OK \"2\"\n");
    wire_ask(wire, "PUT a 4\n", "OK\n");
}
