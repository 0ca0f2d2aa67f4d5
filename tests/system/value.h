/*
 * Value: RESP replies of version 2, read off the wire.
 */
#ifndef LEVERET_TESTS_SYSTEM_VALUE_H
#define LEVERET_TESTS_SYSTEM_VALUE_H

#include "tests/lib/wire.h"

struct value {
    char type;         /* + - : $ * */
    int64_t number;    /* the integer; how many parts of an array follow; -1: null */
    struct slice text; /* of + - $; dies with the next call on this wire */
};

/* The next value. Of an array only its head: its parts are the next values. */
struct value value_next(struct wire *wire);

/* Appends the next whole value, with a line ending, as redis-cli prints it on a terminal. */
void value_print(struct wire *wire, struct buffer *out);

#endif
