/*
 * Gate: stands before the daemon's fdatasync, so that a test decides when the disk is done, and
 * whether it did what it was asked.
 *
 * The daemon is started with gate.so preloaded; both sides map the same small file.
 */
#ifndef LEVERET_TESTS_SYSTEM_GATE_H
#define LEVERET_TESTS_SYSTEM_GATE_H

#include <stdatomic.h>

/* The environment variable that tells the preloaded side where the file is. */
#define GATE_VARIABLE "LEVERET_TEST_GATE"

struct gate {
    atomic_uint closed;  /* while it is not 0, nobody passes */
    atomic_uint arrived; /* calls of fdatasync so far */
    atomic_uint broken;  /* while it is not 0, calls fail with EIO */
};

struct daemon;

/* Puts the gate, open, before a daemon that was not started yet. Mapped until the test ends. */
struct gate *gate_open(struct daemon *daemon);

/* Waits until so many calls of fdatasync have come to the gate. */
void gate_await(struct gate *gate, unsigned arrivals);

#endif
