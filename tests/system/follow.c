/*
 * FOLLOW: what is told of changes, and from where on.
 */
#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>

#include "tests/lib/report.h"
#include "tests/system/follower.h"
#include "tests/system/gate.h"
#include "tests/system/load.h"

static struct daemon *server;
static struct wire *writer;

static void prepare(void)
{
    server = daemon_new();
}

static void stop(void)
{
    wire_close(writer);
    if (daemon_pid(server) != 0)
        daemon_stop(server);
    daemon_free(server);
}

TestSuite(follow, .init = prepare, .fini = stop, .timeout = 120);

static void serve(void)
{
    daemon_start(server, NULL);
    writer = daemon_connect(server);
}

static void serve_forgetful(void)
{
    follower_start_forgetful(server);
    writer = daemon_connect(server);
}

/* What a follower hears ---------------------------------------------------- */

Test(follow, tells_of_changes_in_the_order_of_commits)
{
    serve();
    struct wire *wire = follower_open(server, "FOLLOW ''\n", NULL);
    wire_ask(writer, "PUT a 1\nPUT b \"\"\nDEL a\nPUT \"\\xff\" \"\\n\"\n", "OK\nOK\nOK 1\nOK\n");
    follower_expect(wire, "\"PUT\" \"a\" \"1\" \"@-1\"\n"
                          "\"PUT\" \"b\" \"\" \"@-2\"\n"
                          "\"DEL\" \"a\" \"@-3\"\n"
                          "\"PUT\" \"\\xFF\" \"\\n\" \"@-4\"\n");
    wire_ask(writer, "SET a 2\n", "OK\n");
    follower_expect(wire, "\"PUT\" \"a\" \"2\" \"@-5\"\n");
    wire_close(wire);
}

Test(follow, tells_of_keys_with_its_prefix_only)
{
    serve();
    struct wire *wire = follower_open(server, "FOLLOW a:\n", NULL);
    wire_ask(writer, "PUT a 1\nPUT a: 2\nPUT a:b 3\nPUT b 4\nMPUT a;x 5 a:c 6\n",
             "OK\nOK\nOK\nOK\nOK\n");
    follower_expect(wire, "\"PUT\" \"a:\" \"2\" \"@-2\"\n"
                          "\"PUT\" \"a:b\" \"3\" \"@-3\"\n"
                          "\"PUT\" \"a:c\" \"6\" \"@-5\"\n");
    wire_close(wire);
}

Test(follow, gives_all_changes_of_a_write_one_sequence)
{
    serve();
    struct wire *wire = follower_open(server, "FOLLOW ''\n", NULL);
    wire_ask(writer, "MPUT a 1 b 2 a 3\n", "OK\n");
    wire_ask(writer, "BEGIN\nPUT c 4\nCHECK a 3\nDEL b\nDELIFEQ a 3\nCOMMIT\nDEL c d\n",
             "OK\nOK\nOK\nOK\nOK\nOK\nOK 1\n");
    follower_expect(wire, "\"PUT\" \"a\" \"1\" \"@-1\"\n"
                          "\"PUT\" \"b\" \"2\" \"@-1\"\n"
                          "\"PUT\" \"a\" \"3\" \"@-1\"\n"
                          "\"PUT\" \"c\" \"4\" \"@-2\"\n"
                          "\"DEL\" \"b\" \"@-2\"\n"
                          "\"DEL\" \"a\" \"@-2\"\n"
                          "\"DEL\" \"c\" \"@-3\"\n"
                          "\"DEL\" \"d\" \"@-3\"\n");
    wire_close(wire);
}

Test(follow, tells_the_outcome_and_not_the_request)
{
    serve();
    struct wire *wire = follower_open(server, "FOLLOW ''\n", NULL);
    wire_ask(writer, "INCR n 41\nINCR n\nPUT n 7 IFEQ 42\nDELIFEQ n 7\n",
             "OK \"41\"\nOK \"42\"\nOK\nOK\n");
    follower_expect(wire, "\"PUT\" \"n\" \"41\" \"@-1\"\n"
                          "\"PUT\" \"n\" \"42\" \"@-2\"\n"
                          "\"PUT\" \"n\" \"7\" \"@-3\"\n"
                          "\"DEL\" \"n\" \"@-4\"\n");
    wire_close(wire);
}

Test(follow, tells_of_every_row_that_a_prefix_took_along)
{
    serve();
    struct wire *wire = follower_open(server, "FOLLOW d:\n", NULL);
    wire_ask(writer, "MPUT d:1 x d:2 y e z\nDELPREFIX d: DRYRUN\nDELPREFIX d\n",
             "OK\nOK 2\nOK 2\n");
    follower_expect(wire, "\"PUT\" \"d:1\" \"x\" \"@-1\"\n"
                          "\"PUT\" \"d:2\" \"y\" \"@-1\"\n"
                          "\"DEL\" \"d:1\" \"@-2\"\n"
                          "\"DEL\" \"d:2\" \"@-2\"\n");
    wire_close(wire);
}

