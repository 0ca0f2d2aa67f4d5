/*
 * A replica that follows: built from a scan and the feed while writers are busy, cut off and
 * resumed at any byte, and at the end the same as the store.
 *
 * Pairs of keys, r:x:N and r:y:N, are only ever written together and with the same value. So a
 * replica that holds half a write shows it.
 */
#include <criterion/criterion.h>
#include <stdio.h>

#include "protocol/line.h"
#include "protocol/quote.h"
#include "tests/lib/chance.h"
#include "tests/lib/daemon.h"
#include "tests/lib/report.h"
#include "tests/system/model.h"

#define WRITERS 6
#define PAIRS 12
#define ROUNDS 600
#define BURST 20

struct replica {
    struct model model;
    struct wire *feed;
    struct tokens row;
    struct buffer last; /* the last sequence told; empty before the first row */
    uint64_t applied;   /* changes */
    unsigned resumed;
};

static struct daemon *server;
static struct chance chance;
static struct wire *writers[WRITERS];
static unsigned awaited[WRITERS]; /* replies */
static struct replica replica;

static void start(void)
{
    server = daemon_new();
    daemon_start(server, "--workers", "2", "--write-buffer", "64K", NULL);
    for (size_t i = 0; i < WRITERS; i++)
        writers[i] = daemon_connect(server);
}

/* Safe to repeat: a test that fails half way through comes to stop() with some of them closed. */
static void hang_up(void)
{
    for (size_t i = 0; i < WRITERS; i++) {
        wire_close(writers[i]);
        writers[i] = NULL;
    }
    wire_close(replica.feed);
    replica.feed = NULL;
}

static void stop(void)
{
    hang_up();
    if (daemon_pid(server) != 0)
        daemon_stop(server);
    daemon_free(server);
    model_fini(&replica.model);
    tokens_fini(&replica.row);
    buffer_fini(&replica.last);
}

TestSuite(replica, .init = start, .fini = stop, .timeout = 200);

/* Writers ------------------------------------------------------------------ */

/* One write of both keys of a pair, in one of the ways there are. */
static unsigned append_pair(struct buffer *out)
{
    char text[200];
    unsigned n = (unsigned)chance_below(&chance, PAIRS);
    unsigned value = (unsigned)chance_below(&chance, 1000);
    switch (chance_below(&chance, 4)) {
    case 0:
        snprintf(text, sizeof(text), "DEL r:x:%u r:y:%u\n", n, n);
        break;
    case 1:
        snprintf(text, sizeof(text), "MPUT r:x:%u %u q:not:mine 1 r:y:%u %u\n", n, value, n, value);
        break;
    case 2:
        snprintf(text, sizeof(text), "BEGIN\nPUT r:y:%u %u\nPUT r:x:%u %u\nCOMMIT\n", n, value, n,
                 value);
        buffer_append_string(out, text);
        return 4;
    default: /* conflicts when the pair is there */
        snprintf(text, sizeof(text),
                 "BEGIN\nCHECK r:x:%u ABSENT\nPUT r:x:%u %u\nPUT r:y:%u %u\nCOMMIT\n", n, n, value,
                 n, value);
        buffer_append_string(out, text);
        return 5;
    }
    buffer_append_string(out, text);
    return 1;
}

/* One write of a single key; how many replies it gets. */
static unsigned append_single(struct buffer *out)
{
    static const char *const formats[] = {
        "PUT r:k:%u %u\n",  "PUT r:k:%u %u NX\n", "DELIFEQ r:k:%u %u\n",
        "INCR r:n:%u %u\n", "PUT q:%u %u\n",      "PUT r:k:%u %u XX\n",
    };
    char text[64];
    size_t way = chance_below(&chance, 7);
    unsigned n = (unsigned)chance_below(&chance, 100);
    unsigned value = (unsigned)chance_below(&chance, 5);
    if (way == 6)
        snprintf(text, sizeof(text), "DEL r:k:%u r:n:%u\n", n, n);
    else
        snprintf(text, sizeof(text), formats[way], n, value);
    buffer_append_string(out, text);
    return 1;
}

