/*
 * Array: requests as Redis clients send them, written as people type them.
 */
#ifndef LEVERET_TESTS_SYSTEM_ARRAY_H
#define LEVERET_TESTS_SYSTEM_ARRAY_H

#include "tests/lib/wire.h"

/* Appends an array of the words of a line, which are quoted as those of the line face. */
void array_append(struct buffer *out, struct slice line);

/* Sends it. */
void array_say(struct wire *wire, const char *line);

/* Sends it; exactly these bytes must come. */
void array_ask(struct wire *wire, const char *line, const char *reply);

#endif
