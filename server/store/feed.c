#include "store/feed.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>

/* A piece of history, copied while the committer waits: some microseconds. */
#define PIECE_BYTES ((uint64_t)64 * 1024)

struct feed {
    pthread_mutex_t lock;
    struct history history;
    struct feed_follower *armed; /* those that have caught up */
    uint64_t followers;
    uint64_t start;
};

struct feed_follower {
    struct feed *feed;
    struct range range;
    feed_wake_fn *wake;
    void *arg;

    /* The reader's, and while it is armed the committer's, who has the lock. */
    uint64_t start;     /* of the history that it follows */
    uint64_t position;  /* in the history: what comes behind `piece` */
    uint64_t delivered; /* the number of the last write that is behind it as a whole */
    bool armed;
    struct feed_follower *next; /* of those armed */
    struct feed_follower *previous;

    struct buffer piece; /* copied history */
    size_t piece_at;     /* what was delivered of it */
};

struct feed *feed_new(uint64_t capacity, uint64_t start)
{
    struct feed *feed = calloc(1, sizeof(*feed));
    if (feed == NULL || !history_init(&feed->history, capacity)) {
        free(feed);
        return NULL;
    }
    feed->start = start;
    pthread_mutex_init(&feed->lock, NULL);
    return feed;
}

void feed_free(struct feed *feed)
{
    if (feed == NULL)
        return;
    assert(feed->followers == 0);
    pthread_mutex_destroy(&feed->lock);
    history_fini(&feed->history);
    free(feed);
}

struct feed_facts feed_facts(struct feed *feed)
{
    pthread_mutex_lock(&feed->lock);
    struct feed_facts facts = {
        .last = {.start = feed->start, .number = feed->history.last},
        .held = feed->history.head - feed->history.tail,
        .followers = feed->followers,
    };
    pthread_mutex_unlock(&feed->lock);
    return facts;
}

/* Those who have caught up; the lock is held ------------------------------- */

static void arm(struct feed_follower *follower)
{
    struct feed *feed = follower->feed;
    follower->armed = true;
    follower->previous = NULL;
    follower->next = feed->armed;
    if (feed->armed != NULL)
        feed->armed->previous = follower;
    feed->armed = follower;
}

static void disarm(struct feed_follower *follower)
{
    struct feed *feed = follower->feed;
    if (!follower->armed)
        return;
    follower->armed = false;
    if (follower->previous != NULL)
        follower->previous->next = follower->next;
    else
        feed->armed = follower->next;
    if (follower->next != NULL)
        follower->next->previous = follower->previous;
}

/* Appending ---------------------------------------------------------------- */

static uint64_t size_of_write(const struct submission *submission, const struct write *write)
{
    uint64_t size = 0;
    struct slice key;
    struct slice value;
    struct changes changes = submission_changes(submission, write);
    while (changes_next(&changes, &key, &value))
        size += history_size(key, value);
    return size;
}

static bool concerns(const struct feed_follower *follower, const struct submission *submission,
                     const struct write *write)
{
    struct slice key;
    struct slice value;
    struct changes changes = submission_changes(submission, write);
    while (changes_next(&changes, &key, &value))
        if (range_holds(&follower->range, key))
            return true;
    return false;
}

static void tell_armed(struct feed *feed, const struct submission *submission,
                       const struct write *write)
{
    for (struct feed_follower *at = feed->armed; at != NULL;) {
        struct feed_follower *next = at->next;
        if (concerns(at, submission, write)) {
            disarm(at);
            at->wake(at->arg);
        } else {
            at->position = feed->history.head;
            at->delivered = feed->history.last;
        }
        at = next;
    }
}

static void append_write(struct feed *feed, const struct submission *submission,
                         const struct write *write)
{
    uint64_t size = size_of_write(submission, write);
    struct changes changes = submission_changes(submission, write);
    struct slice key;
    struct slice value;
    if (size == 0)
        return; /* a batch of nothing but checks */
    history_begin(&feed->history, size);
    while (changes_next(&changes, &key, &value))
        history_add(&feed->history, key, value);
    tell_armed(feed, submission, write);
}

void feed_append(struct feed *feed, const struct submission *submission, size_t first, size_t end)
{
    pthread_mutex_lock(&feed->lock);
    for (size_t i = first; i < end; i++)
        if (submission->writes[i].status == STATUS_OK)
            append_write(feed, submission, &submission->writes[i]);
    pthread_mutex_unlock(&feed->lock);
}

void feed_restart(struct feed *feed, uint64_t start)
{
    pthread_mutex_lock(&feed->lock);
    feed->start = start > feed->start ? start : feed->start + 1;
    history_clear(&feed->history);
    while (feed->armed != NULL) {
        struct feed_follower *follower = feed->armed;
        disarm(follower);
        follower->wake(follower->arg);
    }
    pthread_mutex_unlock(&feed->lock);
}

/* Following ---------------------------------------------------------------- */