Test(follow, hears_nothing_of_what_changed_nothing)
{
    serve();
    struct wire *wire = follower_open(server, "FOLLOW ''\n", NULL);
    wire_ask(writer, "PUT n 1 XX\nDELIFEQ n 7\n", "CONFLICT \"n\"\nCONFLICT \"n\"\n");
    wire_ask(writer, "PUT t text\nINCR t\n",
             "OK\nERR NOT_NUMBER \"the key holds no whole number of 64 bits\"\n");
    wire_ask(writer, "BEGIN\nPUT x 1\nCHECK t other\nCOMMIT\n", "OK\nOK\nOK\nCONFLICT \"t\"\n");
    wire_ask(writer, "BEGIN\nPUT x 1\nABORT\nBEGIN\nCHECK t text\nCOMMIT\nSYNC\n",
             "OK\nOK\nOK\nOK\nOK\nOK\nOK\n");
    wire_ask(writer, "PUT end 1\n", "OK\n");
    follower_expect(wire, "\"PUT\" \"t\" \"text\" \"@-1\"\n"
                          "\"PUT\" \"end\" \"1\" \"@-2\"\n");
    wire_close(wire);
}

Test(follow, leaves_the_prefix_in_use_out)
{
    serve();
    struct wire *wire = daemon_connect(server);
    wire_ask(wire, "USE 1767225600000:and:longer:than:a:sequence:\n",
             "OK \"1767225600000:and:longer:than:a:sequence:\"\n");
    wire_say(wire, "FOLLOW k\r\n");
    follower_number(slice_of(wire_line(wire).data, 24)); /* without the CR */
    wire_ask(writer, "USE 1767225600000:and:longer:than:a:sequence:\n",
             "OK \"1767225600000:and:longer:than:a:sequence:\"\n");
    wire_ask(writer, "PUT k v\nPUT x v\nDEL k\n", "OK\nOK\nOK 1\n");
    follower_expect(wire, "\"PUT\" \"k\" \"v\" \"@-1\"\r\n\"DEL\" \"k\" \"@-3\"\r\n");
    daemon_signal(server, SIGTERM);
    follower_expect(wire, "ERR SHUTDOWN \"the server is stopping\" MORE \"@-3\"\r\n");
    cr_assert_eq(daemon_wait(server), 0, "%s", daemon_log(server));
    wire_close(wire);
}

Test(follow, shows_no_change_before_reads_do)
{
    char request[64];
    char reply[64];
    serve();
    struct wire *wire = follower_open(server, "FOLLOW ''\n", NULL);
    struct wire *reader = daemon_connect(server);
    for (unsigned i = 0; i < 200; i++) {
        snprintf(request, sizeof(request), "PUT k%u v\n", i);
        wire_say(writer, request);
        wire_line(wire);
        snprintf(request, sizeof(request), "GET k%u\n", i);
        snprintf(reply, sizeof(reply), "OK \"v\"\n");
        wire_ask(reader, request, reply);
    }
    wire_close(reader);
    wire_close(wire);
}

/* Nothing is told while fdatasync has not returned: what a follower hears is on disk. */
Test(follow, tells_of_nothing_before_it_is_on_disk)
{
    struct gate *gate = gate_open(server);
    serve();
    struct wire *wire = follower_open(server, "FOLLOW ''\n", NULL);
    atomic_store(&gate->closed, 1);
    unsigned arrived = atomic_load(&gate->arrived);
    wire_say(writer, "PUT a 1\n");
    gate_await(gate, arrived + 1);
    struct wire *late = follower_open(server, "FOLLOW ''\n", NULL); /* which says SEQ @-0 */
    cr_assert_not(wire_ready(wire));
    cr_assert_not(wire_ready(late));
    atomic_store(&gate->closed, 0);
    follower_expect(wire, "\"PUT\" \"a\" \"1\" \"@-1\"\n");
    follower_expect(late, "\"PUT\" \"a\" \"1\" \"@-1\"\n");
    wire_expect(writer, "OK\n");
    wire_close(wire);
    wire_close(late);
}

Test(follow, hears_nothing_of_a_write_that_the_disk_refused)
{
    uint64_t from = 0;
    struct gate *gate = gate_open(server);
    serve();
    struct wire *wire = follower_open(server, "FOLLOW ''\n", NULL);
    wire_ask(writer, "PUT a 1\n", "OK\n");
    atomic_store(&gate->broken, 1);
    wire_say(writer, "PUT a 2\n");
    struct slice reply = wire_reply(writer);
    cr_assert(slice_has_prefix(reply, SLICE("ERR UNKNOWN \"")), "%s", report_show(reply));
    follower_expect(wire, "\"PUT\" \"a\" \"1\" \"@-1\"\n");
    struct wire *late = follower_open(server, "FOLLOW ''\n", &from);
    cr_assert_eq(from, 1);
    cr_assert_not(wire_ready(wire));
    wire_close(wire);
    wire_close(late);
}

/* From where --------------------------------------------------------------- */

