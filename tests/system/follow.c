/*
 * FOLLOW: changes as they are committed. In what must come, @ stands for the start that the server
 * names in its first row.
 */
#include <criterion/criterion.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "protocol/number.h"
#include "tests/lib/deadline.h"
#include "tests/lib/report.h"
#include "tests/lib/text.h"
#include "tests/system/gate.h"
#include "tests/system/load.h"

#define MIB ((size_t)1024 * 1024)

static struct daemon *server;
static struct wire *writer;
static struct buffer start;

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
    buffer_fini(&start);
}

TestSuite(follow, .init = prepare, .fini = stop, .timeout = 120);

static void serve(void)
{
    daemon_start(server, NULL);
    writer = daemon_connect(server);
}

/* With a history of no more than 64 KiB, and little other memory. */
static void serve_shortly(void)
{
    daemon_start(server, "--feed-history", "64K", "--sync", "never", "--write-buffer", "1M",
                 "--cache", "0", "--workers", "2", NULL);
    writer = daemon_connect(server);
}

/* Rows and sequences ------------------------------------------------------- */

static void append_with_start(struct buffer *out, const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text == '@')
            buffer_append_slice(out, buffer_slice(&start));
        else
            buffer_append_byte(out, *text);
    }
}

static void expect(struct wire *wire, const char *text)
{
    struct buffer expected = {0};
    append_with_start(&expected, text);
    wire_expect_bytes(wire, buffer_slice(&expected));
    buffer_fini(&expected);
}

static void say(struct wire *wire, const char *text)
{
    struct buffer request = {0};
    append_with_start(&request, text);
    wire_send(wire, buffer_slice(&request));
    buffer_fini(&request);
}

/* The number in the last part of a row; its start must be the known one, or becomes that. */
static uint64_t number_of(struct slice line)
{
    uint64_t number = 0;
    const char *dash = memrchr(line.data, '-', line.len);
    const char *quote = dash == NULL ? NULL : memrchr(line.data, '"', (size_t)(dash - line.data));
    cr_assert(quote != NULL, "no sequence ends %s", report_show(line));
    struct slice named = slice_of(quote + 1, (size_t)(dash - quote) - 1);
    if (start.len == 0)
        buffer_append_slice(&start, named);
    report_equal("the start", buffer_slice(&start), named);
    struct slice digits = slice_of(dash + 1, line.len - (size_t)(dash + 1 - line.data));
    cr_assert(digits.len > 2 &&
                  number_read(slice_of(digits.data, digits.len - 2), UINT64_MAX, &number),
              "no sequence ends %s", report_show(line));
    return number;
}

/* A new connection that follows; its first row was taken, and *from is where that says it is. */
static struct wire *open_follower(const char *request, uint64_t *from)
{
    struct wire *wire = daemon_connect(server);
    say(wire, request);
    struct slice line = wire_line(wire);
    cr_assert(slice_has_prefix(line, SLICE("\"SEQ\" \"")), "%s", report_show(line));
    uint64_t number = number_of(line);
    if (from != NULL)
        *from = number;
    return wire;
}

/* What a follower hears ---------------------------------------------------- */

Test(follow, tells_of_changes_in_the_order_of_commits)
{
    serve();
    struct wire *wire = open_follower("FOLLOW ''\n", NULL);
    wire_ask(writer, "PUT a 1\nPUT b \"\"\nDEL a\nPUT \"\\xff\" \"\\n\"\n", "OK\nOK\nOK 1\nOK\n");
    expect(wire, "\"PUT\" \"a\" \"1\" \"@-1\"\n"
                 "\"PUT\" \"b\" \"\" \"@-2\"\n"
                 "\"DEL\" \"a\" \"@-3\"\n"
                 "\"PUT\" \"\\xFF\" \"\\n\" \"@-4\"\n");
    wire_ask(writer, "SET a 2\n", "OK\n");
    expect(wire, "\"PUT\" \"a\" \"2\" \"@-5\"\n");
    wire_close(wire);
}

Test(follow, tells_of_keys_with_its_prefix_only)
{
    serve();
    struct wire *wire = open_follower("FOLLOW a:\n", NULL);
    wire_ask(writer, "PUT a 1\nPUT a: 2\nPUT a:b 3\nPUT b 4\nMPUT a;x 5 a:c 6\n",
             "OK\nOK\nOK\nOK\nOK\n");
    expect(wire, "\"PUT\" \"a:\" \"2\" \"@-2\"\n"
                 "\"PUT\" \"a:b\" \"3\" \"@-3\"\n"
                 "\"PUT\" \"a:c\" \"6\" \"@-5\"\n");
    wire_close(wire);
}

