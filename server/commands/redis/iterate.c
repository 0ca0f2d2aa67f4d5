/*
 * SCAN, KEYS, DBSIZE: walks over the keys, a turn at a time.
 *
 * Redis's arrays have their length in front, so keys are collected before any is sent: a page of
 * SCAN up to a bound at which it ends early, and all of KEYS up to one at which it fails.
 */
#include <stdio.h>
#include <stdlib.h>

#include "commands/confine.h"
#include "commands/redis/cursor.h"
#include "commands/redis/functions.h"
#include "commands/redis/glob.h"
#include "commands/redis/options.h"
#include "ops/allowed.h"
#include "ops/metrics.h"

struct walk {
    struct call *call;
    struct store_scan *rows;
    struct glob glob;
    bool all;    /* no glob */
    size_t held; /* bytes without the keys */
    enum call_result (*end)(struct walk *walk);

    struct buffer keys; /* the collected ones, as they are sent */
    size_t sent;        /* of their bytes */
    uint64_t count;     /* of the keys that match */

    size_t most_bytes;    /* of `keys`; or a little more */
    uint64_t most_looked; /* keys to look at */
    uint64_t looked;
    struct buffer last; /* the key at which one of these was reached */
    bool full;          /* one was reached */
    bool more;          /* and there is a key behind it */
    bool failed;        /* which the reply has said */
    bool at_end;
};

static void walk_free(void *state)
{
    struct walk *walk = state;
    store_scan_close(walk->rows);
    glob_fini(&walk->glob);
    buffer_fini(&walk->keys);
    buffer_fini(&walk->last);
    free(walk);
}

/* Rows --------------------------------------------------------------------------- */

static void collect(struct walk *walk, struct slice key)
{
    struct reply reply = {.face = &reply_resp, .out = &walk->keys};
    reply_bulk(&reply, key);
}

static bool take_row(void *arg, struct slice key, struct slice value)
{
    struct walk *walk = arg;
    (void)value;
    walk->more = walk->full;
    if (walk->full)
        return false;
    walk->looked++;
    if (walk->all || glob_matches(&walk->glob, key)) {
        walk->count++;
        if (walk->most_bytes > 0)
            collect(walk, key);
    }
    walk->full = walk->looked == walk->most_looked ||
                 (walk->most_bytes > 0 && walk->keys.len >= walk->most_bytes);
    if (walk->full)
        buffer_append_slice(&walk->last, key);
    return walk->full || !(call_should_pause(walk->call) || glob_is_slow(&walk->glob, key));
}

static void turned(void *arg, enum store_scan_state state, const struct store_error *error)
{
    struct walk *walk = arg;
    walk->at_end = state == STORE_SCAN_END;
    walk->failed = state == STORE_SCAN_FAILED;
    if (walk->failed)
        call_store_failed(walk->call, error, REPLY_NONE);
}

static enum call_result go_on(struct call *call)
{
    struct walk *walk = call->state;
    store_scan_next(walk->rows, take_row, turned, walk);
    call->held = walk->held + walk->keys.cap;
    if (walk->failed)
        return CALL_DONE;
    if (walk->keys.failed || walk->last.failed)
        return call_no_memory(call);
    return walk->at_end || walk->more ? walk->end(walk) : CALL_MORE;
}

/* Beginnings --------------------------------------------------------------------- */

/* The keys that can match, and come behind `after` unless that has no data. */
static bool make_range(const struct walk *walk, struct slice after, struct range *range)
{
    struct slice head = walk->all ? SLICE("") : glob_head(&walk->glob);
    if (!confine_range(walk->call->user, head, range))
        return false;
    if ((walk->all || !glob_is_literal(&walk->glob) || range_lower(range, head, true)) &&
        (after.data == NULL || range_raise(range, after, true)))
        return true;
    range_fini(range);
    return false;
}

/* Leaves a walk over the keys that match with the call; a pattern without data matches all. NULL
 * with the error replied. */
static struct walk *walk_begin(struct call *call, struct slice pattern, struct slice after)
{
    struct walk *walk = calloc(1, sizeof(*walk));
    struct range range;
    struct store_error error;
    if (walk == NULL) {
        call_no_memory(call);
        return NULL;
    }
    call_keep(call, walk, go_on, NULL, walk_free);
    walk->call = call;
    walk->held = call->held;
    walk->all = pattern.data == NULL || slice_equal(pattern, SLICE("*"));
    if (!walk->all && !glob_init(&walk->glob, pattern)) {
        call_no_memory(call);
        return NULL;
    }
    if (!glob_is_bounded(&walk->glob)) {
        reply_fail(&call->reply, "ERR the pattern is longer than 1 KiB behind its literal head");
        return NULL;
    }
    if (!make_range(walk, after, &range)) {
        call_no_memory(call);
        return NULL;
    }
    walk->rows =
        store_scan_open(call->service->store, &range, (struct store_view){0}, false, &error);
    if (walk->rows == NULL) {
        call_store_failed(call, &error, REPLY_NONE);
        return NULL;
    }
    return call_begin_scan(call) ? walk : NULL;
}

