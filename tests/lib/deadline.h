/*
 * Deadlines: so that no test waits for ever. Knows no socket and no process.
 *
 * They are generous, because a machine that builds and tests at once is slow: a deadline only
 * decides that something will never happen.
 */
#ifndef LEVERET_TESTS_LIB_DEADLINE_H
#define LEVERET_TESTS_LIB_DEADLINE_H

#include <stdint.h>
#include <time.h>

/* What a test waits for one event, in seconds. */
#define DEADLINE_SECONDS 30

/* A point of monotonic time, in milliseconds. */
static inline int64_t deadline_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static inline int64_t deadline_in(int seconds)
{
    return deadline_now() + (int64_t)seconds * 1000;
}

/* Milliseconds left, never below 0; fit for poll. */
static inline int deadline_left(int64_t deadline)
{
    int64_t left = deadline - deadline_now();
    return left < 0 ? 0 : left > INT32_MAX ? INT32_MAX : (int)left;
}

#endif
