/*
 * The committer's queue: the submissions that wait for it, in their order, and how many bytes of
 * them there are.
 *
 *     any thread --put--> [ waiting ] --take, up to a round--> the committer --done--> owner
 *
 * The bytes count until queue_done: those in the committer's hands, too. Whoever found the queue
 * full hears once that there is room again.
 */
#ifndef LEVERET_STORE_QUEUE_H
#define LEVERET_STORE_QUEUE_H

#include <pthread.h>
#include <stdatomic.h>

#include "store/store.h"
#include "store/submission.h"

struct queue {
    pthread_mutex_t lock; /* guards what follows; held for a few instructions at a time */
    pthread_cond_t more;
    struct submission *first;
    struct submission **last;
    bool woken; /* and the taker has not seen it yet */

    atomic_size_t bytes;
    atomic_bool told_full; /* somebody saw it full and waits for room */
    store_room_fn *room;
    void *room_arg;
};

void queue_init(struct queue *queue);
void queue_fini(struct queue *queue);

/* Any thread: hands a submission in; whether there are too many bytes; wakes the taker although
 * there may be nothing to take. */
void queue_put(struct queue *queue, struct submission *submission);
bool queue_is_full(struct queue *queue);
void queue_wake(struct queue *queue);

/* Before anybody puts: `room` is called on the taker's thread. */
void queue_on_room(struct queue *queue, store_room_fn *room, void *arg);

/* The taker's, one thread, all that follows: waits until there is something to take, it is woken,
 * or clock_ms is `until`; 0 for never. */
void queue_wait(struct queue *queue, int64_t until);

/* Takes what waits, as a list, up to so many bytes but at least one; NULL when nothing does. */
struct submission *queue_take(struct queue *queue, size_t bytes);

/* What comes behind the submission waits again, before all that came since. */
void queue_put_back(struct queue *queue, struct submission *last);

/* The submission has grown by what its programs did: that much more is held. */
void queue_count(struct queue *queue, struct submission *submission);

/* Gives every submission of the list back to its owner. */
void queue_done(struct queue *queue, struct submission *list);

#endif
