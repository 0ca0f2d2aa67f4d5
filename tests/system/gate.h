/*
 * Gate: stands before the daemon's fdatasync, so that a test decides when the disk is done, and
 * whether it did what it was asked; and before its realloc, so that memory can run out.
 *
 * The daemon is started with gate.so preloaded; both sides map the same small file.
 */
#ifndef LEVERET_TESTS_SYSTEM_GATE_H
#define LEVERET_TESTS_SYSTEM_GATE_H

#include <stdatomic.h>

/* The environment variable that tells the preloaded side where the file is. */
#define GATE_VARIABLE "LEVERET_TEST_GATE"

enum gate_closed {
    GATE_OPEN,
    GATE_CLOSED,           /* nobody passes */
    GATE_CLOSED_TO_TABLES, /* no table passes, so that the logs whose writes they take over stay */
};

/* The calls whose files are remembered, and how much of a name. */
#define GATE_RECORDS 256
#define GATE_NAME 32

struct gate {
    atomic_uint closed;                  /* enum gate_closed */
    atomic_uint through;                 /* so many calls, the first ones, pass in any case */
    atomic_uint arrived;                 /* calls of fdatasync so far */
    atomic_uint broken;                  /* while it is not 0, calls fail with EIO */
    atomic_uint named;                   /* calls of fsync so far, which is for directories */
    atomic_uint nameless;                /* while it is not 0, those fail with EIO */
    atomic_uint scarce;                  /* while it is not 0, nothing grows to so many bytes */
    atomic_uint endless;                 /* while it is not 0, who grows to as much never returns */
    char names[GATE_RECORDS][GATE_NAME]; /* of the files of the first calls, without directories */
};

struct daemon;

/* Puts the gate, open, before a daemon that was not started yet. Mapped until the test ends. */
struct gate *gate_open(struct daemon *daemon);

/* How often the file of that name came to the gate, the first `from` calls left out. */
unsigned gate_count(const struct gate *gate, unsigned from, const char *name);

/* Waits until so many calls of fdatasync have come to the gate. */
void gate_await(struct gate *gate, unsigned arrivals);

#endif