Test(follow, resumes_without_a_gap)
{
    uint64_t from = 0;
    serve();
    struct wire *wire = follower_open(server, "FOLLOW a\n", &from);
    cr_assert_eq(from, 0);
    wire_ask(writer, "PUT a1 x\nMPUT a2 y b z a3 y\n", "OK\nOK\n");
    follower_expect(wire, "\"PUT\" \"a1\" \"x\" \"@-1\"\n\"PUT\" \"a2\" \"y\" \"@-2\"\n");
    wire_reset(wire);
    wire_ask(writer, "PUT a4 x\n", "OK\n");
    wire = follower_open(server, "FOLLOW a from @-2\n", &from);
    cr_assert_eq(from, 1, "what is repeated was not told yet");
    follower_expect(wire, "\"PUT\" \"a2\" \"y\" \"@-2\"\n"
                          "\"PUT\" \"a3\" \"y\" \"@-2\"\n"
                          "\"PUT\" \"a4\" \"x\" \"@-3\"\n");
    wire_ask(writer, "PUT a5 x\n", "OK\n");
    follower_expect(wire, "\"PUT\" \"a5\" \"x\" \"@-4\"\n");
    wire_close(wire);
    wire = follower_open(server, "FOLLOW '' FROM @-0\n", &from);
    follower_expect(wire, "\"PUT\" \"a1\" \"x\" \"@-1\"\n\"PUT\" \"a2\" \"y\" \"@-2\"\n"
                          "\"PUT\" \"b\" \"z\" \"@-2\"\n");
    wire_close(wire);
}

Test(follow, says_when_changes_are_lost)
{
    serve_forgetful();
    struct wire *wire = follower_open(server, "FOLLOW ''\n", NULL);
    load_rows(writer, 100, 1000);
    follower_say(writer, "FOLLOW '' FROM @-0\nFOLLOW k FROM @-1\nPING\n");
    const char *gone = "ERR LOST \"the history does not reach back to that sequence\"\n";
    wire_expect(writer, gone);
    wire_expect(writer, gone);
    wire_expect(writer, "OK \"PONG\"\n");
    /* The newest are held. */
    struct wire *late = follower_open(server, "FOLLOW k00000099 FROM @-100\n", NULL);
    cr_assert(slice_has_prefix(wire_line(late), SLICE("\"PUT\" \"k00000099\" \"99:")));
    wire_close(late);
    wire_close(wire);
}

Test(follow, says_that_the_server_was_restarted_since)
{
    serve();
    struct wire *wire = follower_open(server, "FOLLOW ''\n", NULL);
    wire_ask(writer, "PUT a 1\n", "OK\n");
    wire_close(wire);
    wire_close(writer);
    daemon_stop(server);
    serve();
    wire_ask(writer, "PUT a 1\n", "OK\n");
    follower_say(writer, "FOLLOW '' FROM @-1\nFOLLOW '' FROM @-0\n");
    const char *other = "ERR LOST \"the sequence is of another run of the server\"\n";
    wire_expect(writer, other);
    wire_expect(writer, other);
}

Test(follow, of_the_future_or_of_nonsense_is_refused)
{
    static const char *const nonsense[] = {"''", "1", "-", "@", "@-", "@-x", "@--1", "@-01", "-1"};
    serve();
    struct wire *wire = follower_open(server, "FOLLOW ''\n", NULL);
    wire_ask(writer, "PUT a 1\n", "OK\n");
    follower_say(writer, "FOLLOW '' FROM @-2\nFOLLOW '' FROM @-18446744073709551615\n");
    wire_expect(writer, "ERR BADARG \"the sequence is of the future\"\n");
    wire_expect(writer, "ERR BADARG \"the sequence is of the future\"\n");
    for (size_t i = 0; i < sizeof(nonsense) / sizeof(nonsense[0]); i++) {
        follower_say(writer, "FOLLOW '' FROM ");
        follower_say(writer, nonsense[i]);
        wire_ask(writer, "\n", "ERR BADARG \"FROM takes a sequence that a FOLLOW told\"\n");
    }
    wire_ask(writer, "FOLLOW '' FROM\n",
             "ERR BADARG \"behind the prefix comes FROM and a sequence\"\n");
    wire_ask(writer, "FOLLOW '' x y\n",
             "ERR BADARG \"behind the prefix comes FROM and a sequence\"\n");
    wire_ask(writer, "FOLLOW\n", "ERR ARGS \"usage: FOLLOW prefix [FROM sequence]\"\n");
    wire_ask(writer, "PING\n", "OK \"PONG\"\n");
    wire_close(wire);
}

Test(follow, is_refused_where_no_history_is_kept)
{
    daemon_start(server, "--feed-history", "0", NULL);
    writer = daemon_connect(server);
    wire_ask(writer, "PUT a 1\nFOLLOW ''\nGET a\n",
             "OK\nERR LIMIT \"the server keeps no history of changes\"\nOK \"1\"\n");
    wire_ask(writer, "INFO feed\n", "\"feed_history\" \"0\"\nOK 1\n");
}
