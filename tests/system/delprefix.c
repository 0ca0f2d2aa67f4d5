/*
 * DELPREFIX: deletes exactly what SCAN shows, lets others work in between, and can be repeated
 * wherever it was interrupted.
 */
#include <criterion/criterion.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>

#include "protocol/number.h"
#include "tests/lib/deadline.h"
#include "tests/lib/report.h"
#include "tests/lib/scratch.h"
#include "tests/lib/text.h"
#include "tests/system/gate.h"
#include "tests/system/load.h"

#define MB ((uint64_t)1000000)

/* Far more than one step deletes, and some tables. */
#define MANY 200000
#define MANY_BYTES 100
#define FIRST "k00000000"
#define LAST "k00199999"

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
    daemon_free(server);
}

TestSuite(delprefix, .init = start, .fini = stop, .timeout = 120);

/* What a request answers, copied. */
static struct buffer ask(struct wire *asked, const char *request)
{
    struct buffer reply = {0};
    wire_say(asked, request);
    buffer_append_slice(&reply, wire_reply(asked));
    return reply;
}

/* The number of an `OK n` that may stand behind remarks. */
static uint64_t take_count(struct wire *asked)
{
    struct slice ending;
    uint64_t count = 0;
    cr_assert_eq(wire_skip_reply(asked, &ending), 0);
    cr_assert(slice_has_prefix(ending, SLICE("OK ")) &&
                  number_read(slice_of(ending.data + 3, ending.len - 3), UINT64_MAX, &count),
              "%s", report_show(ending));
    return count;
}

static uint64_t ask_count(const char *request)
{
    wire_say(wire, request);
    return take_count(wire);
}

/* What it deletes ------------------------------------------------------------ */

/* At both sides of every prefix below, and in it. */
static const char edges[] =
    "MPUT '' v \"\\x00\" v a v \"a\\x00\" v a: v a:a v a:b v a:b:c v a:\\xFF v \"a:\\xff\" v "
    "\"a:\\xff\\xff\" v \"a:\\xff\\xff\\xff\" v \"a;\" v b v \"\\xfe\" v \"\\xff\" v "
    "\"\\xff\\x00\" v \"\\xff\\xff\" v \"\\xff\\xffz\" v \"\\xff\\xff\\xff\" v\n";

static const char *const questions[] = {
    "a",
    "a:",
    "a:b",
    "''",
    "\"\\x00\"",
    "\"\\xff\"",
    "\"\\xff\\xff\"",
    "\"a:\\xff\"",
    "\"a:\\xff\\xff\"",
    "nothing",
    "a: FROM a:b",
    "a: AFTER a:b",
    "a: TO a:b",
    "a: THROUGH a:b",
    "a: FROM a:a TO a:b:c",
    "a: AFTER a:a THROUGH a:b:c",
    "'' FROM '' THROUGH ''",
    "'' AFTER '' TO b",
    "'' FROM \"\\xff\\xff\"",
    "'' AFTER \"\\xff\\xff\\xff\"",
    "a: FROM z",
    "a: TO a",
};

static bool has_line(struct slice text, struct slice wanted)
{
    struct slice line;
    while (text_line(&text, &line))
        if (slice_equal(line, wanted))
            return true;
    return false;
}

/* Every row of `kept` and no row of `gone` is in `all`, which has no others. */
static void expect_difference(struct slice all, struct slice gone, struct slice kept)
{
    struct slice line;
    while (text_line(&all, &line))
        if (line.data[0] == '"')
            cr_assert(has_line(gone, line) != has_line(kept, line), "%s", report_show(line));
}

