/*
 * Latency: a histogram of durations from which percentiles can be read. Its size does not depend
 * on how many are added, and what it tells is less than two percent off.
 */
#ifndef LEVERET_CLIENT_CLI_LATENCY_H
#define LEVERET_CLIENT_CLI_LATENCY_H

#include <stdint.h>

/* Each power of two is cut into this many buckets of one width. */
#define LATENCY_PARTS 64

/* Durations below LATENCY_PARTS have a bucket each; then come 58 powers of two, from 2^6 to 2^63.
 */
#define LATENCY_BUCKETS (LATENCY_PARTS * 59)

/* All zeroes is valid and empty. Nanoseconds. */
struct latency {
    uint64_t counts[LATENCY_BUCKETS];
    uint64_t total;
    uint64_t longest; /* exact */
};

void latency_add(struct latency *latency, uint64_t nanoseconds);

/* The duration that at least `percent` of all do not exceed, in nanoseconds; 0 when there is none.
 * Of 100 percent it is the exact longest. */
double latency_percentile(const struct latency *latency, double percent);

#endif
