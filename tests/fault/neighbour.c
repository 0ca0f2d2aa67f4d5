#include "tests/fault/neighbour.h"

#include <criterion/criterion.h>
#include <stdlib.h>

#include "tests/lib/deadline.h"

/* More than it asks in the longest time. */
#define MOST_SAMPLES ((size_t)1024 * 1024)

static int64_t now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static int compare(const void *a, const void *b)
{
    int64_t left = *(const int64_t *)a;
    int64_t right = *(const int64_t *)b;
    return left < right ? -1 : left > right;
}

struct neighbour_waits neighbour_ask(struct wire *wire, int milliseconds)
{
    int64_t *samples = malloc(MOST_SAMPLES * sizeof(int64_t));
    size_t count = 0;
    int64_t end = deadline_now() + milliseconds;
    cr_assert(samples != NULL);
    while ((deadline_now() < end || count < 2) && count < MOST_SAMPLES) {
        int64_t start = now_us();
        if (count % 2 == 0)
            wire_ask(wire, "PUT neighbour here\n", "OK\n");
        else
            wire_ask(wire, "GET neighbour\n", "OK \"here\"\n");
        samples[count++] = now_us() - start;
    }
    qsort(samples, count, sizeof(int64_t), compare);
    struct neighbour_waits waits = {
        .median = samples[count / 2],
        .p99 = samples[count * 99 / 100],
        .longest = samples[count - 1],
    };
    free(samples);
    return waits;
}