static void take_replies(size_t writer)
{
    for (; awaited[writer] > 0; awaited[writer]--) {
        struct slice reply = wire_reply(writers[writer]);
        cr_assert(!slice_has_prefix(reply, SLICE("ERR ")), "%s", report_show(reply));
    }
}

/* Sends a burst of writes and does not wait for their replies, but for those of the last burst. */
static void write_some(size_t writer)
{
    struct buffer requests = {0};
    take_replies(writer);
    for (size_t left = 1 + chance_below(&chance, BURST); left > 0; left--)
        awaited[writer] +=
            chance_below(&chance, 2) == 0 ? append_pair(&requests) : append_single(&requests);
    wire_send(writers[writer], buffer_slice(&requests));
    buffer_fini(&requests);
}

/* The replica -------------------------------------------------------------- */

static void expect_whole_pairs(void)
{
    char x[16];
    char y[16];
    for (unsigned n = 0; n < PAIRS; n++) {
        snprintf(x, sizeof(x), "r:x:%u", n);
        snprintf(y, sizeof(y), "r:y:%u", n);
        const struct model_row *a = model_find(&replica.model, slice_from_string(x));
        const struct model_row *b = model_find(&replica.model, slice_from_string(y));
        cr_assert((a == NULL) == (b == NULL), "half of pair %u after %s", n,
                  report_show(buffer_slice(&replica.last)));
        if (a != NULL)
            report_equal("the pair", buffer_slice(&a->value), buffer_slice(&b->value));
    }
}

/* Between two sequences the replica holds whole writes only. Numbers of one run of the server have
 * the same length or are longer, so that the order of texts is that of numbers within a length. */
static void reach(struct slice sequence)
{
    struct slice last = buffer_slice(&replica.last);
    if (slice_equal(last, sequence))
        return;
    cr_assert(sequence.len > last.len ||
                  (sequence.len == last.len && slice_compare(sequence, last) > 0),
              "%s came after %s", report_show(sequence), report_show(last));
    expect_whole_pairs();
    buffer_clear(&replica.last);
    buffer_append_slice(&replica.last, sequence);
}

static void apply(struct slice line)
{
    struct tokens *row = &replica.row;
    cr_assert(line_split(slice_of(line.data, line.len - 1), row) == LINE_SPLIT_OK && row->count > 1,
              "%s", report_show(line));
    struct slice word = row->items[0];
    size_t parts = slice_equal(word, SLICE("PUT")) ? 4 : slice_equal(word, SLICE("DEL")) ? 3 : 2;
    cr_assert_eq(row->count, parts, "%s", report_show(line));
    reach(row->items[parts - 1]);
    if (parts == 2)
        return;
    cr_assert(slice_has_prefix(row->items[1], SLICE("r:")), "%s", report_show(line));
    replica.applied++;
    if (parts == 4)
        model_put(&replica.model, row->items[1], row->items[2]);
    else
        model_delete(&replica.model, row->items[1]);
}

/* Starts to follow, now or from the last sequence on. A feed that goes on first says where it
 * stands, which is before what it repeats. */
static void follow(bool from)
{
    struct buffer request = {0};
    buffer_append_string(&request, "FOLLOW r:");
    if (from) {
        buffer_append_string(&request, " FROM ");
        buffer_append_slice(&request, buffer_slice(&replica.last));
    }
    buffer_append_byte(&request, '\n');
    replica.feed = daemon_connect(server);
    wire_send(replica.feed, buffer_slice(&request));
    buffer_fini(&request);
    struct slice line = wire_line(replica.feed);
    cr_assert(slice_has_prefix(line, SLICE("\"SEQ\" \"")), "%s", report_show(line));
    if (!from)
        apply(line);
}