Test(follow, gives_all_changes_of_a_write_one_sequence)
{
    serve();
    struct wire *wire = open_follower("FOLLOW ''\n", NULL);
    wire_ask(writer, "MPUT a 1 b 2 a 3\n", "OK\n");
    wire_ask(writer, "BEGIN\nPUT c 4\nCHECK a 3\nDEL b\nDELIFEQ a 3\nCOMMIT\nDEL c d\n",
             "OK\nOK\nOK\nOK\nOK\nOK\nOK 1\n");
    expect(wire, "\"PUT\" \"a\" \"1\" \"@-1\"\n"
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
    struct wire *wire = open_follower("FOLLOW ''\n", NULL);
    wire_ask(writer, "INCR n 41\nINCR n\nPUT n 7 IFEQ 42\nDELIFEQ n 7\n",
             "OK \"41\"\nOK \"42\"\nOK\nOK\n");
    expect(wire, "\"PUT\" \"n\" \"41\" \"@-1\"\n"
                 "\"PUT\" \"n\" \"42\" \"@-2\"\n"
                 "\"PUT\" \"n\" \"7\" \"@-3\"\n"
                 "\"DEL\" \"n\" \"@-4\"\n");
    wire_close(wire);
}

Test(follow, hears_nothing_of_what_changed_nothing)
{
    serve();
    struct wire *wire = open_follower("FOLLOW ''\n", NULL);
    wire_ask(writer, "PUT n 1 XX\nDELIFEQ n 7\n", "CONFLICT \"n\"\nCONFLICT \"n\"\n");
    wire_ask(writer, "PUT t text\nINCR t\n",
             "OK\nERR NOT_NUMBER \"the key holds no whole number of 64 bits\"\n");
    wire_ask(writer, "BEGIN\nPUT x 1\nCHECK t other\nCOMMIT\n", "OK\nOK\nOK\nCONFLICT \"t\"\n");
    wire_ask(writer, "BEGIN\nPUT x 1\nABORT\nBEGIN\nCHECK t text\nCOMMIT\nSYNC\n",
             "OK\nOK\nOK\nOK\nOK\nOK\nOK\n");
    wire_ask(writer, "PUT end 1\n", "OK\n");
    expect(wire, "\"PUT\" \"t\" \"text\" \"@-1\"\n"
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
    number_of(slice_of(wire_line(wire).data, 24)); /* without the CR */
    wire_ask(writer, "USE 1767225600000:and:longer:than:a:sequence:\n",
             "OK \"1767225600000:and:longer:than:a:sequence:\"\n");
    wire_ask(writer, "PUT k v\nPUT x v\nDEL k\n", "OK\nOK\nOK 1\n");
    expect(wire, "\"PUT\" \"k\" \"v\" \"@-1\"\r\n\"DEL\" \"k\" \"@-3\"\r\n");
    daemon_signal(server, SIGTERM);
    expect(wire, "ERR SHUTDOWN \"the server is stopping\" MORE \"@-3\"\r\n");
    cr_assert_eq(daemon_wait(server), 0, "%s", daemon_log(server));
    wire_close(wire);
}

Test(follow, shows_no_change_before_reads_do)
{
    char request[64];
    char reply[64];
    serve();
    struct wire *wire = open_follower("FOLLOW ''\n", NULL);
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
    struct wire *wire = open_follower("FOLLOW ''\n", NULL);
    atomic_store(&gate->closed, 1);
    unsigned arrived = atomic_load(&gate->arrived);
    wire_say(writer, "PUT a 1\n");
    gate_await(gate, arrived + 1);
    struct wire *late = open_follower("FOLLOW ''\n", NULL); /* which says SEQ @-0 */
    cr_assert_not(wire_ready(wire));
    cr_assert_not(wire_ready(late));
    atomic_store(&gate->closed, 0);
    expect(wire, "\"PUT\" \"a\" \"1\" \"@-1\"\n");
    expect(late, "\"PUT\" \"a\" \"1\" \"@-1\"\n");
    wire_expect(writer, "OK\n");
    wire_close(wire);
    wire_close(late);
}

Test(follow, hears_nothing_of_a_write_that_the_disk_refused)
{
    uint64_t from = 0;
    struct gate *gate = gate_open(server);
    serve();
    struct wire *wire = open_follower("FOLLOW ''\n", NULL);
    wire_ask(writer, "PUT a 1\n", "OK\n");
    atomic_store(&gate->broken, 1);
    wire_say(writer, "PUT a 2\n");
    struct slice reply = wire_reply(writer);
    cr_assert(slice_has_prefix(reply, SLICE("ERR UNKNOWN \"")), "%s", report_show(reply));
    expect(wire, "\"PUT\" \"a\" \"1\" \"@-1\"\n");
    struct wire *late = open_follower("FOLLOW ''\n", &from);
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
    struct wire *wire = open_follower("FOLLOW a\n", &from);
    cr_assert_eq(from, 0);
    wire_ask(writer, "PUT a1 x\nMPUT a2 y b z a3 y\n", "OK\nOK\n");
    expect(wire, "\"PUT\" \"a1\" \"x\" \"@-1\"\n\"PUT\" \"a2\" \"y\" \"@-2\"\n");
    wire_reset(wire);
    wire_ask(writer, "PUT a4 x\n", "OK\n");
    wire = open_follower("FOLLOW a from @-2\n", &from);
    cr_assert_eq(from, 1, "what is repeated was not told yet");
    expect(wire, "\"PUT\" \"a2\" \"y\" \"@-2\"\n"
                 "\"PUT\" \"a3\" \"y\" \"@-2\"\n"
                 "\"PUT\" \"a4\" \"x\" \"@-3\"\n");
    wire_ask(writer, "PUT a5 x\n", "OK\n");
    expect(wire, "\"PUT\" \"a5\" \"x\" \"@-4\"\n");
    wire_close(wire);
    wire = open_follower("FOLLOW '' FROM @-0\n", &from);
    expect(wire, "\"PUT\" \"a1\" \"x\" \"@-1\"\n\"PUT\" \"a2\" \"y\" \"@-2\"\n"
                 "\"PUT\" \"b\" \"z\" \"@-2\"\n");
    wire_close(wire);
}

Test(follow, says_when_changes_are_lost)
{
    serve_shortly();
    struct wire *wire = open_follower("FOLLOW ''\n", NULL);
    load_rows(writer, 100, 1000);
    say(writer, "FOLLOW '' FROM @-0\nFOLLOW k FROM @-1\nPING\n");
    const char *gone = "ERR LOST \"the history does not reach back to that sequence\"\n";
    wire_expect(writer, gone);
    wire_expect(writer, gone);
    wire_expect(writer, "OK \"PONG\"\n");
    /* The newest are held. */
    struct wire *late = open_follower("FOLLOW k00000099 FROM @-100\n", NULL);
    cr_assert(slice_has_prefix(wire_line(late), SLICE("\"PUT\" \"k00000099\" \"99:")));
    wire_close(late);
    wire_close(wire);
}

Test(follow, says_that_the_server_was_restarted_since)
{
    serve();
    struct wire *wire = open_follower("FOLLOW ''\n", NULL);
    wire_ask(writer, "PUT a 1\n", "OK\n");
    wire_close(wire);
    wire_close(writer);
    daemon_stop(server);
    serve();
    wire_ask(writer, "PUT a 1\n", "OK\n");
    say(writer, "FOLLOW '' FROM @-1\nFOLLOW '' FROM @-0\n");
    const char *other = "ERR LOST \"the sequence is of another run of the server\"\n";
    wire_expect(writer, other);
    wire_expect(writer, other);
}

Test(follow, of_the_future_or_of_nonsense_is_refused)
{
    static const char *const nonsense[] = {"''", "1", "-", "@", "@-", "@-x", "@--1", "@-01", "-1"};
    serve();
    struct wire *wire = open_follower("FOLLOW ''\n", NULL);
    wire_ask(writer, "PUT a 1\n", "OK\n");
    say(writer, "FOLLOW '' FROM @-2\nFOLLOW '' FROM @-18446744073709551615\n");
    wire_expect(writer, "ERR BADARG \"the sequence is of the future\"\n");
    wire_expect(writer, "ERR BADARG \"the sequence is of the future\"\n");
    for (size_t i = 0; i < sizeof(nonsense) / sizeof(nonsense[0]); i++) {
        say(writer, "FOLLOW '' FROM ");
        say(writer, nonsense[i]);
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

/* Time --------------------------------------------------------------------- */

Test(follow, hears_every_ten_seconds_how_far_it_has_come)
{
    serve();
    struct wire *wire = open_follower("FOLLOW quiet\n", NULL);
    wire_ask(writer, "PUT loud 1\nPUT loud 2\n", "OK\nOK\n");
    int64_t deadline = deadline_in(15);
    while (!wire_ready(wire)) {
        cr_assert(deadline_left(deadline) > 0, "no sign of life came");
        poll(NULL, 0, 50);
    }
    cr_assert(deadline_left(deadline) < 6000, "it came too soon");
    expect(wire, "\"SEQ\" \"@-2\"\n");
    wire_close(wire);
}

Test(follow, goes_on_after_a_half_close)
{
    serve();
    struct wire *wire = open_follower("FOLLOW ''\n", NULL);
    wire_finish(wire);
    for (unsigned i = 0; i < 50; i++)
        wire_ask(writer, "PUT a 1\n", "OK\n");
    for (unsigned i = 0; i < 50; i++)
        cr_assert_eq(number_of(wire_line(wire)), i + 1);
    wire_close(wire);
}

Test(follow, is_ended_by_a_server_that_stops)
{
    serve();
    struct wire *idle = open_follower("FOLLOW nothing\n", NULL);
    struct wire *wire = open_follower("FOLLOW ''\n", NULL);
    wire_ask(writer, "PUT a 1\n", "OK\n");
    expect(wire, "\"PUT\" \"a\" \"1\" \"@-1\"\n");
    daemon_signal(server, SIGTERM);
    expect(wire, "ERR SHUTDOWN \"the server is stopping\" MORE \"@-1\"\n");
    expect(idle, "ERR SHUTDOWN \"the server is stopping\" MORE \"@-0\"\n");
    wire_expect_close(wire);
    wire_expect_close(idle);
    cr_assert_eq(daemon_wait(server), 0, "%s", daemon_log(server));
    wire_close(wire);
    wire_close(idle);
}

/* Slow followers ----------------------------------------------------------- */

/* 64 MiB of changes pass it, of which sockets hold a few. */
Test(follow, that_does_not_read_costs_no_memory_and_learns_that_it_lost)
{
    serve_shortly();
    load_rows(writer, 2000, 4096);
    size_t before = daemon_rss(server);
    struct wire *deaf = open_follower("FOLLOW ''\nPING\n", NULL);
    load_rows(writer, 16 * 1024, 4096);
    size_t now = daemon_rss(server);
    cr_assert(now < before + 8 * MIB, "grew from %zu to %zu KiB", before / 1024, now / 1024);
    uint64_t last = 2000;
    struct slice line;
    while (line = wire_line(deaf), line.data[0] == '"') {
        uint64_t number = number_of(line);
        cr_assert_eq(number, last + 1, "it leaps from %llu to %llu", (unsigned long long)last,
                     (unsigned long long)number);
        last = number;
    }
    report_equal("the end", line,
                 SLICE("ERR LOST \"the follower was slower than the history is long\"\n"));
    cr_assert(last < 2000 + 16 * 1024);
    wire_expect(deaf, "OK \"PONG\"\n");
    wire_ask(deaf, "GET k00000001\n", load_reply(1, 4096));
    wire_close(deaf);
}

Test(follow, of_a_quiet_prefix_loses_nothing_to_the_traffic_of_others)
{
    serve_shortly();
    struct wire *wire = open_follower("FOLLOW quiet\n", NULL);
    load_rows(writer, 4000, 1000); /* many times the history */
    wire_ask(writer, "PUT quiet 1\n", "OK\n");
    expect(wire, "\"PUT\" \"quiet\" \"1\" \"@-4001\"\n");
    wire_close(wire);
}

Test(follow, that_is_stalled_for_too_long_is_closed)
{
    daemon_start(server, "--stall-timeout", "1", "--sync", "never", NULL);
    writer = daemon_connect(server);
    struct wire *deaf = open_follower("FOLLOW ''\n", NULL);
    load_rows(writer, 8 * 1024, 4096);
    int64_t deadline = deadline_in(DEADLINE_SECONDS);
    while (daemon_info(server, "followers") > 0) {
        cr_assert(deadline_left(deadline) > 0, "it still follows");
        poll(NULL, 0, 50);
    }
    wire_close(deaf);
}

/* Many --------------------------------------------------------------------- */

#define WRITERS 16
#define FOLLOWERS 5
#define ROUNDS 20
#define AT_ONCE 50

static void write_round(struct wire **writers, unsigned round)
{
    struct buffer requests = {0};
    char request[64];
    for (unsigned w = 0; w < WRITERS; w++) {
        buffer_clear(&requests);
        for (unsigned i = 0; i < AT_ONCE; i++) {
            snprintf(request, sizeof(request), "PUT w%02u %u\n", w, round * AT_ONCE + i);
            buffer_append_string(&requests, request);
        }
        wire_send(writers[w], buffer_slice(&requests));
    }
    for (unsigned w = 0; w < WRITERS; w++)
        for (unsigned i = 0; i < AT_ONCE; i++)
            wire_expect(writers[w], "OK\n");
    buffer_fini(&requests);
}

/* Row `number` of the order that all see; each writer's own order must be kept in it. */
static void check_row(struct slice line, uint64_t number, unsigned *next)
{
    unsigned w = 0;
    unsigned value = 0;
    cr_assert_eq(number_of(line), number);
    cr_assert_eq(sscanf(line.data, "\"PUT\" \"w%02u\" \"%u\"", &w, &value), 2, "%s",
                 report_show(line));
    cr_assert(w < WRITERS);
    cr_assert_eq(value, next[w]++, "writer %u is out of order", w);
}

Test(follow, shows_everybody_the_same_order)
{
    struct wire *writers[WRITERS];
    struct wire *followers[FOLLOWERS];
    unsigned next[WRITERS] = {0};
    struct buffer row = {0};
    daemon_start(server, "--workers", "4", "--sync", "never", NULL);
    writer = daemon_connect(server);
    for (unsigned i = 0; i < WRITERS; i++)
        writers[i] = daemon_connect(server);
    for (unsigned i = 0; i < FOLLOWERS; i++)
        followers[i] = open_follower("FOLLOW w\n", NULL);
    for (unsigned round = 0; round < ROUNDS; round++)
        write_round(writers, round);
    for (uint64_t number = 1; number <= WRITERS * AT_ONCE * ROUNDS; number++) {
        buffer_clear(&row);
        buffer_append_slice(&row, wire_line(followers[0]));
        buffer_append_byte(&row, '\0');
        check_row(slice_of(row.data, row.len - 1), number, next);
        for (unsigned i = 1; i < FOLLOWERS; i++)
            report_equal("row", wire_line(followers[i]), slice_of(row.data, row.len - 1));
    }
    for (unsigned i = 0; i < WRITERS; i++)
        wire_close(writers[i]);
    for (unsigned i = 0; i < FOLLOWERS; i++)
        wire_close(followers[i]);
    buffer_fini(&row);
}

/* They leave while they are armed, while they are being woken, and in the middle of rows. */
Test(follow, may_be_left_at_any_moment)
{
    struct wire *wires[20] = {0};
    daemon_start(server, "--workers", "3", "--sync", "never", NULL);
    writer = daemon_connect(server);
    for (unsigned i = 0; i < 1000; i++) {
        struct wire **wire = &wires[i % 20];
        if (*wire != NULL && i % 3 == 0)
            wire_reset(*wire);
        else
            wire_close(*wire);
        *wire = open_follower(i % 2 == 0 ? "FOLLOW a\n" : "FOLLOW b\n", NULL);
        wire_say(writer, "PUT a 1\nPUT b 2\nPUT a 3\n");
        if (i % 5 == 0)
            number_of(wire_line(*wire));
        wire_expect(writer, "OK\nOK\nOK\n");
    }
    for (unsigned i = 0; i < 20; i++)
        wire_close(wires[i]);
    /* A connection that was closed is noticed by what is written to it. */
    int64_t deadline = deadline_in(DEADLINE_SECONDS);
    while (daemon_info(server, "followers") > 0) {
        cr_assert(deadline_left(deadline) > 0, "somebody still follows");
        wire_ask(writer, "PUT a 1\nPUT b 1\n", "OK\nOK\n");
        poll(NULL, 0, 20);
    }
}
