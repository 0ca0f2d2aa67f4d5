/*
 * Pieces: a range of keys cut where about so many bytes lie before the cut, so that long work on
 * it can be shown and stopped on the way. Knows no engine: it asks how large a part is.
 */
#ifndef LEVERET_STORE_PIECE_H
#define LEVERET_STORE_PIECE_H

#include "protocol/bytes.h"

/* An end of a range that is not there: every key is below it. */
#define PIECE_NO_END ((struct slice){NULL, 0})

/* About how many bytes lie from the key `low` up to `high`, a key or PIECE_NO_END. */
typedef uint64_t piece_size_fn(void *engine, struct slice low, struct slice high);

struct piece {
    struct buffer end; /* owned: the key before which the piece ends, unless it is the last */
    bool last;         /* it reaches to the end of the range */
    uint64_t bytes;    /* about how much lies in it */
    uint64_t rest;     /* and behind it */
};

/* Finds the first piece of the keys from `low` up to `high` that holds between half of `most` and
 * `most` bytes; a single row may be more. All zeroes is good for the first one; a piece may be
 * given again. Without memory it is all there is. */
void piece_cut(struct piece *piece, struct slice low, struct slice high, uint64_t most,
               piece_size_fn *size, void *engine);

void piece_fini(struct piece *piece);

/* Replaces *out with a key strictly between the two, half-way when both are read as fractions in
 * base 256. False when they are too close to find one, or without memory, which out->failed tells.
 */
MUST_CHECK bool piece_middle(struct slice low, struct slice high, struct buffer *out);

#endif
