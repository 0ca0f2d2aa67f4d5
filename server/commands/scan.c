/*
 * SCAN and COUNT: walk a range a turn at a time. SCAN sends the rows, COUNT only counts them.
 */
#include <stdlib.h>

#include "commands/handlers.h"
#include "commands/words.h"
#include "ops/metrics.h"

struct scan {
    struct call *call;
    struct store_scan *rows;
    store_row_fn *take;
    bool keys;   /* rows have a key */
    bool values; /* rows have a value */
    uint64_t limit;
    uint64_t count;
    uint64_t most_bytes; /* of what is sent, as it is stored */
    uint64_t bytes;
    struct buffer last; /* the key of the last row that is known to be right */
    bool exact;         /* each row is, when it is delivered; else those of a turn, at its end */
    size_t mark;        /* of the reply, when the turn began */
    bool too_large;     /* the row that came last was not sent, for it cannot be */
    enum call_result result;
};

static void scan_free(void *state)
{
    struct scan *scan = state;
    store_scan_close(scan->rows);
    buffer_fini(&scan->last);
    free(scan);
}

/* Rows --------------------------------------------------------------------- */

static void keep_last(struct scan *scan, struct slice key)
{
    buffer_clear(&scan->last);
    buffer_reserve(&scan->last, 1); /* so that the empty key is not taken for no key */
    buffer_append_slice(&scan->last, key);
}

static bool is_full(const struct scan *scan)
{
    return scan->count >= scan->limit || scan->bytes >= scan->most_bytes ||
           reply_is_page(&scan->call->reply);
}

static bool count_row(struct scan *scan)
{
    scan->count++;
    return !is_full(scan) && !call_should_pause(scan->call);
}

static bool send_row(void *arg, struct slice key, struct slice value)
{
    struct scan *scan = arg;
    struct reply *reply = &scan->call->reply;
    struct slice key_part = scan->keys ? key : REPLY_NONE;
    struct slice value_part = scan->values ? value : REPLY_NONE;
    scan->too_large = !reply_fits(reply, key_part, value_part);
    if (scan->too_large)
        return false;
    reply_row(reply, key_part, value_part);
    if (scan->exact)
        keep_last(scan, key);
    scan->bytes += (scan->keys ? key.len - reply->strip : 0) + (scan->values ? value.len : 0);
    return count_row(scan);
}

static bool pass_row(void *arg, struct slice key, struct slice value)
{
    (void)key;
    (void)value;
    return count_row(arg);
}

/* Endings ------------------------------------------------------------------ */

static void cut(struct call *call, enum status status, const char *text)
{
    struct scan *scan = call->state;
    struct slice last = scan->take == send_row ? store_scan_key(scan->rows) : REPLY_NONE;
    reply_error_more(&call->reply, status, last, text);
}

/* All that was delivered up to `last` is right, and nothing is missing in it. */
static void fail(struct scan *scan, const struct store_error *error)
{
    bool sent = scan->take == send_row && !scan->last.failed;
    call_store_failed(scan->call, error, sent ? buffer_slice(&scan->last) : REPLY_NONE);
}

static bool stop_at_once(void *arg, struct slice key, struct slice value)
{
    (void)arg;
    (void)key;
    (void)value;
    return false;
}

static void looked_further(void *arg, enum store_scan_state state, const struct store_error *error)
{
    struct scan *scan = arg;
    if (state == STORE_SCAN_FAILED)
        fail(scan, error);
    else if (state == STORE_SCAN_PAUSED)
        reply_count_more(&scan->call->reply, scan->count, buffer_slice(&scan->last));
    else
        reply_count(&scan->call->reply, scan->count);
}

/* At a limit: is there another row? */
static void look_further(struct scan *scan)
{
    keep_last(scan, store_scan_key(scan->rows));
    if (scan->last.failed)
        call_no_memory(scan->call);
    else
        store_scan_next(scan->rows, stop_at_once, looked_further, scan);
}

static void pause_at(struct scan *scan, struct slice key)
{
    scan->result = CALL_MORE;
    if (scan->take == send_row && !scan->exact)
        keep_last(scan, key);
}

static void turned(void *arg, enum store_scan_state state, const struct store_error *error)
{
    struct scan *scan = arg;
    scan->result = CALL_DONE;
    if (state == STORE_SCAN_FAILED) {
        if (!scan->exact)
            reply_rewind(&scan->call->reply, scan->mark);
        fail(scan, error);
    } else if (scan->too_large)
        reply_error_more(&scan->call->reply, STATUS_LIMIT, store_scan_key(scan->rows),
                         "the row was not sent: " REPLY_TOO_LARGE);
    else if (state == STORE_SCAN_END)
        reply_count(&scan->call->reply, scan->count);
    else if (is_full(scan))
        look_further(scan);
    else
        pause_at(scan, store_scan_key(scan->rows));
}

static enum call_result go_on(struct call *call)
{
    struct scan *scan = call->state;
    uint64_t before = scan->count;
    scan->mark = reply_mark(&call->reply);
    store_scan_next(scan->rows, scan->take, turned, scan);
    if (scan->take == send_row)
        metrics_add(&metrics.rows, scan->count - before);
    return scan->result;
}

/* Beginnings --------------------------------------------------------------- */

static struct scan *scan_new(struct call *call, const struct words *words)
{
    struct range range;
    struct store_error error;
    if (!words_range(call, call_argument(call, 0), words, &range))
        return NULL;
    struct store_scan *rows =
        store_scan_open(call->service->store, &range, words->view, words->reverse, &error);
    if (rows == NULL) {
        call_store_failed(call, &error, REPLY_NONE);
        return NULL;
    }
    struct scan *scan = malloc(sizeof(*scan));
    if (scan == NULL) {
        store_scan_close(rows);
        call_no_memory(call);
        return NULL;
    }
    *scan = (struct scan){
        .call = call,
        .rows = rows,
        .keys = !words->values,
        .values = !words->keys,
        .exact = words->view.verify,
        .limit = words->limit,
        .most_bytes = words->bytes,
    };
    return scan;
}

static enum call_result begin(struct call *call, unsigned allowed, store_row_fn *take)
{
    struct words words;
    if (!words_read(call, allowed, &words))
        return CALL_DONE;
    struct scan *scan = scan_new(call, &words);
    if (scan == NULL)
        return CALL_DONE;
    scan->take = take;
    call_keep(call, scan, go_on, cut, scan_free);
    if (!call_begin_scan(call))
        return CALL_DONE;
    if (take == send_row)
        reply_begin_rows(&call->reply);
    return go_on(call);
}

enum call_result scan_scan(struct call *call)
{
    return begin(call,
                 WORDS_BOUNDS | WORDS_REVERSE | WORDS_LIMIT | WORDS_PARTS | WORDS_BYTES |
                     WORDS_VIEW | WORDS_CARE,
                 send_row);
}

enum call_result scan_count(struct call *call)
{
    return begin(call, WORDS_BOUNDS | WORDS_REVERSE | WORDS_LIMIT | WORDS_VIEW | WORDS_CARE,
                 pass_row);
}
