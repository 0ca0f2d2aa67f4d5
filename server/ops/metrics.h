/*
 * What the daemon counts about itself. Any part of the server may add, on any thread; INFO reads.
 * Counts start at zero with the process and are relaxed atomics: exact in the end, unordered.
 */
#ifndef LEVERET_OPS_METRICS_H
#define LEVERET_OPS_METRICS_H

#include <stdatomic.h>
#include <stdint.h>

/* METRIC(name): the name is also the row of INFO stats or INFO clients. */
#define METRICS_CLIENTS(METRIC)                                                                    \
    METRIC(connections)         /* open now */                                                     \
    METRIC(connections_total)   /* accepted since the start */                                     \
    METRIC(connections_refused) /* told that they may not be */                                    \
    METRIC(cut_for_memory)      /* closed because they held the most when all held too much */

#define METRICS_STATS(METRIC)                                                                      \
    METRIC(requests)             /* answered or being answered */                                  \
    METRIC(rows)                 /* rows sent by SCAN, LIST and KEYS */                            \
    METRIC(rows_deleted)         /* by DELPREFIX */                                                \
    METRIC(changes)              /* told by FOLLOW */                                              \
    METRIC(commits)              /* writes to the store; with sync, each is one fdatasync */       \
    METRIC(committed_writes)     /* write requests that those carried */                           \
    METRIC(committed_operations) /* puts and deletes in them */                                    \
    METRIC(barriers)             /* commits that put all earlier ones on disk, for SYNC */

struct metrics {
#define METRIC(name) _Atomic uint64_t name;
    METRICS_CLIENTS(METRIC)
    METRICS_STATS(METRIC)
#undef METRIC
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

static inline uint64_t metrics_read(_Atomic uint64_t *count)
{
    return atomic_load_explicit(count, memory_order_relaxed);
}

#endif
