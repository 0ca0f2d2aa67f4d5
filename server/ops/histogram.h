/*
 * A histogram: how many of something were at most so large, in a few fixed steps, for Prometheus
 * and for percentiles.
 *
 * The steps are 1, 2 and 5 of each power of ten: of microseconds from 10 us to 10 s, and of counts
 * from 1 to a million, which are kept as tenfold values in the same steps.
 */
#ifndef LEVERET_OPS_HISTOGRAM_H
#define LEVERET_OPS_HISTOGRAM_H

#include <stdatomic.h>
#include <stdint.h>

/* Steps with a bound, and one for all above the last. */
#define HISTOGRAM_BOUNDS 19
#define HISTOGRAM_BUCKETS (HISTOGRAM_BOUNDS + 1)

/* What a count is multiplied with, so that one is in the first step. */
#define HISTOGRAM_COUNT_SCALE 10

/* The upper bounds, each of its own bucket; ascending. */
extern const uint64_t histogram_bounds[HISTOGRAM_BOUNDS];

/* All zeroes is an empty one. */
struct histogram {
    _Atomic uint64_t counts[HISTOGRAM_BUCKETS];
    _Atomic uint64_t sum;
};

/* The bucket of the value: the first whose bound is not below it. */
unsigned histogram_bucket(uint64_t value);

/* One more of that value. Any thread. */
void histogram_add(struct histogram *histogram, uint64_t value);

/* `times` more of that value, whose bucket is known. For a histogram that only one thread ever adds
 * to: costs no locked instruction. */
void histogram_add_own(struct histogram *histogram, unsigned bucket, uint64_t value,
                       uint64_t times);

/* What was read of one or of several. */
struct histogram_view {
    uint64_t counts[HISTOGRAM_BUCKETS]; /* each without those below */
    uint64_t total;
    uint64_t sum;
};

/* Adds what is in the histogram now to the view. Any thread; what is added meanwhile may be there
 * or not. */
void histogram_read(struct histogram *histogram, struct histogram_view *view);

/* The value that the part `share` (0 to 1) of all do not exceed, by the even spread of each bucket;
 * 0 when there are none. What is above the last bound counts as the last bound. */
double histogram_quantile(const struct histogram_view *view, double share);

#endif
