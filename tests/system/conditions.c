/*
 * Conditional writes and counters: decided by the one writer, also when many ask at once, and also
 * against writes of the same commit that are not on disk yet.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "tests/lib/daemon.h"
#include "tests/lib/report.h"
#include "tests/system/gate.h"

static struct daemon *server;
static struct wire *wire;

static void start(void)
{
    server = daemon_new();
}

static void stop(void)
{
    wire_close(wire);
    daemon_stop(server);
    daemon_free(server);
}

TestSuite(condition, .init = start, .fini = stop, .timeout = 120);

static void serve(void)
{
    daemon_start(server, NULL);
    wire = daemon_connect(server);
}

Test(condition, holds_or_changes_nothing)
{
    serve();
    wire_ask(wire, "PUT k 1 XX\n", "CONFLICT \"k\"\n");
    wire_ask(wire, "PUT k 1 IFEQ ''\n", "CONFLICT \"k\"\n");
    wire_ask(wire, "GET k\n", "NOT_FOUND\n");
    wire_ask(wire, "PUT k 1 NX\n", "OK\n");
    wire_ask(wire, "PUT k 2 NX\n", "CONFLICT \"k\"\n");
    wire_ask(wire, "PUT k 2 ifeq 10\n", "CONFLICT \"k\"\n");
    wire_ask(wire, "GET k\n", "OK \"1\"\n");
    wire_ask(wire, "PUT k 2 XX\n", "OK\n");
    wire_ask(wire, "PUT k '' IFEQ 2\n", "OK\n");
    wire_ask(wire, "PUT k 3 NX\n", "CONFLICT \"k\"\n"); /* an empty value is a value */
    wire_ask(wire, "PUT k 3 IFEQ ''\n", "OK\n");
    wire_ask(wire, "DELIFEQ k 2\n", "CONFLICT \"k\"\n");
    wire_ask(wire, "DELIFEQ k 3\n", "OK\n");
    wire_ask(wire, "DELIFEQ k 3\n", "CONFLICT \"k\"\n");
    wire_ask(wire, "EXISTS k\n", "OK 0\n");
}

Test(condition, names_the_key_with_its_escapes)
{
    serve();
    wire_ask(wire, "PUT \"a\\x00\\n\" 1 XX\r\n", "CONFLICT \"a\\x00\\n\"\r\n");
}

Test(condition, sees_earlier_writes_of_its_own_pipeline)
{
    serve();
    wire_ask(wire,
             "PUT a 1\nPUT a 2 IFEQ 1\nPUT a 3 IFEQ 1\nDEL a\nPUT a 4 NX\nINCR a 6\n"
             "PUT a 5 IFEQ 10\nMPUT b x a y\nDELIFEQ a y\nDEL a b\nINCR a\n",
             "OK\nOK\nCONFLICT \"a\"\nOK 1\nOK\nOK \"10\"\nOK\nOK\nOK\nOK 1\nOK \"1\"\n");
}

/* The first commit is held in fdatasync until all the others wait: they share the next one. */
Test(condition, is_decided_among_writers_of_one_commit)
{
    struct gate *gate = gate_open(server);
    struct wire *writers[8];
    unsigned won = 0;
    serve();
    atomic_store(&gate->closed, 1);
    unsigned arrived = atomic_load(&gate->arrived);
    wire_say(wire, "PUT other 1\n");
    gate_await(gate, arrived + 1);
    for (size_t i = 0; i < 8; i++) {
        writers[i] = daemon_connect(server);
        wire_say(writers[i], "PUT lock mine NX\n");
    }
    atomic_store(&gate->closed, 0);
    wire_expect(wire, "OK\n");
    for (size_t i = 0; i < 8; i++) {
        struct slice reply = wire_reply(writers[i]);
        won += slice_equal(reply, SLICE("OK\n"));
        cr_assert(slice_equal(reply, SLICE("OK\n")) ||
                      slice_equal(reply, SLICE("CONFLICT \"lock\"\n")),
                  "%s", report_show(reply));
        wire_close(writers[i]);
    }
    cr_assert_eq(won, 1, "%u writers hold the lock", won);
}

