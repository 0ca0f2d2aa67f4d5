/*
 * Facts about commands: how often each was answered, how fast, and with what errors. Commands that
 * nobody used are left out. Any thread.
 */
#ifndef LEVERET_FACTS_COMMANDS_H
#define LEVERET_FACTS_COMMANDS_H

#include "commands/call.h"

/* A fact for each command and each error, for Leveret's own INFO. */
void facts_commands_tell(fact_fn *fact, void *sink);

/* The sections of Redis's INFO, in its names. */
void facts_commands_tell_stats(fact_fn *fact, void *sink);
void facts_commands_tell_latencies(fact_fn *fact, void *sink);
void facts_commands_tell_errors(fact_fn *fact, void *sink);

#endif
