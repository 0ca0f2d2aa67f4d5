/*
 * The shape of a reply, which follows from its request: what one part of a row is, and whether the
 * number at the end counts rows or is itself the answer, and what remarks are for.
 */
#ifndef LEVERET_CLIENT_CLI_SHAPE_H
#define LEVERET_CLIENT_CLI_SHAPE_H

#include "protocol/bytes.h"

enum shape {
    SHAPE_SINGLE, /* no rows: a value, a number or nothing */
    SHAPE_KEYS,   /* rows; a lone part is a key */
    SHAPE_VALUES, /* rows; a lone part is a value */
    SHAPE_LOOKUP, /* rows; a lone part is a key without a value */
    SHAPE_WORK,   /* no rows; remarks tell how far long work has come */
    SHAPE_FEED,   /* rows without end: what changed, key, value, sequence */
};

/* Whether a reply of that shape may belong to a write. */
static inline bool shape_may_write(enum shape shape)
{
    return shape == SHAPE_SINGLE || shape == SHAPE_WORK;
}

/* The shape of the reply to these words, a command's name first. */
enum shape shape_of_words(const struct slice *words, size_t count);

/* The same for a line as a person types it; a line that cannot be split is SHAPE_SINGLE. */
enum shape shape_of_line(struct slice line);

#endif
