/*
 * The watchdog: tells the manager of services, again and again, that the daemon lives; silence has
 * it killed and started anew. The main thread alone would prove little, so each look asks
 *
 *     every worker    for an answer to a message in its inbox
 *     the committer   whether it began another round, if it has anything to do
 *
 * and only when all of them answered since the last look is the manager told. Four looks go into
 * the time that the manager waits.
 *
 * A slow disk must not have the daemon killed, which would help nobody: who did not answer is
 * excused while its thread waits for a disk or goes from wait to wait; a worker also while a thread
 * of the store waits for a disk, because that may hold what the worker needs; and the committer
 * also while any thread of the store goes on, because LevelDB lets writes wait for a compaction. So
 * what is found is a thread that hangs in a lock or spins, and not one that livelocks with others.
 *
 * All on the thread of the event loop.
 */
#ifndef LEVERET_WATCHDOG_H
#define LEVERET_WATCHDOG_H

#include <event2/event.h>

#include "net/crew.h"
#include "store/store.h"

struct watchdog;

/* Begins to look. Both are borrowed. NULL when the manager wants none, or when there is no memory,
 * which then is for the manager to find. */
struct watchdog *watchdog_start(struct event_base *base, const struct crew *crew,
                                struct store *store);

/* After the workers have ended. NULL is allowed. */
void watchdog_free(struct watchdog *watchdog);

#endif
