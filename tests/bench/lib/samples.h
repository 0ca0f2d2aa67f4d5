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

/* Between which two samples the median of all that could have been taken lies, in 19 of 20 cases or
 * more, whatever their distribution: samples that lie on either side of it like the faces of a
 * coin. Fewer than six do not tell so much: then the smallest and the largest. 0 and 0 when there
 * is none. Sorts. */
void samples_interval(struct samples *samples, double *low, double *high);

static inline double samples_median(struct samples *samples)
{
    return samples_percentile(samples, 50);
}

#endif
