/*
 * Following, as store.h promises it: the feed, with sequences as text and reasons as sentences.
 */
#include <stdio.h>
#include <stdlib.h>

#include "store/leveldb.h"

struct store_follow {
    struct feed_follower *follower;
    uint64_t start;
    uint64_t number; /* whose text is below */
    char text[SEQUENCE_TEXT];
    struct slice sequence;

    /* Of the call in progress. */
    store_change_fn *take;
    void *arg;
};

static bool fail(struct store_error *error, enum status status, const char *text)
{
    error->status = status;
    snprintf(error->text, sizeof(error->text), "%s", text);
    return false;
}

static bool explain(struct store_error *error, enum feed_opening opening)
{
    switch (opening) {
    case FEED_OPENED:
        return true;
    case FEED_OTHER_START:
        return fail(error, STATUS_LOST, "the sequence is of another run of the server");
    case FEED_GONE:
        return fail(error, STATUS_LOST, "the history does not reach back to that sequence");
    case FEED_FUTURE:
        return fail(error, STATUS_BADARG, "the sequence is of the future");
    case FEED_NO_MEMORY:
        break;
    }
    return fail(error, STATUS_MEMORY, status_meaning(STATUS_MEMORY));
}

/* Opening ------------------------------------------------------------------ */

static bool start(struct store_follow *follow, struct feed *feed, struct range *take_range,
                  struct slice from, store_wake_fn *wake, void *arg, struct store_error *error)
{
    struct sequence sequence;
    if (from.data != NULL && !sequence_read(from, &sequence)) {
        range_fini(take_range);
        return fail(error, STATUS_BADARG, "FROM takes a sequence that a FOLLOW told");
    }
    return explain(error, feed_follow(feed, take_range, from.data == NULL ? NULL : &sequence, wake,
                                      arg, &follow->follower));
}

static struct slice text_of(struct store_follow *follow, struct sequence sequence)
{
    follow->start = sequence.start;
    follow->number = sequence.number;
    follow->sequence = sequence_print(sequence, follow->text);
    return follow->sequence;
}

struct store_follow *store_follow_open(struct store *store, struct range *take_range,
                                       struct slice from, store_wake_fn *wake, void *arg,
                                       struct store_error *error)
{
    if (store->feed == NULL) {
        range_fini(take_range);
        (void)fail(error, STATUS_LIMIT, "the server keeps no history of changes");
        return NULL;
    }
    struct store_follow *follow = calloc(1, sizeof(*follow));
    if (follow == NULL) {
        range_fini(take_range);
        (void)explain(error, FEED_NO_MEMORY);
        return NULL;
    }
    if (!start(follow, store->feed, take_range, from, wake, arg, error)) {
        free(follow);
        return NULL;
    }
    (void)store_follow_sequence(follow);
    return follow;
}

void store_follow_close(struct store_follow *follow)
{
    if (follow == NULL)
        return;
    feed_leave(follow->follower);
    free(follow);
}

/* Reading ------------------------------------------------------------------ */

static bool take(void *arg, const struct history_change *change)
{
    struct store_follow *follow = arg;
    if (change->number != follow->number)
        text_of(follow, (struct sequence){.start = follow->start, .number = change->number});
    return follow->take(follow->arg, change->key, change->value, follow->sequence);
}

void store_follow_next(struct store_follow *follow, store_change_fn *change, store_follow_fn *done,
                       void *arg)
{
    struct store_error error = {.status = STATUS_OK};
    enum store_follow_state state = STORE_FOLLOW_FAILED;
    follow->take = change;
    follow->arg = arg;
    switch (feed_read(follow->follower, take, follow)) {
    case FEED_MORE:
        state = STORE_FOLLOW_PAUSED;
        break;
    case FEED_CAUGHT_UP:
        state = STORE_FOLLOW_CAUGHT_UP;
        break;
    case FEED_LOST:
        (void)fail(&error, STATUS_LOST, "the follower was slower than the history is long");
        break;
    case FEED_RESTARTED:
        (void)fail(&error, STATUS_LOST, status_meaning(STATUS_REOPENED));
        break;
    case FEED_STUCK:
        (void)explain(&error, FEED_NO_MEMORY);
        break;
    }
    done(arg, state, &error);
}

struct slice store_follow_sequence(struct store_follow *follow)
{
    return text_of(follow, feed_delivered(follow->follower));
}

/* Facts -------------------------------------------------------------------- */

_Static_assert(sizeof(((struct store_feed_facts *)NULL)->last) == SEQUENCE_TEXT,
               "the door and the room behind it are of one size");

bool store_feed_facts(struct store *store, struct store_feed_facts *facts)
{
    if (store->feed == NULL)
        return false;
    struct feed_facts now = feed_facts(store->feed);
    (void)sequence_print(now.last, facts->last);
    facts->held = now.held;
    facts->followers = now.followers;
    return true;
}
