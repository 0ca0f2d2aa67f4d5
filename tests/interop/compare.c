/*
 * leveretd against Debian's redis-server: a long run of random requests over several connections,
 * in RESP 2 and 3, valid and not, pipelined, cut into odd pieces, and every reply compared. What is
 * meant to differ is in differences.c, and not asked here.
 *
 * Each run has another seed and says which. To see a failure again:
 *
 *     LEVERET_SEED=n           the same requests again
 *     LEVERET_OPERATIONS=n     only so many of them (also to run longer than usual)
 *     LEVERET_TRACE=FILE       write what is sent to the file
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "protocol/number.h"
#include "tests/interop/contents.h"
#include "tests/interop/garbage.h"
#include "tests/interop/letters.h"
#include "tests/interop/phrases.h"
#include "tests/interop/reference.h"
#include "tests/interop/value.h"
#include "tests/lib/daemon.h"
#include "tests/lib/deadline.h"
#include "tests/lib/report.h"

#define OPERATIONS 400000
#define SESSIONS 4
#define LARGEST_BURST 60
#define MOST_COMPLAINTS 20

TestSuite(compare, .timeout = 280);

/* A connection to each. */
struct session {
    struct wire *redis;
    struct wire *leveret;
    bool open; /* in a transaction */
};

/* A request on its way. */
struct pending {
    struct buffer bytes;
    enum phrase_likeness likeness;
};

struct run {
    uint64_t seed;
    uint64_t operations; /* to be asked */
    uint64_t compared;
    uint64_t burst;
    unsigned complaints;
    FILE *trace; /* or NULL */
    struct chance chance;

    struct reference *reference;
    struct daemon *server;
    struct session sessions[SESSIONS];
    struct words words;
    struct pending pending[LARGEST_BURST];
    size_t count;
    struct buffer bytes; /* of all that is pending, or of garbage */

    bool met[32]; /* of `kinds` */
};

/* Connections -------------------------------------------------------------- */

static void connect_session(struct run *run, struct session *session)
{
    session->redis = reference_connect(run->reference);
    session->leveret = daemon_connect(run->server);
    session->open = false;
}

static void close_session(struct session *session)
{
    wire_close(session->redis);
    wire_close(session->leveret);
}

static void reconnect(struct run *run, struct session *session)
{
    close_session(session);
    connect_session(run, session);
}

/* Sends it in pieces that end anywhere. A peer that was told garbage may have closed before the
 * last of them. */
static void push_cut(struct run *run, struct wire *wire, struct slice bytes)
{
    size_t largest = (size_t)1 << (3 + chance_below(&run->chance, 14));
    while (bytes.len > 0) {
        size_t len = 1 + chance_below(&run->chance, largest);
        if (len > bytes.len)
            len = bytes.len;
        if (wire_push(wire, slice_of(bytes.data, len), DEADLINE_SECONDS * 1000) < len)
            return;
        bytes = slice_of(bytes.data + len, bytes.len - len);
    }
}

/* Sends what was gathered to both: to Redis in one piece, for what it was sent behind garbage would
 * make its end of a Unix socket a reset, and its last words would be lost. */
static void send_all(struct run *run, const struct session *session)
{
    struct slice bytes = buffer_slice(&run->bytes);
    if (run->trace != NULL)
        fwrite(bytes.data, 1, bytes.len, run->trace);
    wire_push(session->redis, bytes, DEADLINE_SECONDS * 1000);
    push_cut(run, session->leveret, bytes);
}

/* Comparing ---------------------------------------------------------------- */

/* Starts of replies that a run must have met, or its questions were too tame. */
static const char *const kinds[] = {
    "$-1\r\n",
    "_\r\n",
    "*-1\r\n",
    "%",
    "+QUEUED",
    "-EXECABORT",
    "-ERR unknown command",
    "-ERR wrong number of arguments",
    "-ERR syntax error",
    "-ERR value is not an integer",
    "-ERR value is not a valid float",
    "-ERR increment or decrement would overflow",
    "-ERR decrement would overflow",
    "-ERR no such key",
    "-ERR offset is out of range",
    "-ERR string exceeds maximum allowed size",
    "-ERR DB index is out of range",
    "-ERR increment would produce NaN or Infinity",
    "-ERR invalid cursor",
    "-NOPROTO",
    "-ERR MULTI calls can not be nested",
    "-ERR WATCH inside MULTI",
    "-ERR EXEC without MULTI",
    "-ERR Protocol error: expected '$'",
    "-ERR Protocol error: invalid bulk length",
    "-ERR Protocol error: invalid multibulk length",
    "-ERR Protocol error: too big",
};