static void expect_deletion(const char *question)
{
    char text[128];
    char expected[32];
    struct slice ending;
    wire_ask(wire, edges, "OK\n");
    snprintf(text, sizeof(text), "SCAN %s KEYS\n", question);
    struct buffer all = ask(wire, "SCAN '' KEYS\n");
    struct buffer gone = ask(wire, text);
    wire_say(wire, text);
    uint64_t count = wire_skip_reply(wire, &ending);
    snprintf(expected, sizeof(expected), "OK %llu\n", (unsigned long long)count);

    snprintf(text, sizeof(text), "DELPREFIX %s DRYRUN\n", question);
    wire_ask(wire, text, expected);
    struct buffer untouched = ask(wire, "SCAN '' KEYS\n");
    report_equal("after a dry run", buffer_slice(&untouched), buffer_slice(&all));

    snprintf(text, sizeof(text), "DELPREFIX %s\n", question);
    wire_ask(wire, text, expected);
    wire_ask(wire, text, "OK 0\n");
    struct buffer kept = ask(wire, "SCAN '' KEYS\n");
    expect_difference(buffer_slice(&all), buffer_slice(&gone), buffer_slice(&kept));
    buffer_fini(&all);
    buffer_fini(&gone);
    buffer_fini(&untouched);
    buffer_fini(&kept);
}

Test(delprefix, deletes_what_scan_shows_and_nothing_else)
{
    for (size_t i = 0; i < sizeof(questions) / sizeof(questions[0]); i++)
        expect_deletion(questions[i]);
}

Test(delprefix, refuses_what_it_cannot_mean)
{
    static const char *const requests[][2] = {
        {"DELPREFIX\n", "ERR ARGS \""},
        {"DELPREFIX a REVERSE\n", "ERR BADARG \"REVERSE is no word of DELPREFIX"},
        {"DELPREFIX a LIMIT 1\n", "ERR BADARG \"LIMIT is no word of DELPREFIX"},
        {"DELPREFIX a FROM c TO b\n", "ERR BADARG \"the range is empty"},
        {"DELPREFIX a DRYRUN DRYRUN\n", "ERR BADARG \"DRYRUN comes twice"},
    };
    wire_ask(wire, "PUT a 1\n", "OK\n");
    for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
        wire_say(wire, requests[i][0]);
        struct slice reply = wire_reply(wire);
        cr_assert(slice_has_prefix(reply, slice_from_string(requests[i][1])), "%s",
                  report_show(reply));
    }
    wire_ask(wire, "GET a\n", "OK \"1\"\n");
}

/* It spoils the batch, as every error does: half of what was meant would be left. */
Test(delprefix, cannot_be_in_a_batch)
{
    wire_ask(wire, "PUT a 1\nBEGIN\nPUT b 1\nDELPREFIX a\nCOMMIT\nEXISTS a b\n",
             "OK\nOK\nOK\n"
             "ERR BATCH \"DELPREFIX goes in steps, so it cannot be in a batch\"\n"
             "ERR BATCH \"a request in the batch failed; nothing was changed\"\nOK 1\n");
}

Test(delprefix, stands_in_a_pipeline_like_any_write)
{
    wire_ask(wire,
             "PUT a1 1\nPUT a2 1\nDELPREFIX a\nPUT a3 1\nDELPREFIX a DRYRUN\nDELPREFIX a\n"
             "COUNT a\n",
             "OK\nOK\nOK 2\nOK\nOK 1\nOK 1\nOK 0\n");
}

Test(delprefix, stays_inside_the_prefix_in_use)
{
    wire_ask(wire, "MPUT a:x 1 a:y 1 b:x 1\nUSE a:\n", "OK\nOK \"a:\"\n");
    wire_ask(wire, "DELPREFIX '' FROM y DRYRUN\nDELPREFIX y\nCOMPACT\nDELPREFIX ''\n",
             "OK 1\nOK 1\nOK\nOK 1\n");
    wire_ask(wire, "USE\nSCAN ''\n", "OK \"\"\n\"b:x\" \"1\"\nOK 1\n");
}

/* While others work ------------------------------------------------------------ */

/* So many calls of fdatasync are some steps, of the hundred that MANY rows take at least. */
#define SOME 20

/* Another connection's DELPREFIX, held up at the gate when some rows are gone. */
static struct wire *delete_some(void)
{
    struct wire *deleter = daemon_connect(server);
    unsigned arrived = atomic_load(&gate->arrived);
    atomic_store(&gate->through, arrived + SOME);
    atomic_store(&gate->closed, GATE_CLOSED);
    wire_say(deleter, "DELPREFIX k\n");
    gate_await(gate, arrived + SOME + 1);
    wire_ask(wire, "EXISTS " FIRST "\nEXISTS " LAST "\n", "OK 0\nOK 1\n");
    return deleter;
}

