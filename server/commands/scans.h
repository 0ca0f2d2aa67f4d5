/*
 * Scans that are open, over all connections: each holds files and old rows of the store, and memory
 * of the engine's, so there may be only so many, and people are shown how old the oldest is.
 */
#ifndef LEVERET_COMMANDS_SCANS_H
#define LEVERET_COMMANDS_SCANS_H

#include "protocol/bytes.h"

struct scans;

/* Embedded in what scans; all zeroes is one that does not. */
struct scans_ticket {
    struct scans_ticket *next; /* opened later */
    struct scans_ticket *previous;
    int64_t opened; /* clock_ms */
    bool held;
};

/* NULL when the system refuses. */
struct scans *scans_new(void);
void scans_free(struct scans *scans); /* NULL is allowed; no ticket may be held */

/* A scan begins. False when there are as many as are allowed (ops/allowed.h). Any thread, likewise
 * below. */
MUST_CHECK bool scans_enter(struct scans *scans, struct scans_ticket *ticket);

/* It has ended; nothing when it did not begin. */
void scans_leave(struct scans *scans, struct scans_ticket *ticket);

/* How many there are, and for how many seconds the oldest. */
void scans_tell(struct scans *scans, size_t *count, uint64_t *oldest);

#endif
