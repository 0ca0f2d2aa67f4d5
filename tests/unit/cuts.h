/*
 * Cuts: an incremental decoder must say the same of its input in whatever pieces that arrives.
 *
 * The bytes are given to the decoder at an address that changes with each arrival and that ends
 * where the arrived bytes end, so a decoder that keeps a pointer or reads on is caught by the
 * sanitizers, and often without them.
 */
#ifndef LEVERET_TESTS_UNIT_CUTS_H
#define LEVERET_TESTS_UNIT_CUTS_H

#include "protocol/bytes.h"

struct cuts_decoder {
    /* A decoder at its start. */
    void *(*open)(void);
    /* Decodes what the window holds, says in words what it found, and sets *used to the bytes it
     * is done with. False: it wants no more input. */
    bool (*arrive)(void *state, struct slice window, struct buffer *said, size_t *used);
    void (*close)(void *state);
};

/* What the decoder says of the input must be `expected`: whole, byte by byte, and cut in two at
 * every position. */
void cuts_expect(const struct cuts_decoder *decoder, struct slice input, const char *expected);

#endif