#define KINDS (sizeof(kinds) / sizeof(kinds[0]))
_Static_assert(KINDS <= sizeof(((struct run *)0)->met), "each kind has its place");

static void note_kind(struct run *run, struct slice reply)
{
    run->compared++;
    for (size_t i = 0; i < KINDS; i++)
        run->met[i] |= slice_has_prefix(reply, slice_from_string(kinds[i]));
}

static bool are_alike(enum phrase_likeness likeness, struct slice redis, struct slice leveret)
{
    if (slice_equal(redis, leveret))
        return true;
    if (redis.len == 0 || leveret.len == 0 || likeness == PHRASE_SAME || redis.data[0] == '-')
        return false;
    if (likeness == PHRASE_TYPE)
        return redis.data[0] == leveret.data[0];
    struct buffer sorted[2] = {0};
    value_append_sorted(&sorted[0], redis);
    value_append_sorted(&sorted[1], leveret);
    bool equal = slice_equal(buffer_slice(&sorted[0]), buffer_slice(&sorted[1]));
    buffer_fini(&sorted[0]);
    buffer_fini(&sorted[1]);
    return equal;
}

/* Tells of a difference. The run goes on for some more of them, since one seldom comes alone. */
static void complain(struct run *run, struct slice asked, struct slice redis, struct slice leveret)
{
    fprintf(stderr, "LEVERET_SEED=%llu, burst %llu, about reply %llu: to %s\n",
            (unsigned long long)run->seed, (unsigned long long)run->burst,
            (unsigned long long)run->compared, report_show(asked));
    fprintf(stderr, "    redis   %s\n", report_show(redis));
    fprintf(stderr, "    leveret %s\n", report_show(leveret));
    cr_assert(++run->complaints < MOST_COMPLAINTS, "too many differences");
}

/* Asking ------------------------------------------------------------------- */

/* Adds a request; false when the connection ends with it. */
static bool add(struct run *run, struct session *session)
{
    struct pending *pending = &run->pending[run->count++];
    pending->likeness = phrases_make(&run->words, &run->chance, &session->open);
    buffer_clear(&pending->bytes);
    words_append(&run->words, &pending->bytes);
    buffer_append_slice(&run->bytes, buffer_slice(&pending->bytes));
    return !words_is(&run->words, 0, "QUIT");
}

/* Takes the replies to what is pending; false when they part, or the connection ended. */
static bool settle(struct run *run, const struct session *session)
{
    for (size_t i = 0; i < run->count; i++) {
        const struct pending *pending = &run->pending[i];
        struct slice redis = wire_measured(session->redis, value_length);
        struct slice leveret = wire_measured(session->leveret, value_length);
        if (!are_alike(pending->likeness, redis, leveret)) {
            complain(run, buffer_slice(&pending->bytes), redis, leveret);
            return false;
        }
        note_kind(run, redis);
    }
    return true;
}

static const char *const wipe = "*1\r\n$8\r\nFLUSHALL\r\n";

/* Waits until both have done all that was asked, whatever they say to it. */
static void drain(const struct session *session)
{
    wire_finish(session->redis);
    wire_finish(session->leveret);
    wire_rest(session->redis);
    wire_rest(session->leveret);
}

/* Starts over with nothing, so that one difference does not bring others. */
static void start_over(struct run *run)
{
    for (size_t i = 0; i < SESSIONS; i++) {
        drain(&run->sessions[i]);
        reconnect(run, &run->sessions[i]);
    }
    wire_ask(run->sessions[0].redis, wipe, "+OK\r\n");
    wire_ask(run->sessions[0].leveret, wipe, "+OK\r\n");
}

static void burst(struct run *run)
{
    struct session *session = &run->sessions[chance_below(&run->chance, SESSIONS)];
    size_t most = 1 + chance_below(&run->chance, LARGEST_BURST);
    run->count = 0;
    buffer_clear(&run->bytes);
    bool stays = true;
    while (stays && run->count < most)
        stays = add(run, session);
    send_all(run, session);
    bool same = settle(run, session);
    if (same && !stays)
        wire_expect_close(session->leveret);
    if (!same)
        start_over(run);
    else if (!stays)
        reconnect(run, session);
}

