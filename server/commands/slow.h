/*
 * What is slow: finds the calls that took longer than --slow, and notes them in the slowlog.
 *
 * A call that ends in its first turn is measured from the end of the one before it, by a clock that
 * costs little and is right to a few milliseconds, unless less than SLOW_FINE_US is asked for. One
 * that did not go to the engine is not slow, and not measured: it is short beside the look. One of
 * many turns keeps a copy of its words. Writes that are committed together take the same time: the
 * first stands for all. Words that may hold a secret are never noted.
 */
#ifndef LEVERET_COMMANDS_SLOW_H
#define LEVERET_COMMANDS_SLOW_H

#include "commands/call.h"
#include "ops/allowed.h"

/* Below this the exact clock is read for each call: twice the step of the other one at most. */
#define SLOW_FINE_US 20000

/* The call is done in its first turn: notes it if it took long. */
void slow_measure(struct call *call, int64_t limit);

/* The same, at no cost where that cannot be. */
static inline void slow_look(struct call *call)
{
    int64_t limit = atomic_load_explicit(&allowed.slow_us, memory_order_relaxed);
    if (limit != 0 && store_was_asked())
        slow_measure(call, limit);
}

/* The call goes on after its first turn. */
void slow_keep(struct call *call);

/* And is done after so many microseconds. */
void slow_end(struct call *call, int64_t took);

/* Writes are answered that took so long. */
void slow_writes(struct call *call, const struct submission *submission, int64_t took);

/* Forgets what slow_keep kept. */
void slow_free(struct call *call);

static inline void slow_forget(struct call *call)
{
    if (call->slow_words != NULL)
        slow_free(call);
}

#endif
