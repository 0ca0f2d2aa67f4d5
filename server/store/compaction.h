/*
 * A compaction: the keys of a range rewritten without what was deleted or replaced, so that the
 * disk gets that room back. A job that its owner hands to the store and gets back when it is done.
 */
#ifndef LEVERET_STORE_COMPACTION_H
#define LEVERET_STORE_COMPACTION_H

#include <stdatomic.h>

#include "protocol/status.h"
#include "store/range.h"

struct compaction {
    struct compaction *next; /* the store's queue */
    struct range range;      /* the owner's, and not to be changed meanwhile */
    bool only_memory;        /* write what is only in memory to a table, whatever the range */

    /* How far it is, in bytes before the compaction; any thread may look. */
    _Atomic uint64_t bytes_done;
    _Atomic uint64_t bytes_total; /* 0 until it has begun */

    /* Called once, on the store's thread; then the job is the owner's again. The status is
     * STATUS_OK; STATUS_SHUTDOWN when the store closes before all was done; STATUS_READONLY;
     * STATUS_FULL; or what the engine failed with. */
    void (*done)(struct compaction *job, void *arg);
    void *arg;
    enum status status;
    char problem[256]; /* when it is not STATUS_OK: a sentence */
};

/* What the store has to do of this kind. */
struct compaction_facts {
    uint64_t waiting;     /* jobs behind the one that runs */
    bool running;         /* and of that one: */
    uint64_t bytes_done;  /* see above */
    uint64_t bytes_total; /* see above */
    uint64_t finished;    /* jobs since the start */
};

#endif
