/*
 * Samples: numbers measured several times, and what is typical of them.
 */
#ifndef LEVERET_TESTS_BENCH_LIB_SAMPLES_H
#define LEVERET_TESTS_BENCH_LIB_SAMPLES_H

#include <stddef.h>

/* All zeroes is valid and empty. */
struct samples {
    double *items;
    size_t count;
    size_t cap;
};

void samples_fini(struct samples *samples);

void samples_add(struct samples *samples, double value);

/* The smallest sample that at least `percent` of all do not exceed; 0 when there is none. Sorts. */
double samples_percentile(struct samples *samples, double percent);

static inline double samples_median(struct samples *samples)
{
    return samples_percentile(samples, 50);
}

#endif
