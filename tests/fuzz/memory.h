/*
 * Memory: a peer that is bytes. Linked in the place of net/transport.c, so that a real connection
 * reads from it and writes to it. One peer at a time.
 */
#ifndef LEVERET_TESTS_FUZZ_MEMORY_H
#define LEVERET_TESTS_FUZZ_MEMORY_H

#include "protocol/bytes.h"

enum memory_manner {
    MEMORY_WHOLE,  /* sends and takes all at once */
    MEMORY_PIECES, /* a little at a time, and sometimes not at all */
    MEMORY_LEAVES, /* likewise, but the connection breaks somewhere */
};

/* A peer that sends the input (borrowed) and then ends. The seed decides the pieces. Returns a
 * descriptor that is always ready, for the connection to own. */
int memory_open(struct slice input, enum memory_manner manner, uint64_t seed);

/* All that the peer has taken; dies with the next memory_open. */
struct slice memory_output(void);

#endif
