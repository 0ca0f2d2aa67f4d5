/*
 * FOLLOW: changes as they are committed, without an end.
 *
 *     open --> a row for each change --> caught up: wait for a wake --+
 *                      ^                                              |
 *                      +----------------------------------------------+
 */
#include <stdlib.h>

#include "commands/confine.h"
#include "commands/handlers.h"
#include "ops/clock.h"
#include "ops/metrics.h"

/* A follower that heard nothing for so long is told how far it has come: it sees that the
 * connection lives, and may resume from there. */
#define QUIET_MS 10000

struct follow {
    struct call *call;
    struct store_follow *changes;
    struct buffer last; /* the sequence of the last row */
    int64_t spoke;      /* clock_ms: when that was */
    bool paused;        /* the turn is over */
    bool too_large;     /* the next change cannot be told */
    uint64_t count;     /* changes told in this turn */
    enum call_result result;
};

static void follow_free(void *state)
{
    struct follow *follow = state;
    store_follow_close(follow->changes);
    buffer_fini(&follow->last);
    free(follow);
}

/* Rows --------------------------------------------------------------------- */

static void tell(struct follow *follow, enum reply_event event, struct slice key,
                 struct slice value, struct slice sequence)
{
    reply_change(&follow->call->reply, event, key, value, sequence);
    buffer_clear(&follow->last);
    buffer_append_slice(&follow->last, sequence);
}

static bool tell_change(void *arg, struct slice key, struct slice value, struct slice sequence)
{
    struct follow *follow = arg;
    follow->too_large = !reply_fits(&follow->call->reply, key, value);
    if (follow->too_large)
        return false;
    tell(follow, value.data == NULL ? REPLY_DEL : REPLY_PUT, key, value, sequence);
    follow->count++;
    follow->paused = call_should_pause(follow->call);
    return !follow->paused;
}

static void tell_sequence(struct follow *follow)
{
    tell(follow, REPLY_SEQUENCE, REPLY_NONE, REPLY_NONE, store_follow_sequence(follow->changes));
    follow->spoke = clock_ms();
}

static void beat(struct call *call)
{
    struct follow *follow = call->state;
    if (clock_ms() - follow->spoke >= QUIET_MS)
        tell_sequence(follow);
}

/* Turns -------------------------------------------------------------------- */

static void cut(struct call *call, enum status status, const char *text)
{
    struct follow *follow = call->state;
    struct slice last = follow->last.failed ? REPLY_NONE : buffer_slice(&follow->last);
    reply_error_from(&call->reply, status, last, text);
}

static void turned(void *arg, enum store_follow_state state, const struct store_error *error)
{
    struct follow *follow = arg;
    follow->result = CALL_MORE;
    if (follow->too_large) {
        follow->result = CALL_DONE;
        cut(follow->call, STATUS_LIMIT, "the change was not sent: " REPLY_TOO_LARGE);
        return;
    }
    if (state == STORE_FOLLOW_CAUGHT_UP)
        follow->result = CALL_FOLLOW;
    if (state != STORE_FOLLOW_FAILED)
        return;
    follow->result = CALL_DONE;
    reply_error(&follow->call->reply, error->status, "%s", error->text);
}

static enum call_result go_on(struct call *call)
{
    struct follow *follow = call->state;
    follow->paused = false;
    follow->count = 0;
    do
        store_follow_next(follow->changes, tell_change, turned, follow);
    while (follow->result == CALL_MORE && !follow->paused && !call_should_pause(call));
    if (follow->count > 0)
        follow->spoke = clock_ms();
    metrics_add(&metrics.changes, follow->count);
    return follow->result;
}

/* Beginnings --------------------------------------------------------------- */

/* On the committer's thread. */
static void wake(void *arg)
{
    call_wake(arg);
}

/* Where to start: no data when that is now. False with the error replied. */
static bool read_from(struct call *call, struct slice *from)
{
    *from = REPLY_NONE;
    if (call_argument_count(call) == 1)
        return true;
    struct slice word = call_argument(call, 1);
    if (call_argument_count(call) == 3 && slice_equal_fold(word, SLICE("FROM"))) {
        *from = call_argument(call, 2);
        return true;
    }
    reply_error(&call->reply, STATUS_BADARG, "behind the prefix comes FROM and a sequence");
    return false;
}

static struct follow *follow_new(struct call *call, struct slice from)
{
    struct store_error error = {.status = STATUS_MEMORY};
    struct range range;
    struct follow *follow = calloc(1, sizeof(*follow));
    if (follow == NULL || !confine_range(call->user, call_argument(call, 0), &range)) {
        free(follow);
        call_no_memory(call);
        return NULL;
    }
    follow->call = call;
    follow->changes = store_follow_open(call->service->store, &range, from, wake, call, &error);
    if (follow->changes != NULL)
        return follow;
    reply_error(&call->reply, error.status, "%s", error.text);
    free(follow);
    return NULL;
}

enum call_result follow_follow(struct call *call)
{
    struct slice from;
    if (!read_from(call, &from))
        return CALL_DONE;
    struct follow *follow = follow_new(call, from);
    if (follow == NULL)
        return CALL_DONE;
    call_keep(call, follow, go_on, cut, follow_free);
    call->beat = beat;
    tell_sequence(follow);
    return go_on(call);
}