/* Lets one call after the other through until the reply to a write has come. */
static void pass_write(const char *request, const char *reply)
{
    int64_t deadline = deadline_in(DEADLINE_SECONDS);
    wire_say(wire, request);
    while (!wire_ready(wire)) {
        cr_assert(deadline_left(deadline) > 0, "no reply came to %s", request);
        atomic_store(&gate->through, atomic_load(&gate->arrived));
        poll(NULL, 0, 2);
    }
    wire_expect(wire, reply);
}

Test(delprefix, lets_others_write_and_read_in_between_and_gives_the_disk_back)
{
    char request[64];
    load_rows(wire, MANY, MANY_BYTES);
    uint64_t before = scratch_bytes(daemon_data(server));
    struct wire *deleter = delete_some();
    for (unsigned i = 0; i < 10; i++) {
        snprintf(request, sizeof(request), "PUT z%u %u\n", i, i);
        pass_write(request, "OK\n");
        wire_ask(wire, "EXISTS z0\nEXISTS " LAST "\n", "OK 1\nOK 1\n");
    }
    atomic_store(&gate->closed, GATE_OPEN);
    cr_assert_eq(take_count(deleter), MANY);
    wire_ask(wire, "COUNT ''\n", "OK 10\n");
    cr_assert_eq(daemon_info(server, "rows_deleted"), MANY);
    uint64_t after = scratch_bytes(daemon_data(server));
    cr_assert(before > 15 * MB && after < 2 * MB, "%llu bytes, then %llu",
              (unsigned long long)before, (unsigned long long)after);
    wire_close(deleter);
}

/* All of them fit the write buffer, and would become one table with their deletions. */
Test(delprefix, gives_the_disk_of_rows_back_that_were_only_in_memory)
{
    load_rows(wire, 50000, MANY_BYTES);
    cr_assert_eq(ask_count("DELPREFIX k\n"), 50000);
    uint64_t after = scratch_bytes(daemon_data(server));
    cr_assert(after < 2 * MB, "%llu bytes", (unsigned long long)after);
}

/* A worker reads what a step deletes, and others wait for both. */
Test(delprefix, takes_few_large_rows_a_step)
{
    char key[32];
    for (unsigned i = 0; i < 32; i++) {
        snprintf(key, sizeof(key), "big%02u", i);
        load_value(wire, key, 1024 * 1024);
    }
    uint64_t commits = daemon_info(server, "commits");
    cr_assert_eq(ask_count("DELPREFIX big\n"), 32);
    cr_assert(daemon_info(server, "commits") - commits >= 8);
}

Test(delprefix, leaves_rows_that_are_put_behind_it)
{
    load_rows(wire, MANY, MANY_BYTES);
    struct wire *deleter = delete_some();
    pass_write("PUT " FIRST " again\n", "OK\n");
    wire_ask(wire, "EXISTS " LAST "\n", "OK 1\n");
    atomic_store(&gate->closed, GATE_OPEN);
    cr_assert_eq(take_count(deleter), MANY);
    wire_ask(wire, "SCAN k\n", "\"" FIRST "\" \"again\"\nOK 1\n");
    wire_close(deleter);
}

Test(delprefix, counts_each_row_once_when_two_delete_the_same)
{
    load_rows(wire, MANY, MANY_BYTES);
    struct wire *one = delete_some();
    struct wire *other = daemon_connect(server);
    wire_say(other, "DELPREFIX k\n");
    atomic_store(&gate->closed, GATE_OPEN);
    uint64_t sum = take_count(one) + take_count(other);
    cr_assert_eq(sum, MANY, "together they counted %llu", (unsigned long long)sum);
    wire_close(one);
    wire_close(other);
}

Test(delprefix, that_takes_long_says_so_now_and_then)
{
    load_rows(wire, MANY, MANY_BYTES);
    struct wire *deleter = delete_some();
    struct slice line = wire_line(deleter);
    cr_assert(slice_has_prefix(line, SLICE("# deleted ")), "%s", report_show(line));
    atomic_store(&gate->closed, GATE_OPEN);
    cr_assert_eq(take_count(deleter), MANY);
    wire_close(deleter);
}

