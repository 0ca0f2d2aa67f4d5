/*
 * Snapshots: the store as it was, for anybody who knows the number, for as long as somebody uses
 * it.
 */
#include <criterion/criterion.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/lib/deadline.h"
#include "tests/lib/report.h"
#include "tests/system/load.h"

#define UNKNOWN "ERR SNAPSHOT \"the snapshot is unknown, released or expired\"\n"

static struct daemon *server;
static struct wire *wire;

static void start(void)
{
    server = daemon_new();
    daemon_start(server, "--sync", "never", "--write-buffer", "1M", "--workers", "2", NULL);
    wire = daemon_connect(server);
}

static void stop(void)
{
    wire_close(wire);
    daemon_stop(server);
    daemon_free(server);
}

TestSuite(snapshots, .init = start, .fini = stop, .timeout = 90);

/* The number that the server answers with. */
static unsigned long long take(const char *request)
{
    wire_say(wire, request);
    struct slice reply = wire_reply(wire);
    unsigned long long id = 0;
    char ending = 0;
    cr_assert(sscanf(reply.data, "OK \"%llu\"%c", &id, &ending) == 2 && ending == '\n', "%s",
              report_show(reply));
    return id;
}

/* Sends the request with the number for its %llu, and expects the reply. */
static void __attribute__((format(printf, 2, 0)))
ask(struct wire *from, const char *request, unsigned long long id, const char *reply)
{
    char text[256];
    snprintf(text, sizeof(text), request, id);
    wire_ask(from, text, reply);
}

/* What they show ------------------------------------------------------------ */

Test(snapshots, show_neither_later_writes_nor_deletes)
{
    wire_ask(wire, "MPUT s:a 1 s:b 2 s:c 3 t 4\n", "OK\n");
    unsigned long long id = take("SNAPSHOT\n");
    wire_ask(wire, "MPUT s:a 9 s:d 9 u 9\nDEL s:b t\n", "OK\nOK 2\n");
    ask(wire, "GET s:a AT %llu\n", id, "OK \"1\"\n");
    ask(wire, "GET s:b AT %llu\n", id, "OK \"2\"\n");
    ask(wire, "GET s:d AT %llu\n", id, "NOT_FOUND\n");
    ask(wire, "MGET s:b s:d AT %llu\n", id, "\"s:b\" \"2\"\n\"s:d\"\nOK 1\n");
    ask(wire, "SCAN s: AT %llu\n", id, "\"s:a\" \"1\"\n\"s:b\" \"2\"\n\"s:c\" \"3\"\nOK 3\n");
    ask(wire, "SCAN s: REVERSE LIMIT 2 AT %llu\n", id,
        "\"s:c\" \"3\"\n\"s:b\" \"2\"\nOK 2 MORE \"s:b\"\n");
    ask(wire, "SCAN '' AT %llu FROM s:c REVERSE\n", id, "\"t\" \"4\"\n\"s:c\" \"3\"\nOK 2\n");
    ask(wire, "COUNT '' AT %llu\n", id, "OK 4\n");
    ask(wire, "LIST '' AT %llu\n", id, "\"s:\"\n\"t\"\nOK 2\n");
    ask(wire, "LIST s: AT %llu AFTER s:a\n", id, "\"s:b\"\n\"s:c\"\nOK 2\n");
    ask(wire, "GET s:a AT %llu VERIFY NOCACHE\n", id, "OK \"1\"\n");
    wire_ask(wire, "SCAN '' AT NOW\n",
             "\"s:a\" \"9\"\n\"s:c\" \"3\"\n\"s:d\" \"9\"\n\"u\" \"9\"\nOK 4\n");
}

Test(snapshots, serve_every_connection)
{
    wire_ask(wire, "PUT a 1\n", "OK\n");
    unsigned long long id = take("SNAPSHOT\n");
    wire_ask(wire, "PUT a 2\n", "OK\n");
    struct wire *other = daemon_connect(server); /* on the other worker */
    ask(other, "GET a AT %llu\n", id, "OK \"1\"\n");
    wire_close(wire);
    wire = daemon_connect(server);
    ask(wire, "GET a AT %llu\n", id, "OK \"1\"\n"); /* its taker's connection is gone */
    ask(other, "RELEASE %llu\n", id, "OK\n");
    ask(wire, "GET a AT %llu\n", id, UNKNOWN);
    wire_close(other);
}

