#include "client/cli/latency.h"

#include <stddef.h>

/* The width of the buckets that hold a duration, as a power of two. */
static unsigned shift_of(uint64_t nanoseconds)
{
    if (nanoseconds < LATENCY_PARTS)
        return 0;
    return 63 - 6 - (unsigned)__builtin_clzll(nanoseconds);
}

void latency_add(struct latency *latency, uint64_t nanoseconds)
{
    unsigned shift = shift_of(nanoseconds);
    /* What the shift leaves of those from PARTS on lies between PARTS and twice PARTS. */
    latency->counts[shift * LATENCY_PARTS + (nanoseconds >> shift)]++;
    latency->total++;
    if (nanoseconds > latency->longest)
        latency->longest = nanoseconds;
}

/* The middle of a bucket. */
static double duration_at(size_t bucket)
{
    if (bucket < 2 * (size_t)LATENCY_PARTS)
        return (double)bucket;
    size_t shift = bucket / LATENCY_PARTS - 1;
    uint64_t low = (uint64_t)(bucket - shift * LATENCY_PARTS) << shift;
    return (double)low + (double)((uint64_t)1 << shift) / 2;
}

double latency_percentile(const struct latency *latency, double percent)
{
    double wanted = (double)latency->total * percent / 100;
    uint64_t seen = 0;
    if (percent >= 100)
        return (double)latency->longest;
    for (size_t bucket = 0; bucket < LATENCY_BUCKETS; bucket++) {
        seen += latency->counts[bucket];
        if (seen > 0 && (double)seen >= wanted)
            return duration_at(bucket);
    }
    return 0;
}
