/*
 * Look-ups of several keys, a turn at a time. Knows no command and no face.
 */
#ifndef LEVERET_COMMANDS_LOOKUP_H
#define LEVERET_COMMANDS_LOOKUP_H

#include "commands/call.h"

/* What a command does with what is found; static. */
struct lookup_kind {
    /* Says one key; a value without data is not there. NULL: the keys are only counted. */
    void (*each)(struct reply *reply, struct slice key, struct slice value);

    /* Ends the reply; `found` of the keys are there. NULL: there is nothing to add. */
    void (*end)(struct reply *reply, uint64_t found);

    /* A key that cannot be read is an error at its place, and the others go on. Else it is the end
     * of the reply. What is missing when the call is cut likewise. */
    bool errs_in_place;

    /* All keys are read as they are at one moment, unless the view is of a snapshot anyway. */
    bool at_one_moment;
};

/* Prepares to look up the first `count` arguments, each inside the scope, which it copies: they die
 * before the last of them may be looked up. False when memory ran out, or when the user may not
 * have one of them, which it says. */
MUST_CHECK bool lookup_open(struct call *call, size_t count, struct store_view view,
                            const struct lookup_kind *kind);

/* The first turn, and every later one; what the handler returns. */
enum call_result lookup_next(struct call *call);

#endif
