/*
 * What those who wait for a compaction share.
 */
#ifndef LEVERET_COMMANDS_COMPACT_H
#define LEVERET_COMMANDS_COMPACT_H

#include "commands/call.h"

/* How often a call that takes long says how far it is, in milliseconds. */
#define COMPACT_REMARK_MS 5000

/* A compaction of a range, by one job for each of its parts, in order, up to the first that fails.
 * All zeroes but for the range is one that has not begun. */
struct compact_parts {
    struct compaction job;
    struct range range; /* owned */
    size_t next;        /* part */
};

/* Makes the job that of the next part. False when there is none, or the job before failed, which
 * its status tells. */
MUST_CHECK bool compact_next(struct compact_parts *parts);
void compact_fini(struct compact_parts *parts);

/* Hands in a job that the call owns, and has it resumed there when the store is through with it.
 * Only behind call_keep. Returns CALL_WAIT. */
enum call_result compact_run(struct call *call, struct compaction *job, call_fn *resume);

/* A remark of how far the job is. */
void compact_remark(struct call *call, const struct compaction *job);

#endif
