/*
 * The latch: whether the store may be written, why it may not, and when to try again.
 *
 *     LIFTED --fall: a write failed--> FALLEN --(wait) try: it recovered--> LIFTED
 *                                        ^ |
 *                                        +-+ try: an obstacle
 *
 * One thread, the committer's, makes it fall and lifts it; any other may look.
 */
#ifndef LEVERET_STORE_LATCH_H
#define LEVERET_STORE_LATCH_H

#include <pthread.h>
#include <stdatomic.h>

#include "store/store.h"

struct latch_facts {
    bool writable;
    char because[320]; /* why it is not; else empty */
    uint64_t lifted;   /* so many times it had fallen and was lifted again */
};

struct latch {
    atomic_bool fallen;

    /* The committer's; times are clock_ms. */
    struct store_error why;
    int64_t try_at;
    int64_t lifted_at; /* 0: never */
    int64_t wait;      /* from the fall to the first try */
    bool told;         /* the log knows the obstacle */

    pthread_mutex_t lock; /* guards the next */
    struct latch_facts facts;
};

void latch_init(struct latch *latch);
void latch_fini(struct latch *latch);

/* Any thread. */
bool latch_is_fallen(const struct latch *latch);
void latch_tell(struct latch *latch, struct latch_facts *facts);

/* The committer's: makes it fall, for that reason, and logs it. */
void latch_fall(struct latch *latch, const struct store_error *why);

/* The committer's: why it has fallen, and what keeps it from being lifted. */
const char *latch_because(const struct latch *latch);

/* Whether it is time to try to recover; only when it has fallen. */
bool latch_is_due(const struct latch *latch);

/* The try failed, or went well. */
void latch_keep(struct latch *latch, const struct store_error *obstacle);
void latch_lift(struct latch *latch);

#endif
