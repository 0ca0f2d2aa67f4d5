/*
 * A transaction: what a connection has queued since MULTI, and what it watches.
 *
 *     MULTI ... QUEUED ... EXEC --> one write: each queued command is a program of it, run one
 * after the other by the committer, with nothing in between
 *
 * An error while queueing makes EXEC refuse; an error of a command that runs does not stop the
 * others (that is Redis's way).
 */
#ifndef LEVERET_COMMANDS_REDIS_TRANSACTION_H
#define LEVERET_COMMANDS_REDIS_TRANSACTION_H

#include "protocol/redis.h"
#include "store/store.h"
#include "store/watch.h"

struct call;

/* All zeroes is a connection with none. */
struct transaction {
    struct submission *writes; /* one write, begun and not ended; NULL unless MULTI was said */
    size_t count;              /* of queued commands */
    bool changes;              /* one of them may change something */
    bool aborted;              /* a request was refused since MULTI */
    struct watcher *watcher;   /* NULL when nothing is watched */
};

bool transaction_is_open(const struct transaction *transaction);

/* Queues the call's command, and says so. */
void transaction_queue(struct call *call, const struct redis_command *command);

/* EXEC would run it: it is open and nothing went wrong. */
bool transaction_can_run(const struct transaction *transaction);

/* Whose it was is gone: EXEC refuses what was queued, and takes what is watched for changed. */
void transaction_disown(struct transaction *transaction);

/* Its writes were decided: forgets it, and what was watched. Safe at any time. */
void transaction_close(struct transaction *transaction);

#endif
