/*
 * The syncer: the thread that puts what was written on disk every now and then, for a store whose
 * commits do not wait for that (`--sync SECONDS`).
 *
 *     committer --wrote--> dirty --some time later: every log, then their names--> clean
 *
 * What was written is on disk `seconds` later at most. When the disk is too slow for that, the
 * committer waits, so that a power cut never takes more than the commits of that time.
 */
#ifndef LEVERET_STORE_SYNCER_H
#define LEVERET_STORE_SYNCER_H

#include "store/store.h"

struct syncer;

/* What it does, on its own thread. */
struct syncer_engine {
    /* Puts all that was written before on disk. */
    bool (*sync)(void *engine, struct store_error *error);
    /* That failed: what was written since the last time may be lost. */
    void (*failed)(void *engine, const struct store_error *error);
    void *engine;
};

/* Starts the thread. NULL when that fails. */
struct syncer *syncer_new(const struct syncer_engine *engine, uint64_t seconds);

/* Syncs what is left, stops the thread and frees. NULL is allowed. */
void syncer_free(struct syncer *syncer);

/* The others are for the one thread that writes. */

/* Something was written. Waits while what is not on disk is older than allowed. False with *error
 * when a sync has failed since the last renewal. */
MUST_CHECK bool syncer_wrote(struct syncer *syncer, struct store_error *error);

/* Waits for the sync that runs, if one does. False likewise: whoever syncs the same files himself
 * must not go on then, because the system tells of what it could not write only once, and that was
 * told to the syncer. */
MUST_CHECK bool syncer_await(struct syncer *syncer, struct store_error *error);

/* What failed before does not count any more: the store was reopened. */
void syncer_renew(struct syncer *syncer);

#endif
