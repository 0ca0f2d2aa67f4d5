/*
 * A disk that fails while LevelDB merges tables because somebody asked for that with COMPACT.
 *
 * LevelDB 1.23 forgets a merge that was asked for as soon as anything fails, also while its other
 * thread still works on it, and that thread then follows a null pointer.
 */
#include <criterion/criterion.h>
#include <sched.h>

#include "tests/lib/daemon.h"
#include "tests/lib/report.h"
#include "tests/system/gate.h"

TestSuite(merges, .timeout = 120);

static void restart(struct daemon *server)
{
    daemon_stop(server);
    daemon_start(server, "--min-free", "0", NULL);
}

/* A table of one row. At a start LevelDB makes one of what it finds in the log. */
static void make_table(struct daemon *server, const char *request)
{
    struct wire *wire = daemon_connect(server);
    wire_ask(wire, request, "OK\n");
    wire_close(wire);
    restart(server);
}

/* Waits until a table has come to the gate behind its first `from` calls. */
static void await_table(struct gate *gate, unsigned from)
{
    for (unsigned i = from;; i++) {
        cr_assert(i < GATE_RECORDS);
        gate_await(gate, i + 1);
        while (gate->names[i][0] == '\0') /* it is written a moment later */
            sched_yield();
        if (strstr(gate->names[i], ".ldb") != NULL)
            return;
    }
}

Test(merges, outlive_a_write_that_fails_under_them)
{
    struct daemon *server = daemon_new();
    struct gate *gate = gate_open(server);
    daemon_start(server, "--min-free", "0", NULL);
    make_table(server, "MPUT a 1 b 1\n");
    make_table(server, "MPUT a 2 c 2\n");
    struct wire *wire = daemon_connect(server);
    struct wire *other = daemon_connect(server);
    unsigned arrived = atomic_load(&gate->arrived);
    atomic_store(&gate->closed, GATE_CLOSED_TO_TABLES);
    wire_say(other, "COMPACT ''\n");
    await_table(gate, arrived); /* the merged table is written, and not synced yet */
    atomic_store(&gate->broken, 1);
    wire_say(wire, "PUT d 3\n");
    struct slice reply = wire_reply(wire);
    cr_assert(slice_has_prefix(reply, SLICE("ERR UNKNOWN ")), "%s", report_show(reply));
    atomic_store(&gate->broken, 0);
    atomic_store(&gate->closed, GATE_OPEN);
    wire_reply(other);
    wire_ask(wire, "MGET a b c\n", "\"a\" \"2\"\n\"b\" \"1\"\n\"c\" \"2\"\nOK 3\n");
    wire_close(wire);
    wire_close(other);
    daemon_stop(server);
    daemon_free(server);
}