#define CLIENTS 16
#define INCREMENTS 10000
#define AT_ONCE 500

Test(condition, sixteen_clients_count_to_a_hundred_and_sixty_thousand)
{
    struct wire *clients[CLIENTS];
    struct buffer requests = {0};
    serve();
    for (unsigned i = 0; i < AT_ONCE; i++)
        buffer_append_string(&requests, "INCR counter\n");
    for (size_t i = 0; i < CLIENTS; i++)
        clients[i] = daemon_connect(server);
    for (unsigned sent = 0; sent < INCREMENTS; sent += AT_ONCE) {
        for (size_t i = 0; i < CLIENTS; i++)
            wire_send(clients[i], buffer_slice(&requests));
        for (size_t i = 0; i < CLIENTS; i++)
            for (unsigned j = 0; j < AT_ONCE; j++)
                cr_assert(slice_has_prefix(wire_reply(clients[i]), SLICE("OK \"")));
    }
    for (size_t i = 0; i < CLIENTS; i++)
        wire_close(clients[i]);
    buffer_fini(&requests);
    wire_ask(wire, "GET counter\n", "OK \"160000\"\n");
}

Test(condition, sums_stay_within_64_bits)
{
    const char *not_number = "ERR NOT_NUMBER \"the key holds no whole number of 64 bits\"\n";
    const char *overflow = "ERR OVERFLOW \"the sum does not fit 64 bits; nothing was changed\"\n";
    static const char *const others[] = {
        "''", "' 1'", "1x", "+1", "-", "--1", "1.5", "9223372036854775808", "-9223372036854775809"};
    serve();
    wire_ask(wire, "INCR n -9223372036854775808\n", "OK \"-9223372036854775808\"\n");
    wire_ask(wire, "INCR n -1\n", overflow);
    wire_ask(wire, "INCR n 9223372036854775807\n", "OK \"-1\"\n");
    wire_ask(wire, "INCR n 1\n", "OK \"0\"\n");
    wire_ask(wire, "INCR n 9223372036854775807\n", "OK \"9223372036854775807\"\n");
    wire_ask(wire, "INCR n\n", overflow);
    wire_ask(wire, "GET n\n", "OK \"9223372036854775807\"\n");
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        char request[64];
        snprintf(request, sizeof(request), "PUT n %s\n", others[i]);
        wire_ask(wire, request, "OK\n");
        wire_ask(wire, "INCR n\n", not_number);
    }
}

Test(condition, of_another_kind_is_refused)
{
    const char *condition =
        "ERR BADARG \"behind the value comes NX, XX or IFEQ old; quote a value with spaces\"\n";
    const char *number = "ERR BADARG \"INCR adds a whole number of 64 bits\"\n";
    serve();
    wire_ask(wire, "PUT k v IFEQ\n", condition);
    wire_ask(wire, "PUT k v NX 1\n", condition);
    wire_ask(wire, "PUT k v MAYBE\n", condition);
    wire_ask(wire, "INCR n 1.5\n", number);
    wire_ask(wire, "INCR n 9223372036854775808\n", number);
    wire_ask(wire, "INCR n ''\n", number);
    /* Refused in its place in a pipeline. */
    wire_say(wire, "PUT a 1\nPUT a 2 MAYBE\nINCR a\n");
    wire_expect(wire, "OK\n");
    wire_expect(wire, condition);
    wire_expect(wire, "OK \"2\"\n");
}

Test(condition, outcomes_survive_a_kill)
{
    serve();
    wire_ask(wire, "PUT a 1 NX\nINCR n 7\nPUT b 1\nDELIFEQ b 1\n", "OK\nOK \"7\"\nOK\nOK\n");
    wire_close(wire);
    daemon_kill(server);
    serve();
    wire_ask(wire, "MGET a n b\n", "\"a\" \"1\"\n\"n\" \"7\"\n\"b\"\nOK 2\n");
}
