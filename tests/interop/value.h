/*
 * Value: one value of RESP as it arrives, version 2 or 3. Knows no command.
 */
#ifndef LEVERET_TESTS_INTEROP_VALUE_H
#define LEVERET_TESTS_INTEROP_VALUE_H

#include "protocol/bytes.h"

/* The bytes of the first value, with all its parts; 0 when it is not whole yet. What is no value at
 * all counts whole. */
size_t value_length(struct slice bytes);

/* Takes the first value off *rest. False when nothing is left. */
bool value_take(struct slice *rest, struct slice *value);

/* The type line of an aggregate, and what stands behind it: its parts. */
void value_open(struct slice aggregate, struct slice *head, struct slice *parts);

/* Appends an aggregate with its parts in order of their bytes; any other value as it is. */
void value_append_sorted(struct buffer *out, struct slice value);

#endif
