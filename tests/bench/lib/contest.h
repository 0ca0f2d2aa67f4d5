/*
 * A contest: several contestants do the same work turn by turn, A B C A B C, so that whatever
 * else the machine does meets all of them. Two are compared by the ratios of their turns of the
 * same round.
 */
#ifndef LEVERET_TESTS_BENCH_LIB_CONTEST_H
#define LEVERET_TESTS_BENCH_LIB_CONTEST_H

#include "tests/bench/lib/results.h"

/* The fewest of which the best and the worst need not count: see samples_interval. */
#define CONTEST_ROUNDS 9

/* What one turn came to. */
struct turn {
    double figure;     /* such as operations a second */
    double server_cpu; /* seconds for a million operations; below 0: not measured */
    double client_cpu;
};

struct contestant {
    const char *name;
    void (*take)(void *how, struct turn *turn); /* takes a turn */
    void *how;

    /* One for each round, in their order. */
    struct samples figures;
    struct samples server_cpu;
    struct samples client_cpu;
};

static inline struct contestant contestant_of(const char *name,
                                              void (*take)(void *how, struct turn *turn), void *how)
{
    return (struct contestant){.name = name, .take = take, .how = how};
}

/* Each takes a turn that does not count, to warm up, and then `rounds` turns. */
void contest_run(struct contestant *contestants, size_t count, int rounds);

void contest_fini(struct contestant *contestants, size_t count);

/* What is said about two of them: the ratio of the figures of `ours` to those of `theirs`. */
struct contest_claim {
    const char *work;
    const char *against;
    enum result_relation relation;
    double target;
    const char *figure_unit;
};

void contest_compare(const struct contest_claim *claim, const struct contestant *ours,
                     const struct contestant *theirs);

#endif
