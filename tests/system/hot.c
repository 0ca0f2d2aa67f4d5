/*
 * Hot values, seen from outside: keys that are read often are answered from memory, and always as
 * the store would answer.
 */
#include <criterion/criterion.h>
#include <stdio.h>

#include "tests/lib/daemon.h"
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
    daemon_start(server, "--allow-flush", "yes", NULL);
    wire = daemon_connect(server);
}

static void stop(void)
{
    wire_close(wire);
    daemon_stop(server);
    daemon_free(server);
}

TestSuite(hot, .init = start, .fini = stop, .timeout = 120);

/* Reads the key until it must be hot, and sees that it is. */
static void heat(const char *request, const char *reply)
{
    wire_ask(wire, request, reply);
    wire_ask(wire, request, reply);
    uint64_t hits = daemon_info(server, "hot_hits");
    wire_ask(wire, request, reply);
    cr_assert_eq(daemon_info(server, "hot_hits"), hits + 1, "%s did not find it hot", request);
}

static void heat_all(void)
{
    wire_ask(wire, "MPUT a 1 b 2 p:1 x p:2 y\n", "OK\n");
    heat("GET a\n", "OK \"1\"\n");
    heat("GET b\n", "OK \"2\"\n");
    heat("GET p:1\n", "OK \"x\"\n");
    heat("GET p:2\n", "OK \"y\"\n");
}

Test(hot, takes_no_more_memory_than_it_may)
{
    heat_all();
    cr_assert_leq(daemon_info(server, "hot_held"), daemon_info(server, "hot_values"));
    cr_assert_gt(daemon_info(server, "hot_held"), 0);
}

Test(hot, shows_every_change)
{
    heat_all();
    wire_ask(wire, "PUT a 3\n", "OK\n");
    wire_ask(wire, "GET a\n", "OK \"3\"\n");
    heat("GET a\n", "OK \"3\"\n");
    wire_ask(wire, "INCR a 4\n", "OK \"7\"\n");
    wire_ask(wire, "GET a\n", "OK \"7\"\n");
    heat("GET a\n", "OK \"7\"\n");
    wire_ask(wire, "PUT a 8 IFEQ 7\n", "OK\n");
    heat("GET a\n", "OK \"8\"\n");
    wire_ask(wire, "DELIFEQ a 8\n", "OK\n");
    wire_ask(wire, "GET a\n", "NOT_FOUND\n");
    wire_ask(wire, "BEGIN\n", "OK\n");
    wire_ask(wire, "PUT a batch\n", "OK\n");
    wire_ask(wire, "DEL b\n", "OK\n");
    wire_say(wire, "COMMIT\n");
    wire_reply(wire);
    wire_ask(wire, "GET a\n", "OK \"batch\"\n");
    wire_ask(wire, "GET b\n", "NOT_FOUND\n");
}

Test(hot, shows_a_deleted_range)
{
    heat_all();
    wire_say(wire, "DELPREFIX p:\n");
    wire_reply(wire);
    wire_ask(wire, "GET p:1\n", "NOT_FOUND\n");
    wire_ask(wire, "GET p:2\n", "NOT_FOUND\n");
    wire_ask(wire, "GET a\n", "OK \"1\"\n");
}

Test(hot, shows_a_transaction_and_a_flush)
{
    struct wire *redis = daemon_connect(server);
    heat_all();
    wire_ask(redis, "*1\r\n$5\r\nMULTI\r\n", "+OK\r\n");
    wire_ask(redis, "*2\r\n$4\r\nINCR\r\n$1\r\na\r\n", "+QUEUED\r\n");
    wire_ask(redis, "*2\r\n$3\r\nGET\r\n$1\r\na\r\n", "+QUEUED\r\n");
    wire_ask(redis, "*2\r\n$3\r\nDEL\r\n$1\r\nb\r\n", "+QUEUED\r\n");
    wire_ask(redis, "*1\r\n$4\r\nEXEC\r\n", "*3\r\n:2\r\n$1\r\n2\r\n:1\r\n");
    wire_ask(wire, "GET a\n", "OK \"2\"\n");
    wire_ask(wire, "GET b\n", "NOT_FOUND\n");
    wire_ask(redis, "*1\r\n$8\r\nFLUSHALL\r\n", "+OK\r\n");
    wire_ask(wire, "GET p:1\n", "NOT_FOUND\n");
    wire_ask(redis, "*2\r\n$3\r\nGET\r\n$3\r\np:2\r\n", "$-1\r\n");
    wire_close(redis);
}

/* Nobody knows whether the write that failed is there. LevelDB does not show it until it read its
 * log again, in which it is; what was read often meanwhile must not hide it then. */
Test(hot, shows_what_the_log_holds_after_the_store_was_reopened)
{
    heat_all();
    atomic_store(&gate->broken, 1);
    wire_say(wire, "PUT a from-the-log\n");
    cr_assert(slice_has_prefix(wire_reply(wire), SLICE("ERR UNKNOWN \"")));
    heat("GET a\n", "OK \"1\"\n");
    atomic_store(&gate->broken, 0);
    healing_await(server);
    wire_ask(wire, "GET a VERIFY\n", "OK \"from-the-log\"\n");
    wire_ask(wire, "GET a\n", "OK \"from-the-log\"\n");
    heat("GET b\n", "OK \"2\"\n");
}

/* Nothing is answered from memory when there is no store. */
Test(hot, does_not_outlive_the_database)
{
    heat_all();
    atomic_store(&gate->broken, 1);
    wire_say(wire, "PUT a 2\n");
    cr_assert(slice_has_prefix(wire_reply(wire), SLICE("ERR UNKNOWN \"")));
    healing_hide_current(server, true);
    atomic_store(&gate->broken, 0);
    daemon_await_log(server, "has no CURRENT file");
    wire_say(wire, "GET b\n");
    cr_assert(slice_has_prefix(wire_reply(wire), SLICE("ERR IO \"")));
    healing_hide_current(server, false);
    healing_await(server);
    wire_ask(wire, "GET b\n", "OK \"2\"\n");
}

Test(hot, leaves_other_views_alone)
{
    char request[64];
    unsigned long long id = 0;
    heat_all();
    wire_say(wire, "SNAPSHOT\n");
    cr_assert_eq(sscanf(wire_reply(wire).data, "OK \"%llu\"", &id), 1);
    wire_ask(wire, "PUT a new\n", "OK\n");
    heat("GET a\n", "OK \"new\"\n");
    uint64_t hits = daemon_info(server, "hot_hits");
    snprintf(request, sizeof(request), "GET a AT %llu\n", id);
    wire_ask(wire, request, "OK \"1\"\n");
    wire_ask(wire, "GET a VERIFY\n", "OK \"new\"\n");
    wire_ask(wire, "GET a NOCACHE\n", "OK \"new\"\n");
    wire_ask(wire, "SCAN a\n", "\"a\" \"new\"\nOK 1\n");
    cr_assert_eq(daemon_info(server, "hot_hits"), hits);
}

Test(hot, can_be_turned_off)
{
    wire_close(wire);
    daemon_stop(server);
    daemon_start(server, "--hot-values", "0", NULL);
    wire = daemon_connect(server);
    wire_ask(wire, "PUT a 1\n", "OK\n");
    for (unsigned i = 0; i < 4; i++)
        wire_ask(wire, "GET a\n", "OK \"1\"\n");
    cr_assert_eq(daemon_info(server, "hot_hits"), 0);
    cr_assert_eq(daemon_info(server, "hot_held"), 0);
}
