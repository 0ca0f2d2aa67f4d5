/*
 * The clock of the measurements: seconds that never jump, from an arbitrary start.
 */
#ifndef LEVERET_TESTS_BENCH_LIB_CLOCK_H
#define LEVERET_TESTS_BENCH_LIB_CLOCK_H

#include <time.h>

static inline double clock_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static inline void clock_pause(double seconds)
{
    struct timespec pause = {.tv_sec = (time_t)seconds};
    pause.tv_nsec = (long)((seconds - (double)pause.tv_sec) * 1e9);
    nanosleep(&pause, NULL);
}

#endif
