#include "ops/histogram.h"

const uint64_t histogram_bounds[HISTOGRAM_BOUNDS] = {
    10,    20,    50,     100,    200,    500,     1000,    2000,    5000,     10000,
    20000, 50000, 100000, 200000, 500000, 1000000, 2000000, 5000000, 10000000,
};

unsigned histogram_bucket(uint64_t value)
{
    unsigned bucket = 0;
    while (bucket < HISTOGRAM_BOUNDS && value > histogram_bounds[bucket])
        bucket++;
    return bucket;
}

void histogram_add(struct histogram *histogram, uint64_t value)
{
    _Atomic uint64_t *count = &histogram->counts[histogram_bucket(value)];
    atomic_fetch_add_explicit(count, 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&histogram->sum, value, memory_order_relaxed);
}

static void raise(_Atomic uint64_t *number, uint64_t more)
{
    uint64_t before = atomic_load_explicit(number, memory_order_relaxed);
    atomic_store_explicit(number, before + more, memory_order_relaxed);
}

void histogram_add_own(struct histogram *histogram, unsigned bucket, uint64_t value, uint64_t times)
{
    raise(&histogram->counts[bucket], times);
    raise(&histogram->sum, value * times);
}

void histogram_read(struct histogram *histogram, struct histogram_view *view)
{
    for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++) {
        uint64_t count = atomic_load_explicit(&histogram->counts[i], memory_order_relaxed);
        view->counts[i] += count;
        view->total += count;
    }
    view->sum += atomic_load_explicit(&histogram->sum, memory_order_relaxed);
}

double histogram_quantile(const struct histogram_view *view, double share)
{
    double wanted = share * (double)view->total;
    double below = 0;
    for (unsigned i = 0; i < HISTOGRAM_BOUNDS; i++) {
        double here = (double)view->counts[i];
        double from = i == 0 ? 0 : (double)histogram_bounds[i - 1];
        if (here > 0 && below + here >= wanted)
            return from + ((double)histogram_bounds[i] - from) * (wanted - below) / here;
        below += here;
    }
    return view->total == 0 ? 0 : (double)histogram_bounds[HISTOGRAM_BOUNDS - 1];
}
