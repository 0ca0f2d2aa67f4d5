/*
 * A chore: work that waits for a disk, such as opening or closing the store, on a thread of its
 * own, so that whoever needs it done can be told to stop waiting.
 */
#ifndef LEVERET_OPS_CHORE_H
#define LEVERET_OPS_CHORE_H

#include "protocol/bytes.h"

typedef void chore_fn(void *arg);

/* Tells whoever wants to know that the chore is not done yet. */
typedef void chore_pulse_fn(void);

enum chore_result {
    CHORE_DONE,
    CHORE_INTERRUPTED, /* a signal to stop came first */
    CHORE_LATE,        /* the deadline did */
};

/*
 * Runs work(arg) on a thread of that name, a static string, and waits until it is done, until a
 * signal to stop can be taken from `signals` (see signals.h), or until clock_ms is `deadline`; 0
 * for none. A signal to reopen the log does so. Unless it is done the thread goes on with it and
 * with `arg`: then the process has to end without either. Unless it is NULL, `pulse` is called at
 * the beginning and every few seconds, on the thread that waits.
 */
MUST_CHECK enum chore_result chore_run(const char *name, chore_fn *work, void *arg, int signals,
                                       int64_t deadline, chore_pulse_fn *pulse);

#endif