Test(snapshots, hold_every_write_acknowledged_before)
{
    for (unsigned i = 0; i < 100; i++) {
        char request[64];
        char reply[64];
        snprintf(request, sizeof(request), "PUT a %u\nSNAPSHOT\nPUT a x\n", i);
        wire_say(wire, request);
        wire_expect(wire, "OK\n");
        unsigned long long id = take("");
        wire_expect(wire, "OK\n");
        snprintf(reply, sizeof(reply), "OK \"%u\"\n", i);
        ask(wire, "GET a AT %llu\n", id, reply);
        ask(wire, "RELEASE %llu\n", id, "OK\n");
    }
}

/* So much is written over them that LevelDB compacts what they hold more than once. */
Test(snapshots, stand_while_everything_is_overwritten)
{
    load_rows(wire, 2000, 1000);
    unsigned long long id = take("SNAPSHOT\n");
    for (unsigned round = 0; round < 5; round++)
        load_rows(wire, 2000, 1500 + round);
    wire_ask(wire, "DEL k00000007 k00001999\n", "OK 2\n");
    ask(wire, "COUNT '' AT %llu\n", id, "OK 2000\n");
    for (unsigned i = 7; i < 2000; i += 83) {
        char request[64];
        snprintf(request, sizeof(request), "GET k%08u AT %%llu VERIFY\n", i);
        ask(wire, request, id, load_reply(i, 1000));
    }
}

Test(snapshots, work_inside_a_prefix)
{
    wire_ask(wire, "MPUT p:a 1 p:b 2\nUSE p:\n", "OK\nOK \"p:\"\n");
    unsigned long long id = take("SNAPSHOT\n");
    wire_ask(wire, "DEL a\n", "OK 1\n");
    ask(wire, "GET a AT %llu\n", id, "OK \"1\"\n");
    ask(wire, "MGET a b AT %llu\n", id, "\"a\" \"1\"\n\"b\" \"2\"\nOK 2\n");
    ask(wire, "SCAN '' FROM a AT %llu\n", id, "\"a\" \"1\"\n\"b\" \"2\"\nOK 2\n");
    ask(wire, "RELEASE %llu\n", id, "OK\n");
}

/* How they end -------------------------------------------------------------- */

Test(snapshots, that_are_not_there_are_refused_everywhere)
{
    static const char *const requests[] = {
        "GET a AT %llu\n",
        "MGET a AT %llu\n",
        "SCAN '' AT %llu\n",
        "COUNT '' AT %llu\n",
        "LIST '' AT %llu\n",
        "RELEASE %llu\n",
        "SCAN '' AT 0%llu\n",
        "RELEASE 0\n",
        "GET a AT 0\n",
        "GET a AT 18446744073709551615\n",
        "GET a AT 99999999999999999999999999\n",
        "LIST '' AFTER \"\\xff:\" AT 1\n",
        "LIST '' DELIM \"\\xff\" AFTER \"\\xff\" AT 1\n",
    };
    unsigned long long id = take("SNAPSHOT\n");
    ask(wire, "RELEASE %llu\n", id, "OK\n");
    for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++)
        ask(wire, requests[i], id, UNKNOWN);
    cr_assert(strstr(daemon_log(server), "error") == NULL, "%s", daemon_log(server));
}

Test(snapshots, are_not_those_of_before_a_restart)
{
    wire_ask(wire, "PUT a 1\n", "OK\n");
    unsigned long long first = take("SNAPSHOT\n");
    wire_close(wire);
    daemon_stop(server); /* with the snapshot held */
    daemon_start(server, NULL);
    wire = daemon_connect(server);
    unsigned long long second = take("SNAPSHOT\n");
    cr_assert(second > first, "%llu, and before the restart %llu", second, first);
    ask(wire, "GET a AT %llu\n", first, UNKNOWN);
    ask(wire, "GET a AT %llu\n", second, "OK \"1\"\n");
}

/* Waits until LevelDB keeps no more than so many; `meanwhile` is asked and must be answered. */
static void await_snapshots(uint64_t count, const char *meanwhile, const char *reply)
{
    int64_t deadline = deadline_in(DEADLINE_SECONDS);
    while (daemon_info(server, "snapshots") > count) {
        cr_assert(deadline_left(deadline) > 0, "the snapshots do not run out");
        wire_ask(wire, meanwhile, reply);
        poll(NULL, 0, 20);
    }
}

