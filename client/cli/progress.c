#include "client/cli/progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#define SECOND INT64_C(1000000000)
#define BETWEEN_DRAWINGS (SECOND / 5)

static int64_t now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * SECOND + time.tv_nsec;
}

void progress_start(struct progress *progress, bool shown)
{
    int64_t start = now();
    *progress = (struct progress){.shown = shown, .started = start, .drawn = start};
}

static void draw(struct progress *progress, int64_t at)
{
    double seconds = (double)(at - progress->started) / (double)SECOND;
    double rate = seconds > 0 ? (double)progress->rows / seconds : 0;
    fprintf(stderr, "\r%" PRIu64 " rows  %.1f MB  %.0f rows/s\033[K", progress->rows,
            (double)progress->bytes / 1e6, rate);
    fflush(stderr);
    progress->drawn = at;
}

void progress_add(struct progress *progress, uint64_t rows, uint64_t bytes)
{
    progress->rows += rows;
    progress->bytes += bytes;
    if (!progress->shown)
        return;
    int64_t at = now();
    if (at - progress->drawn >= BETWEEN_DRAWINGS)
        draw(progress, at);
}

void progress_end(struct progress *progress)
{
    if (!progress->shown)
        return;
    draw(progress, now());
    fputc('\n', stderr);
    progress->shown = false;
}
