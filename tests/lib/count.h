/*
 * Count: a number of INFO, asked for on a connection that is there already, so that the question
 * counts as nothing new and needs no descriptor.
 */
#ifndef LEVERET_TESTS_LIB_COUNT_H
#define LEVERET_TESTS_LIB_COUNT_H

#include "tests/lib/wire.h"

uint64_t count_ask(struct wire *wire, const char *name);

/* Waits until it is that number. */
void count_await(struct wire *wire, const char *name, uint64_t expected);

#endif
