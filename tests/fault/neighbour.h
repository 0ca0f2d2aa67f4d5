/*
 * A neighbour: a client that behaves well, and how long it waits for its replies.
 */
#ifndef LEVERET_TESTS_FAULT_NEIGHBOUR_H
#define LEVERET_TESTS_FAULT_NEIGHBOUR_H

#include "tests/lib/wire.h"

/* Waits for replies, in microseconds. */
struct neighbour_waits {
    int64_t median;
    int64_t p99;
    int64_t longest;
};

/* Puts and gets a row in turn for so long, one request at a time. A wrong reply, or none, ends the
 * test. */
struct neighbour_waits neighbour_ask(struct wire *wire, int milliseconds);

#endif
