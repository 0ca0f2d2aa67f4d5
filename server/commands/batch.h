/*
 * A batch: the writes that a connection has announced with BEGIN and not committed yet. They wait
 * here, unseen by anybody, until COMMIT makes one write of them.
 */
#ifndef LEVERET_COMMANDS_BATCH_H
#define LEVERET_COMMANDS_BATCH_H

#include "store/submission.h"

/* All zeroes is a connection without a batch. */
struct batch {
    struct submission *writes; /* one write, begun and not ended; NULL when no batch is open */
    bool spoiled;              /* a request in it failed, so it cannot be committed any more */
};

bool batch_is_open(const struct batch *batch);

/* A request failed while the batch was open: to commit the others would be half of what was
 * meant. What it holds is freed. Does nothing when none is open. */
void batch_spoil(struct batch *batch);

/* Forgets the batch, if one is open. */
void batch_close(struct batch *batch);

#endif
