/*
 * Load: a store filled with rows whose bytes are known. Row i of n bytes is
 *
 *     k00000042 -> 42:zzzzzz...   n bytes in all
 */
#ifndef LEVERET_TESTS_SYSTEM_LOAD_H
#define LEVERET_TESTS_SYSTEM_LOAD_H

#include "tests/lib/daemon.h"

/* Puts rows 0 to count - 1, pipelined, and takes the replies. */
void load_rows(struct wire *wire, unsigned count, size_t bytes);

/* What GET answers for row i: a static string that dies with the next call. */
const char *load_reply(unsigned i, size_t bytes);

/* Puts one value of that many bytes. */
void load_value(struct wire *wire, const char *key, size_t bytes);

/* Puts so many of the longest keys. */
void load_long_keys(struct wire *wire, unsigned count);

#endif
