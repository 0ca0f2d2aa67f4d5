/*
 * The feed: what was committed, told to followers in the order of the commits.
 *
 *     committer --append--> history --read--> follower, at its own speed
 *                   |                            ^
 *                   +---- wake, once, when it had caught up and a change concerns it
 *
 * The committer never waits for a follower. One that falls behind the history has lost changes,
 * and is told so.
 *
 * A follower that has caught up is moved along by writes that do not concern it: it cannot lose
 * anything to them, and it is not woken for them. That costs the committer, for each change, one
 * comparison with a range for each follower that has caught up.
 *
 * Any thread; one lock guards the history and what the committer touches of its followers. It is
 * held while a submission is copied in or a piece of history out, and while wakes are called.
 */
#ifndef LEVERET_STORE_FEED_H
#define LEVERET_STORE_FEED_H

#include "store/history.h"
#include "store/range.h"
#include "store/sequence.h"
#include "store/submission.h"

struct feed;
struct feed_follower;

/* Keeps `capacity` bytes of history, more than 0; `start` is that of its sequences. NULL when there
 * is no memory. */
struct feed *feed_new(uint64_t capacity, uint64_t start);

/* Nobody may follow any more. NULL is allowed. */
void feed_free(struct feed *feed);

/* Appends those writes of the submission, from `first` up to `end`, that succeeded, each under the
 * next number. */
void feed_append(struct feed *feed, const struct submission *submission, size_t first, size_t end);

/* Forgets the history and begins a new one, with another start than before: at least `start`. Those
 * who follow get FEED_RESTARTED. For the thread that appends. */
void feed_restart(struct feed *feed, uint64_t start);

struct feed_facts {
    struct sequence last; /* of the newest write */
    uint64_t held;        /* bytes of history */
    uint64_t followers;
};

struct feed_facts feed_facts(struct feed *feed);

/* Called on the committer's thread with the lock held: it may only pass the news on. */
typedef void feed_wake_fn(void *arg);

enum feed_opening {
    FEED_OPENED,
    FEED_OTHER_START, /* the sequence is of another run of the daemon */
    FEED_GONE,        /* changes from there on are held no more */
    FEED_FUTURE,      /* no write has that number yet */
    FEED_NO_MEMORY,
};

/* Follows changes of keys in that range, which it takes over also when it fails: those of `from`
 * and behind it, or when it is NULL those of writes to come. */
MUST_CHECK enum feed_opening feed_follow(struct feed *feed, struct range *take_range,
                                         const struct sequence *from, feed_wake_fn *wake, void *arg,
                                         struct feed_follower **out);

/* After this no wake comes. NULL is allowed. */
void feed_leave(struct feed_follower *follower);

/* Takes one change, which dies when it returns. False: no more changes for now. */
typedef bool feed_change_fn(void *arg, const struct history_change *change);

enum feed_reading {
    FEED_MORE,      /* the callback wanted no more, or a piece of history was passed */
    FEED_CAUGHT_UP, /* `wake` will be called, once, when there is more */
    FEED_LOST,      /* the history has passed the follower; nothing more will come */
    FEED_RESTARTED, /* there is another history since; nothing more will come */
    FEED_STUCK,     /* there was no memory; it may be tried again */
};

/* Delivers changes behind those delivered. A piece of history is no more than 64 KiB, or one
 * change. A write that fits in one is delivered whole even when the history passes meanwhile. Not
 * between FEED_CAUGHT_UP and the wake. */
MUST_CHECK enum feed_reading feed_read(struct feed_follower *follower, feed_change_fn *change,
                                       void *arg);

/* Everything that concerns the follower up to this one and including it was delivered. */
struct sequence feed_delivered(struct feed_follower *follower);

#endif