/* What is no RESP, on a connection of its own, up to its end. */
static void spoil(struct run *run)
{
    struct session session;
    connect_session(run, &session);
    buffer_clear(&run->bytes);
    garbage_append(&run->bytes, &run->chance);
    send_all(run, &session);
    wire_finish(session.redis);
    wire_finish(session.leveret);
    struct slice redis = wire_rest(session.redis);
    struct slice leveret = wire_rest(session.leveret);
    if (!slice_equal(redis, leveret))
        complain(run, buffer_slice(&run->bytes), redis, leveret);
    for (struct slice value; value_take(&redis, &value);)
        note_kind(run, value);
    close_session(&session);
}

/* Makes a SCAN of all keys, or of those that match a pattern. */
static void choose_scan(struct run *run)
{
    char count[8];
    snprintf(count, sizeof(count), "%zu", 1 + chance_below(&run->chance, 20));
    words_begin(&run->words, "SCAN");
    words_say(&run->words, "0");
    words_say(&run->words, "COUNT");
    words_say(&run->words, count);
    words_say(&run->words, "MATCH");
    if (chance_below(&run->chance, 2) == 0)
        words_say(&run->words, "*");
    else
        letters_add(&run->words, &run->chance, 'g');
}

/* Every key and value is the same, and no key comes twice, which it may in Redis. */
static void compare_contents(struct run *run)
{
    struct session session;
    struct buffer keys[2] = {0};
    struct buffer values[2] = {0};
    choose_scan(run);
    connect_session(run, &session);
    contents_scan(session.redis, &run->words, &keys[0]);
    size_t repeated = contents_scan(session.leveret, &run->words, &keys[1]);
    contents_get(session.redis, buffer_slice(&keys[0]), &values[0]);
    contents_get(session.leveret, buffer_slice(&keys[0]), &values[1]);
    for (size_t i = 0; i < 2; i++)
        buffer_append_slice(&keys[i], buffer_slice(&values[i]));
    if (repeated > 0 || !slice_equal(buffer_slice(&keys[0]), buffer_slice(&keys[1])))
        complain(run, words_at(&run->words, 5), buffer_slice(&keys[0]), buffer_slice(&keys[1]));
    close_session(&session);
    for (size_t i = 0; i < 2; i++) {
        buffer_fini(&keys[i]);
        buffer_fini(&values[i]);
    }
}

/* The run ------------------------------------------------------------------ */

static uint64_t number_from(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);
    uint64_t number = otherwise;
    if (text != NULL)
        cr_assert(number_read(slice_from_string(text), UINT64_MAX, &number), "%s=%s", name, text);
    return number;
}

static void open_run(struct run *run)
{
    const char *trace = getenv("LEVERET_TRACE");
    run->seed = number_from("LEVERET_SEED", (uint64_t)time(NULL));
    run->operations = number_from("LEVERET_OPERATIONS", OPERATIONS);
    run->trace = trace == NULL ? NULL : fopen(trace, "w");
    run->chance = (struct chance){run->seed};
    fprintf(stderr, "LEVERET_SEED=%llu LEVERET_OPERATIONS=%llu\n", (unsigned long long)run->seed,
            (unsigned long long)run->operations);
    run->server = daemon_new();
    daemon_start(run->server, "--sync", "never", "--write-buffer", "64K", "--allow-flush", "yes",
                 NULL);
    run->reference = reference_run(daemon_directory(run->server));
    for (size_t i = 0; i < SESSIONS; i++)
        connect_session(run, &run->sessions[i]);
}

static void close_run(struct run *run)
{
    for (size_t i = 0; i < SESSIONS; i++)
        close_session(&run->sessions[i]);
    daemon_stop(run->server);
    reference_free(run->reference);
    daemon_free(run->server);
    words_fini(&run->words);
    for (size_t i = 0; i < LARGEST_BURST; i++)
        buffer_fini(&run->pending[i].bytes);
    buffer_fini(&run->bytes);
    if (run->trace != NULL)
        fclose(run->trace);
}

Test(compare, every_reply_is_the_one_of_redis)
{
    static struct run run;
    open_run(&run);
    while (run.compared < run.operations) {
        burst(&run);
        if (chance_below(&run.chance, 4) == 0)
            spoil(&run);
        if (chance_below(&run.chance, 20) == 0)
            compare_contents(&run);
        run.burst++;
    }
    cr_assert(run.complaints == 0, "%u differences", run.complaints);
    for (size_t i = 0; i < KINDS && run.operations >= OPERATIONS; i++)
        cr_assert(run.met[i], "nothing was answered with %s", kinds[i]);
    close_run(&run);
}
