/*
 * Signals as something to read: those that stop the daemon, and the one that reopens its log.
 *
 * A signal that interrupts whichever thread it meets says nothing to a main thread that waits for
 * a disk. One that is read waits until somebody looks, and can be polled for beside other things.
 */
#ifndef LEVERET_OPS_SIGNALS_H
#define LEVERET_OPS_SIGNALS_H

#include "protocol/bytes.h"

/* Blocks SIGTERM, SIGINT and SIGHUP in this thread and in all that it will start, for good, and
 * returns a descriptor that is readable when one came. -1 with errno set. */
MUST_CHECK int signals_open(void);

/* The number of the next signal that came, or 0. */
int signals_take(int fd);

#endif
