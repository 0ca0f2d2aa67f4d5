/*
 * What the daemon counts about itself. Any part of the server may add, on any thread; INFO reads.
 * Counts start at zero with the process and are relaxed atomics: exact in the end, unordered.
 */
#ifndef LEVERET_OPS_METRICS_H
#define LEVERET_OPS_METRICS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "ops/histogram.h"

/* METRIC(name): the name is also the row of INFO stats or INFO clients. */
#define METRICS_CLIENTS(METRIC)                                                                    \
    METRIC(connections)         /* open now */                                                     \
    METRIC(connections_total)   /* accepted since the start */                                     \
    METRIC(connections_refused) /* told that they may not be */                                    \
    METRIC(logins)              /* passwords that were right */                                    \
    METRIC(logins_failed)       /* and wrong */                                                    \
    METRIC(cut_for_memory)      /* closed because they held the most when all held too much */

#define METRICS_STATS(METRIC)                                                                      \
    METRIC(requests)             /* answered or being answered */                                  \
    METRIC(rows)                 /* rows sent by SCAN, LIST and KEYS */                            \
    METRIC(rows_deleted)         /* by DELPREFIX */                                                \
    METRIC(changes)              /* told by FOLLOW */                                              \
    METRIC(slow)                 /* requests that took longer than --slow */                       \
    METRIC(commits)              /* writes to the store; with sync, each is one fdatasync */       \
    METRIC(committed_writes)     /* write requests that those carried */                           \
    METRIC(committed_operations) /* puts and deletes in them */                                    \
    METRIC(barriers)             /* commits that put all earlier ones on disk, for SYNC */         \
    METRIC(stalls)               /* commits that the engine held up; see metrics_batch */          \
    METRIC(stalled_us)           /* microseconds that it did so, all together */

struct metrics {
#define METRIC(name) _Atomic uint64_t name;
    METRICS_CLIENTS(METRIC)
    METRICS_STATS(METRIC)
#undef METRIC
    struct histogram fdatasync;        /* microseconds of each call, on any thread */
    struct histogram commits_synced;   /* microseconds of commits that waited for the disk */
    struct histogram commits_unsynced; /* and of those that did not */
    struct histogram operations;       /* of each commit, times HISTOGRAM_COUNT_SCALE */
};

extern struct metrics metrics;

static inline void metrics_add(_Atomic uint64_t *count, uint64_t more)
{
    atomic_fetch_add_explicit(count, more, memory_order_relaxed);
}

static inline void metrics_subtract(_Atomic uint64_t *count, uint64_t less)
{
    atomic_fetch_sub_explicit(count, less, memory_order_relaxed);
}

/* A commit of so many operations took so many microseconds. */
void metrics_commit(uint64_t operations, int64_t took, bool synced);

/* The engine took a batch of so many bytes, and needed so many microseconds besides its fdatasync.
 * When that is METRICS_STALL_US beyond what such a batch needs, it held the batch up: it slows
 * writes down, or stops them, while compaction does not keep up. */
#define METRICS_STALL_US 1000
void metrics_batch(uint64_t bytes, int64_t took);

static inline uint64_t metrics_read(_Atomic uint64_t *count)
{
    return atomic_load_explicit(count, memory_order_relaxed);
}

#endif
