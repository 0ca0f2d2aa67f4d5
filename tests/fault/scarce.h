/*
 * Scarce: stands before the daemon's allocations, so that a test decides which one fails. Only
 * those that the daemon's own code asks for count: libraries that abort without memory are left
 * alone.
 *
 * The daemon is started with scarce.so preloaded; both sides map the same small file.
 */
#ifndef LEVERET_TESTS_FAULT_SCARCE_H
#define LEVERET_TESTS_FAULT_SCARCE_H

#include <stdatomic.h>

/* The environment variable that tells the preloaded side where the file is. */
#define SCARCE_VARIABLE "LEVERET_TEST_SCARCE"

struct scarce {
    atomic_uint calls;   /* so far; the test may set it back */
    atomic_uint fail_at; /* the call of that number, counted from 1, fails; 0: none */
    atomic_uint failed;  /* so many did */
};

#endif
