/*
 * Maintenance: the one thread that compacts, one job after the other.
 *
 * The engine cannot be stopped in the middle of a compaction, nor closed under it. So a job goes
 * in pieces: it shows how far it is, a closing store waits for one piece at most, and between
 * pieces the engine looks after the rows that were written meanwhile.
 */
#ifndef LEVERET_STORE_MAINTENANCE_H
#define LEVERET_STORE_MAINTENANCE_H

#include "store/compaction.h"
#include "store/piece.h"

struct maintenance;

/* What a job needs of the store behind it. Called on the maintenance thread only. */
struct maintenance_engine {
    piece_size_fn *size;
    /* How many bytes the next piece may take now. 0, with the job's status and problem: nothing may
     * be rewritten. NULL: there is no bound. */
    uint64_t (*allow)(void *engine, struct compaction *job);
    /* Compacts the keys from low through high, which may be PIECE_NO_END. */
    void (*compact)(void *engine, struct slice low, struct slice high);
    /* Writes what is only in memory to a table. */
    void (*flush)(void *engine);
    /* Asks whether compacting went well, which compact() cannot tell: leaves the job's status, or
     * sets it and the problem. */
    void (*check)(void *engine, struct compaction *job);
    void *engine;
};

/* Starts the thread. NULL when that fails. */
struct maintenance *maintenance_new(const struct maintenance_engine *engine);

/* From now on no piece is begun: jobs come back with STATUS_SHUTDOWN. Any thread. */
void maintenance_stop(struct maintenance *maintenance);

/* Stops, gives every job back, then frees. Nothing may be handed in any more. */
void maintenance_free(struct maintenance *maintenance);

/* See store_compact in store.h; any thread. */
void maintenance_take(struct maintenance *maintenance, struct compaction *job);
void maintenance_tell(struct maintenance *maintenance, struct compaction_facts *facts);

#endif
