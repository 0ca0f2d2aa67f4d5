/*
 * The ending: when the server has to stop, and until when it may take.
 *
 *     a first signal --> `begin` is called --> a deadline --> gives up: ends wherever it is
 *                              another signal ---------------------^
 *
 * All on the thread of the event loop, which giving up breaks off.
 */
#ifndef LEVERET_ENDING_H
#define LEVERET_ENDING_H

#include <event2/event.h>

#include "protocol/bytes.h"

/* Who is told of signals. */
struct ending_orders {
    void (*begin)(void *arg);  /* stop the parts */
    void (*reload)(void *arg); /* the configuration may have changed; not when it has begun */
    void *arg;
};

struct ending {
    int signals; /* see ops/signals.h; -1 before */
    struct event_base *base;
    struct event *signal_event;
    struct event *late_event;
    struct ending_orders orders;
    bool begun;
    bool given_up;    /* ends without waiting for what still runs */
    int64_t deadline; /* clock_ms; once it has begun */
};

/* Heeds signals from here on: the first that asks the server to stop lets it begin, and SIGHUP
 * reopens the log and lets it reload. False when the system refuses; then too ending_fini is due.
 */
MUST_CHECK bool ending_init(struct ending *ending, struct event_base *base,
                            const struct ending_orders *orders);

/* All zeroes but for `signals` is allowed. */
void ending_fini(struct ending *ending);

/* Until when the store may take to close, whether a signal asked for that or not. */
int64_t ending_deadline(const struct ending *ending);

/* The reasons to give up, each a line in the log. */
void ending_interrupt(struct ending *ending);
void ending_expire(struct ending *ending);

#endif