/* The lock is held. */
static enum feed_opening place(struct feed_follower *follower, const struct sequence *from)
{
    const struct feed *feed = follower->feed;
    const struct history *history = &feed->history;
    follower->start = feed->start;
    if (from == NULL) {
        follower->position = history->head;
        follower->delivered = history->last;
        return FEED_OPENED;
    }
    if (from->start != feed->start)
        return FEED_OTHER_START;
    if (from->number > history->last)
        return FEED_FUTURE;
    if (!history_find(history, from->number, &follower->position))
        return FEED_GONE;
    follower->delivered = from->number > 0 ? from->number - 1 : 0;
    return FEED_OPENED;
}

static void follower_free(struct feed_follower *follower)
{
    range_fini(&follower->range);
    buffer_fini(&follower->piece);
    free(follower);
}

enum feed_opening feed_follow(struct feed *feed, struct range *take_range,
                              const struct sequence *from, feed_wake_fn *wake, void *arg,
                              struct feed_follower **out)
{
    struct feed_follower *follower = calloc(1, sizeof(*follower));
    if (follower == NULL) {
        range_fini(take_range);
        return FEED_NO_MEMORY;
    }
    follower->feed = feed;
    follower->wake = wake;
    follower->arg = arg;
    follower->range = *take_range;
    pthread_mutex_lock(&feed->lock);
    enum feed_opening opening = place(follower, from);
    feed->followers += opening == FEED_OPENED;
    pthread_mutex_unlock(&feed->lock);
    if (opening == FEED_OPENED)
        *out = follower;
    else
        follower_free(follower);
    return opening;
}

void feed_leave(struct feed_follower *follower)
{
    if (follower == NULL)
        return;
    struct feed *feed = follower->feed;
    pthread_mutex_lock(&feed->lock);
    disarm(follower);
    feed->followers--;
    pthread_mutex_unlock(&feed->lock);
    follower_free(follower);
}

struct sequence feed_delivered(struct feed_follower *follower)
{
    struct feed *feed = follower->feed;
    pthread_mutex_lock(&feed->lock);
    struct sequence sequence = {.start = follower->start, .number = follower->delivered};
    pthread_mutex_unlock(&feed->lock);
    return sequence;
}

/* Reading ------------------------------------------------------------------ */

/* Copies up to so many bytes into the follower's piece, or arms it. */
static enum feed_reading copy(struct feed_follower *follower, uint64_t most)
{
    struct feed *feed = follower->feed;
    const struct history *history = &feed->history;
    enum feed_reading reading = FEED_MORE;
    if (!buffer_reserve(&follower->piece, (size_t)most))
        return FEED_STUCK; /* found out before the lock is taken */
    pthread_mutex_lock(&feed->lock);
    if (follower->start != feed->start) {
        reading = FEED_RESTARTED;
    } else if (follower->position < history->tail) {
        reading = FEED_LOST;
    } else if (follower->position == history->head) {
        follower->delivered = history->last;
        arm(follower);
        reading = FEED_CAUGHT_UP;
    } else {
        history_copy(history, follower->position, most, &follower->piece);
    }
    pthread_mutex_unlock(&feed->lock);
    return reading;
}

/* Fetches the next piece, of whole changes. */
static enum feed_reading fetch(struct feed_follower *follower)
{
    struct buffer *piece = &follower->piece;
    uint64_t wanted = PIECE_BYTES;
    size_t whole = 0;
    if (piece->cap > PIECE_BYTES)
        buffer_fini(piece); /* a large change has gone */
    while (whole == 0) {
        buffer_clear(piece);
        follower->piece_at = 0;
        enum feed_reading reading = copy(follower, wanted);
        if (reading != FEED_MORE) {
            buffer_fini(piece); /* who waits keeps none */
            return reading;
        }
        whole = history_whole(buffer_slice(piece), &wanted);
    }
    piece->len = whole;
    follower->position += whole;
    return FEED_MORE;
}

/* Delivers what there is of the piece; false when the callback wants no more. */
static bool deliver(struct feed_follower *follower, feed_change_fn *take, void *arg)
{
    struct slice rest = slice_of(follower->piece.data + follower->piece_at,
                                 follower->piece.len - follower->piece_at);
    struct history_change change;
    bool wants = true;
    while (wants && history_read(&rest, &change)) {
        if (range_holds(&follower->range, change.key))
            wants = take(arg, &change);
        if (change.ends)
            follower->delivered = change.number;
    }
    follower->piece_at = follower->piece.len - rest.len;
    return wants;
}

enum feed_reading feed_read(struct feed_follower *follower, feed_change_fn *take, void *arg)
{
    assert(!follower->armed);
    if (follower->piece_at == follower->piece.len) {
        enum feed_reading reading = fetch(follower);
        if (reading != FEED_MORE)
            return reading;
    }
    (void)deliver(follower, take, arg);
    return FEED_MORE;
}
