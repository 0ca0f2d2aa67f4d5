#include "tests/bench/lib/samples.h"

#include <err.h>
#include <math.h>
#include <stdlib.h>

void samples_fini(struct samples *samples)
{
    free(samples->items);
    *samples = (struct samples){0};
}

void samples_add(struct samples *samples, double value)
{
    if (samples->count == samples->cap) {
        samples->cap = samples->cap ? 2 * samples->cap : 64;
        samples->items = reallocarray(samples->items, samples->cap, sizeof(*samples->items));
        if (!samples->items)
            err(1, "samples");
    }
    samples->items[samples->count++] = value;
}

static int compare(const void *a, const void *b)
{
    double left = *(const double *)a;
    double right = *(const double *)b;
    return (left > right) - (left < right);
}

double samples_percentile(struct samples *samples, double percent)
{
    if (samples->count == 0)
        return 0;
    qsort(samples->items, samples->count, sizeof(*samples->items), compare);
    double rank = ceil(percent / 100 * (double)samples->count);
    return samples->items[rank < 1 ? 0 : (size_t)rank - 1];
}