_Static_assert(GLOB_LONGEST == 1024, "the sentence above names the limit");

/* SCAN --------------------------------------------------------------------------- */

static void reply_page(struct reply *reply, uint32_t cursor, uint64_t count, struct slice keys)
{
    char digits[16];
    snprintf(digits, sizeof(digits), "%u", cursor);
    reply_array(reply, 2);
    reply_text(reply, digits);
    reply_array(reply, count);
    reply_formatted(reply, keys);
}

/* By its name: the user may be replaced by one of the same name before the next page. */
static struct slice owner_of(const struct call *call)
{
    return slice_from_string(call->user->name);
}

static enum call_result end_page(struct walk *walk)
{
    struct call *call = walk->call;
    uint32_t cursor = 0;
    if (walk->more) {
        cursor = cursors_add(call->service->cursors, owner_of(call), buffer_slice(&walk->last));
        if (cursor == 0)
            return call_no_memory(call);
    }
    metrics_add(&metrics.rows, walk->count);
    reply_page(&call->reply, cursor, walk->count, buffer_slice(&walk->keys));
    return CALL_DONE;
}

/* Finds the key behind which the scan goes on: no data when it begins. False with the error
 * replied. */
static bool find_place(struct call *call, uint64_t cursor, struct buffer *after)
{
    if (cursor == 0)
        return true;
    buffer_reserve(after, 1); /* so that the empty key is not taken for none */
    if (!cursors_use(call->service->cursors, cursor, owner_of(call), after)) {
        reply_fail(&call->reply, "ERR the cursor is unknown or no longer kept; begin again with 0");
        return false;
    }
    if (after->failed)
        call_no_memory(call);
    return !after->failed;
}

static enum call_result scan(struct call *call, const struct options_scan *options,
                             struct slice after)
{
    struct walk *walk = walk_begin(call, options->match, after);
    if (walk == NULL)
        return CALL_DONE;
    walk->end = end_page;
    walk->most_bytes = REPLY_PAGE;
    walk->most_looked = options->count;
    return go_on(call);
}

/* There are strings and nothing else, so another type is at its end at once. */
enum call_result iterate_scan(struct call *call)
{
    struct options_scan options;
    struct buffer after = {0};
    enum call_result result = CALL_DONE;
    if (!options_read_scan(call, &options) || !find_place(call, options.cursor, &after)) {
        buffer_fini(&after);
        return CALL_DONE;
    }
    if (options.strings)
        result = scan(call, &options, buffer_slice(&after));
    else
        reply_page(&call->reply, 0, 0, SLICE(""));
    buffer_fini(&after);
    return result;
}

/* KEYS --------------------------------------------------------------------------- */

/* In the middle of an array there is nothing that could be said. */
static void cut_short(struct call *call, enum status status, const char *text)
{
    (void)call;
    (void)status;
    (void)text;
}

static enum call_result send_keys(struct call *call)
{
    struct walk *walk = call->state;
    size_t left = walk->keys.len - walk->sent;
    size_t piece = left < CALL_HIGH_WATER ? left : CALL_HIGH_WATER;
    if (piece > 0)
        reply_formatted(&call->reply, slice_of(walk->keys.data + walk->sent, piece));
    walk->sent += piece;
    return piece < left ? CALL_MORE : CALL_DONE;
}

static enum call_result end_keys(struct walk *walk)
{
    struct call *call = walk->call;
    if (walk->full) {
        reply_fail(&call->reply,
                   "ERR the keys that match take more than --max-output allows; use SCAN");
        return CALL_DONE;
    }
    store_scan_close(walk->rows);
    walk->rows = NULL;
    call_end_scan(call);
    call->resume = send_keys;
    call->cut = cut_short;
    metrics_add(&metrics.rows, walk->count);
    reply_array(&call->reply, walk->count);
    return send_keys(call);
}

enum call_result iterate_keys(struct call *call)
{
    struct slice pattern = call_argument(call, 0);
    struct walk *walk = walk_begin(call, pattern.len == 0 ? SLICE("") : pattern, REPLY_NONE);
    if (walk == NULL)
        return CALL_DONE;
    walk->end = end_keys;
    walk->most_bytes = allowed.output;
    return go_on(call);
}

/* DBSIZE ------------------------------------------------------------------------- */

static enum call_result end_count(struct walk *walk)
{
    reply_integer(&walk->call->reply, (int64_t)walk->count);
    return CALL_DONE;
}

enum call_result iterate_dbsize(struct call *call)
{
    struct walk *walk = walk_begin(call, REPLY_NONE, REPLY_NONE);
    if (walk == NULL)
        return CALL_DONE;
    walk->end = end_count;
    return go_on(call);
}
