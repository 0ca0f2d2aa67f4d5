/*
 * Fixed: what a daemon finds different in every run, made the same, so that the replies of two runs
 * can be compared. The linker sends the daemon's calls of clock_gettime, getrandom and
 * store_property here (--wrap); those of libraries go where they always go.
 */
#ifndef LEVERET_TESTS_FUZZ_FIXED_H
#define LEVERET_TESTS_FUZZ_FIXED_H

#include "server/commands/call.h"

/* Begins a run. Each look at the clock takes `step` microseconds, all together less than a second,
 * so that no reply that counts seconds can tell. */
void fixed_start(unsigned step);

/* Puts into the service what the server would tell of itself and of its connections. */
void fixed_tell(struct service *service);

#endif