/* Makes the replica anew: follow first, then scan, then apply what was told meanwhile. */
static void build(void)
{
    model_fini(&replica.model);
    buffer_clear(&replica.last);
    follow(false);
    for (size_t i = 0; i < WRITERS; i++)
        write_some(i);
    struct wire *scan = daemon_connect(server);
    wire_say(scan, "SCAN r:\n");
    for (struct slice line = wire_line(scan); line.data[0] == '"'; line = wire_line(scan)) {
        cr_assert(line_split(slice_of(line.data, line.len - 1), &replica.row) == LINE_SPLIT_OK);
        model_put(&replica.model, replica.row.items[0], replica.row.items[1]);
    }
    wire_close(scan);
}

/* Applies some of what has come. Now and then it stops early, often inside a write, and goes on
 * from there on another connection. */
static void keep_up(void)
{
    bool resume = chance_below(&chance, 6) == 0;
    size_t most = resume ? 1 + chance_below(&chance, 8) : 2000;
    for (; most > 0 && wire_ready(replica.feed); most--)
        apply(wire_line(replica.feed));
    if (!resume)
        return;
    if (chance_below(&chance, 2) == 0)
        wire_reset(replica.feed);
    else
        wire_close(replica.feed);
    replica.feed = NULL;
    replica.resumed++;
    follow(true);
}

/* Writes a last change, applies until it has come, and compares. */
static void expect_equal(void)
{
    static unsigned number;
    char text[64];
    struct buffer expected = {0};
    for (size_t i = 0; i < WRITERS; i++)
        take_replies(i);
    snprintf(text, sizeof(text), "PUT r:end %u\n", ++number);
    wire_ask(writers[0], text, "OK\n");
    snprintf(text, sizeof(text), "\"PUT\" \"r:end\" \"%u\" ", number);
    bool last = false;
    while (!last) {
        struct slice line = wire_line(replica.feed);
        last = slice_has_prefix(line, slice_from_string(text));
        apply(line);
    }
    model_scan(&replica.model, &(struct model_query){.prefix = SLICE("r:")}, &expected);
    wire_say(writers[0], "SCAN r:\n");
    wire_expect_bytes(writers[0], buffer_slice(&expected));
    buffer_fini(&expected);
}

Test(replica, built_while_writers_are_busy_is_the_store_in_the_end)
{
    chance.state = 70;
    for (unsigned round = 0; round < 100; round++)
        write_some(chance_below(&chance, WRITERS));
    build();
    for (unsigned round = 0; round < ROUNDS; round++) {
        write_some(chance_below(&chance, WRITERS));
        keep_up();
        if (round % 100 == 99)
            expect_equal();
    }
    expect_equal();
    cr_assert(replica.applied > 2000 && replica.resumed > 20, "%llu changes, resumed %u times",
              (unsigned long long)replica.applied, replica.resumed);
}

static void restart(bool kill)
{
    for (size_t i = 0; i < WRITERS; i++)
        take_replies(i);
    if (kill)
        daemon_kill(server);
    hang_up();
    if (!kill)
        daemon_stop(server);
    daemon_start(server, "--workers", "2", NULL);
    for (size_t i = 0; i < WRITERS; i++)
        writers[i] = daemon_connect(server);
}

/* What was before a restart is not in the history; a replica is told, and is made anew. */
Test(replica, learns_of_a_restart_and_is_built_again)
{
    chance.state = 71;
    build();
    for (unsigned times = 0; times < 4; times++) {
        for (unsigned round = 0; round < 50; round++) {
            write_some(chance_below(&chance, WRITERS));
            keep_up();
        }
        restart(times % 2 == 0);
        struct buffer request = {0};
        buffer_append_string(&request, "FOLLOW r: FROM ");
        buffer_append_slice(&request, buffer_slice(&replica.last));
        buffer_append_byte(&request, '\n');
        replica.feed = daemon_connect(server);
        wire_send(replica.feed, buffer_slice(&request));
        struct slice reply = wire_reply(replica.feed);
        cr_assert(slice_has_prefix(reply, SLICE("ERR LOST \"")), "%s", report_show(reply));
        wire_close(replica.feed);
        replica.feed = NULL;
        buffer_fini(&request);
        build();
        expect_equal();
    }
}
