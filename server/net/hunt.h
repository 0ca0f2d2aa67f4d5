/*
 * A hunt: finds those who hold the most bytes of the budget, and closes them until it fits.
 *
 *     over budget --> search: worker 0 --> worker 1 --> ... --> cut: at the worker of the largest
 *                       ^                                          |
 *                       +------------ still too much --------------+
 *                                                                  +--> there is room: tell all
 *
 * Each worker looks at its own connections, on its own thread; what the hunt knows travels with its
 * one message. Together with the largest go all of that worker that hold nearly as much, for as
 * long as it is too much: so the rounds of a hunt, while which nobody takes a turn, are as few for
 * thousands of equal connections as for one. A search may find somebody who has gone, or become
 * small, when the cut comes: then nobody is closed, and it is searched again.
 *
 * Needs no memory, which is what is short.
 */
#ifndef LEVERET_NET_HUNT_H
#define LEVERET_NET_HUNT_H

#include "net/worker.h"

/* Embedded where the workers are. One hunt at a time: from `begin` to budget_settle. */
struct hunt {
    struct message message;
    struct worker *const *workers;
    size_t count;
    size_t next;        /* worker to be searched */
    size_t heaviest;    /* the most bytes that one holds, found so far */
    size_t heaviest_at; /* the worker of that one */
    size_t closed;      /* connections, since the log was told */
    size_t most;        /* bytes that one of them held */
    int64_t told;       /* clock_ms; 0: never */
};

/* The workers live until all have ended and the hunt is over, which it is by then. */
void hunt_init(struct hunt *hunt, struct worker *const *workers, size_t count);

/* For budget_open; `hunt` is a struct hunt. Any thread. */
void hunt_begin(void *hunt);

#endif
