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

static void sort(struct samples *samples)
{
    qsort(samples->items, samples->count, sizeof(*samples->items), compare);
}

double samples_percentile(struct samples *samples, double percent)
{
    if (samples->count == 0)
        return 0;
    sort(samples);
    double rank = ceil(percent / 100 * (double)samples->count);
    return samples->items[rank < 1 ? 0 : (size_t)rank - 1];
}

/* How many samples at either end are so unlikely to reach over the median that they can be left
 * out: fewer than k of n coins show heads in one of forty cases at most. */
static size_t passed_over(size_t count)
{
    double chance = pow(0.5, (double)count); /* of exactly k heads */
    double sum = chance;                     /* of at most k */
    size_t k = 0;
    while (sum <= 0.025) {
        chance *= (double)(count - k) / (double)(k + 1);
        sum += chance;
        k++;
    }
    return k == 0 ? 0 : k - 1;
}

void samples_interval(struct samples *samples, double *low, double *high)
{
    *low = 0;
    *high = 0;
    if (samples->count == 0)
        return;
    sort(samples);
    size_t out = passed_over(samples->count);
    *low = samples->items[out];
    *high = samples->items[samples->count - 1 - out];
}
