/*
 * The disk: how long it takes to put things on it. The engine calls fdatasync where nobody can look
 * on, so the daemon has one of its own, which tells this part; see fdatasync.c.
 */
#ifndef LEVERET_OPS_DISK_H
#define LEVERET_OPS_DISK_H

#include <stdint.h>

/* An fdatasync of this thread took so many microseconds. */
void disk_synced(int64_t took);

/* Microseconds that this thread has spent in fdatasync so far. */
int64_t disk_spent(void);

#endif
