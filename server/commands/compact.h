/*
 * What those who wait for a compaction tell about it.
 */
#ifndef LEVERET_COMMANDS_COMPACT_H
#define LEVERET_COMMANDS_COMPACT_H

#include "commands/call.h"

/* How often a call that takes long says how far it is, in milliseconds. */
#define COMPACT_REMARK_MS 5000

/* A remark of how far the job is. */
void compact_remark(struct call *call, const struct compaction *job);

#endif
