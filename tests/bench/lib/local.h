/*
 * LevelDB inside this very process, on one thread, as a contestant: what is left when there is no
 * network, no protocol and nobody else. Its figure is operations a second.
 */
#ifndef LEVERET_TESTS_BENCH_LIB_LOCAL_H
#define LEVERET_TESTS_BENCH_LIB_LOCAL_H

#include <stdint.h>

#include "tests/bench/lib/contest.h"
#include "tests/bench/lib/store.h"

struct local {
    struct store *store;
    uint64_t keys;
    uint64_t random; /* not 0 */
    uint64_t rows;   /* that the iterator met */
    double synced;   /* when a batch last waited for the disk; clock_now */
};

/* What `take` of a contestant may be; `how` is a struct local. */

/* Get of random keys, which must be there. */
void local_get(void *how, struct turn *turn);

/* Batches of 100 rows under random keys; once a second a batch waits for the disk. */
void local_write(void *how, struct turn *turn);

/* An iterator over all rows; its figure is rows a second. */
void local_iterate(void *how, struct turn *turn);

#endif