Test(snapshots, run_out_when_nobody_uses_them)
{
    wire_ask(wire, "PUT a 1\n", "OK\n");
    unsigned long long id = take("SNAPSHOT TTL 1\n");
    ask(wire, "GET a AT %llu\n", id, "OK \"1\"\n");
    await_snapshots(0, "PING\n", "OK \"PONG\"\n");
    ask(wire, "GET a AT %llu\n", id, UNKNOWN);
    ask(wire, "RELEASE %llu\n", id, UNKNOWN);
}

/* The one that is used outlives another that was taken later for the same time. */
Test(snapshots, are_renewed_by_use)
{
    char request[64];
    wire_ask(wire, "PUT a 1\n", "OK\n");
    unsigned long long used = take("SNAPSHOT TTL 2\n");
    unsigned long long unused = take("SNAPSHOT TTL 2\n");
    snprintf(request, sizeof(request), "GET a AT %llu\n", used);
    await_snapshots(1, request, "OK \"1\"\n");
    ask(wire, "GET a AT %llu\n", unused, UNKNOWN);
    ask(wire, "GET a AT %llu\n", used, "OK \"1\"\n");
}

/* Reads about 4 MB a second of 40 MB, until the unused one is gone. */
Test(snapshots, are_renewed_by_a_scan_that_goes_on)
{
    load_rows(wire, 10000, 4096);
    unsigned long long used = take("SNAPSHOT TTL 2\n");
    (void)take("SNAPSHOT TTL 2\n");
    struct wire *reader = daemon_connect(server);
    char request[64];
    snprintf(request, sizeof(request), "SCAN '' AT %llu\n", used);
    wire_say(reader, request);
    int64_t deadline = deadline_in(DEADLINE_SECONDS);
    for (unsigned rows = 0; daemon_info(server, "snapshots") > 1; rows += 20) {
        cr_assert(deadline_left(deadline) > 0 && rows < 8000);
        for (unsigned i = 0; i < 20; i++)
            cr_assert_eq(wire_line(reader).data[0], '"');
        poll(NULL, 0, 20);
    }
    ask(wire, "RELEASE %llu\n", used, "OK\n");
    wire_close(reader);
}

Test(snapshots, may_go_while_a_scan_at_them_goes_on)
{
    load_rows(wire, 5000, 4096);
    unsigned long long id = take("SNAPSHOT\n");
    struct wire *reader = daemon_connect(server);
    char request[64];
    snprintf(request, sizeof(request), "SCAN '' AT %llu\n", id);
    wire_say(reader, request);
    cr_assert_eq(wire_line(reader).data[0], '"');
    wire_ask(wire, "DEL k00004999\n", "OK 1\n");
    ask(wire, "RELEASE %llu\n", id, "OK\n");
    struct slice ending;
    cr_assert_eq(wire_skip_reply(reader, &ending), 4999);
    report_equal("ending", ending, SLICE("OK 5000"));
    wire_close(reader);
}

/* 80 MB of answers, of which the reader takes the first before the snapshot goes. */
Test(snapshots, that_go_under_an_mget_end_its_reply)
{
    struct buffer request = {0};
    load_rows(wire, 1, 4096);
    unsigned long long id = take("SNAPSHOT\n");
    buffer_append_string(&request, "MGET");
    for (unsigned i = 0; i < 20000; i++)
        buffer_append_string(&request, " k00000000");
    buffer_append_string(&request, " AT ");
    buffer_append_u64(&request, id);
    buffer_append_byte(&request, '\n');
    struct wire *reader = daemon_connect(server);
    cr_assert_eq(wire_push(reader, buffer_slice(&request), 1000), request.len);
    cr_assert_eq(wire_line(reader).data[0], '"');
    ask(wire, "RELEASE %llu\n", id, "OK\n");
    struct slice ending;
    cr_assert_lt(wire_skip_reply(reader, &ending), 19999);
    report_equal("ending", ending, slice_of(UNKNOWN, strlen(UNKNOWN) - 1));
    wire_ask(reader, "PING\n", "OK \"PONG\"\n");
    wire_close(reader);
    buffer_fini(&request);
}

/* How many ------------------------------------------------------------------ */

static void restart(const char *most)
{
    wire_close(wire);
    daemon_stop(server);
    daemon_start(server, "--max-snapshots", most, NULL);
    wire = daemon_connect(server);
}

static void expect_full(void)
{
    wire_say(wire, "SNAPSHOT\n");
    struct slice reply = wire_reply(wire);
    cr_assert(slice_has_prefix(reply, SLICE("ERR LIMIT \"")), "%s", report_show(reply));
}

