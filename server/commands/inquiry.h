/*
 * An inquiry: a call that takes a census and goes on when that is over.
 */
#ifndef LEVERET_COMMANDS_INQUIRY_H
#define LEVERET_COMMANDS_INQUIRY_H

#include "commands/census.h"

/* The first member of what such a call keeps. */
struct inquiry {
    struct census census;
    struct call *call;
};

/* Takes the census: `visit` gets the inquiry as its census, and `resume` finds it as the call's
 * state. Takes the inquiry over and returns CALL_WAIT; without memory it is released, that is
 * replied, and the result is CALL_DONE. */
enum call_result inquiry_begin(struct inquiry *take_inquiry, struct call *call,
                               bool (*visit)(struct census *, const struct peer *), call_fn *resume,
                               void (*release)(void *));

#endif