/* Interrupted ---------------------------------------------------------------- */

Test(delprefix, is_repeated_after_its_peer_was_lost)
{
    load_rows(wire, MANY, MANY_BYTES);
    wire_reset(delete_some());
    atomic_store(&gate->closed, GATE_OPEN);
    ask_count("DELPREFIX k\n");
    wire_ask(wire, "COUNT k\n", "OK 0\n");
    daemon_stop(server);
}

Test(delprefix, is_repeated_after_the_daemon_was_killed)
{
    load_rows(wire, MANY, MANY_BYTES);
    struct wire *deleter = delete_some();
    daemon_kill(server);
    atomic_store(&gate->closed, GATE_OPEN);
    wire_close(deleter);
    wire_close(wire);
    daemon_start(server, NULL);
    wire = daemon_connect(server);
    wire_ask(wire, "EXISTS " FIRST "\nEXISTS " LAST "\n", "OK 0\nOK 1\n");
    uint64_t left = ask_count("COUNT k\n");
    cr_assert(left < MANY);
    cr_assert_eq(ask_count("DELPREFIX k\n"), left);
    wire_ask(wire, "COUNT k\n", "OK 0\n");
}

/* What is left when the daemon comes back can be deleted. */
static void delete_rest_after_restart(uint64_t deleted)
{
    daemon_kill(server);
    atomic_store(&gate->broken, 0);
    wire_close(wire);
    daemon_start(server, NULL);
    wire = daemon_connect(server);
    uint64_t left = ask_count("COUNT k\n");
    cr_assert(left > 0 && left <= MANY - deleted);
    cr_assert_eq(ask_count("DELPREFIX k\n"), left);
    wire_ask(wire, "COUNT k\n", "OK 0\n");
}

Test(delprefix, tells_what_was_deleted_when_the_disk_fails)
{
    unsigned long long deleted = 0;
    load_rows(wire, MANY, MANY_BYTES);
    struct wire *deleter = delete_some();
    atomic_store(&gate->broken, 1);
    atomic_store(&gate->closed, GATE_OPEN);
    struct slice reply = wire_reply(deleter);
    /* IO when a table failed and UNKNOWN when the log did; the rows are told in either case. */
    static const char text[] = "ERR %*[A-Z] \"%llu rows were deleted, repeat it for the rest: ";
    cr_assert_eq(sscanf(reply.data, text, &deleted), 1, "%s", report_show(reply));
    cr_assert(deleted > 0 && deleted < MANY);
    wire_say(deleter, "DELPREFIX k\n");
    reply = wire_reply(deleter);
    cr_assert(slice_has_prefix(reply, SLICE("ERR READONLY \"")), "%s", report_show(reply));
    uint64_t left = ask_count("COUNT k\n");
    cr_assert_eq(ask_count("DELPREFIX k DRYRUN\n"), left);
    wire_close(deleter);
    delete_rest_after_restart(deleted);
}

Test(delprefix, tells_what_was_deleted_when_the_daemon_stops_and_the_disk_hangs)
{
    unsigned long long deleted = 0;
    load_rows(wire, MANY, MANY_BYTES);
    struct wire *deleter = delete_some();
    daemon_signal(server, SIGTERM);
    struct slice ending;
    wire_skip_reply(deleter, &ending);
    static const char text[] = "ERR SHUTDOWN \"%llu rows were deleted, repeat it for the rest: ";
    cr_assert_eq(sscanf(ending.data, text, &deleted), 1, "%s", report_show(ending));
    wire_expect_gone(deleter);
    wire_close(deleter);
    atomic_store(&gate->closed, GATE_OPEN);
    cr_assert_eq(daemon_wait(server), 0);
    daemon_start(server, NULL);
    wire_close(wire);
    wire = daemon_connect(server);
    uint64_t left = ask_count("COUNT k\n");
    cr_assert(left > 0 && left <= MANY - deleted);
    cr_assert_eq(ask_count("DELPREFIX k\n"), left);
}