Test(snapshots, are_no_more_than_may_be)
{
    restart("2");
    cr_assert_eq(daemon_info(server, "max_snapshots"), 2);
    unsigned long long first = take("SNAPSHOT\n");
    (void)take("SNAPSHOT TTL 86400\n");
    expect_full();
    ask(wire, "RELEASE %llu\n", first, "OK\n");
    (void)take("SNAPSHOT TTL 1\n");
    await_snapshots(1, "PING\n", "OK \"PONG\"\n");
    (void)take("snapshot ttl 86400\n"); /* in the place of the one that ran out */
    expect_full();
}

Test(snapshots, can_be_forbidden)
{
    restart("0");
    expect_full();
    wire_ask(wire, "GET a AT NOW\n", "NOT_FOUND\n");
}

Test(snapshots, are_listed_with_age_and_time_left)
{
    char name[64];
    wire_ask(wire, "INFO snapshots\n",
             "\"snapshots\" \"0\"\n\"max_snapshots\" \"64\"\n\"oldest_snapshot_seconds\" \"0\"\n"
             "OK 3\n");
    unsigned long long first = take("SNAPSHOT TTL 500\n");
    int64_t taken = deadline_now();
    while (daemon_info(server, "oldest_snapshot_seconds") == 0)
        poll(NULL, 0, 20);
    unsigned long long second = take("SNAPSHOT\n");
    cr_assert_eq(daemon_info(server, "snapshots"), 2);
    snprintf(name, sizeof(name), "snapshot_%llu_left_seconds", first);
    uint64_t left = daemon_info(server, name);
    cr_assert(left <= 499 && left >= 470, "%llu", (unsigned long long)left);
    snprintf(name, sizeof(name), "snapshot_%llu_left_seconds", second);
    left = daemon_info(server, name);
    cr_assert(left <= 60 && left >= 30, "%llu", (unsigned long long)left);
    snprintf(name, sizeof(name), "snapshot_%llu_age_seconds", first);
    uint64_t age = daemon_info(server, name);
    cr_assert(age >= 1 && age <= (uint64_t)(deadline_now() - taken) / 1000 + 1, "%llu",
              (unsigned long long)age);
}

/* Words --------------------------------------------------------------------- */

/* In MGET the word stands among keys. */
Test(snapshots, are_told_from_keys)
{
    wire_ask(wire, "MPUT a 1 AT 2 5 3 NOW 4\n", "OK\n");
    unsigned long long id = take("SNAPSHOT\n");
    wire_ask(wire, "PUT a 9\n", "OK\n");
    wire_ask(wire, "MGET AT 5\n", "\"AT\" \"2\"\n\"5\" \"3\"\nOK 2\n");
    wire_ask(wire, "MGET AT\n", "\"AT\" \"2\"\nOK 1\n");
    wire_ask(wire, "MGET a AT b\n", "\"a\" \"9\"\n\"AT\" \"2\"\n\"b\"\nOK 2\n");
    wire_ask(wire, "MGET a AT 5\n", UNKNOWN);
    wire_ask(wire, "MGET a AT 5 at now\n", "\"a\" \"9\"\n\"AT\" \"2\"\n\"5\" \"3\"\nOK 3\n");
    wire_ask(wire, "MGET AT NOW\n", "\"AT\" \"2\"\n\"NOW\" \"4\"\nOK 2\n");
    wire_ask(wire, "MGET a AT NOW\n", "\"a\" \"9\"\nOK 1\n");
    ask(wire, "MGET a AT 5 AT %llu\n", id, "\"a\" \"1\"\n\"AT\" \"2\"\n\"5\" \"3\"\nOK 3\n");
    ask(wire, "MGET AT AT %llu\n", id, "\"AT\" \"2\"\nOK 1\n");
}

Test(snapshots, may_be_taken_and_read_inside_a_batch)
{
    wire_ask(wire, "PUT a 1\nBEGIN\nPUT a 2\n", "OK\nOK\nOK\n");
    unsigned long long id = take("SNAPSHOT\n");
    wire_ask(wire, "COMMIT\n", "OK\n");
    ask(wire, "GET a AT %llu\n", id, "OK \"1\"\n");
    wire_ask(wire, "BEGIN\nPUT a 3\nGET a AT 1\n", "OK\nOK\n" UNKNOWN);
    wire_ask(wire, "COMMIT\n",
             "ERR BATCH \"a request in the batch failed; nothing was changed\"\n");
}
