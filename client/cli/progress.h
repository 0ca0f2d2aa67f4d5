/*
 * Progress for people: rows, bytes and rate on one line of a terminal that is written over.
 */
#ifndef LEVERET_CLIENT_CLI_PROGRESS_H
#define LEVERET_CLIENT_CLI_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct progress {
    bool shown;
    uint64_t rows;
    uint64_t bytes;  /* of keys and values */
    int64_t started; /* nanoseconds of the monotonic clock, as is `drawn` */
    int64_t drawn;
};

/* Starts counting. With `shown`, progress_add draws on standard error, five times a second at most.
 */
void progress_start(struct progress *progress, bool shown);

void progress_add(struct progress *progress, uint64_t rows, uint64_t bytes);

/* Leaves the last numbers on the terminal and goes to the next line. Call before complaining. */
void progress_end(struct progress *progress);

#endif
