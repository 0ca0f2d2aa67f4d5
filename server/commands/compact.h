/*
 * What those who wait for a compaction share.
 */
#ifndef LEVERET_COMMANDS_COMPACT_H
#define LEVERET_COMMANDS_COMPACT_H

#include "commands/call.h"

/* How often a call that takes long says how far it is, in milliseconds. */
#define COMPACT_REMARK_MS 5000

/* Hands in a job that the call owns, and has it resumed there when the store is through with it.
 * Only behind call_keep. Returns CALL_WAIT. */
enum call_result compact_run(struct call *call, struct compaction *job, call_fn *resume);

/* A remark of how far the job is. */
void compact_remark(struct call *call, const struct compaction *job);

#endif
