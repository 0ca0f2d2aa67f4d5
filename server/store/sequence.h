/*
 * Sequences: where a write stands in the order of all writes of one run of the daemon.
 *
 *     <start>-<number>     start: milliseconds since 1970 when the daemon started
 *                          number: of the write, counted from 1; 0 is before the first
 */
#ifndef LEVERET_STORE_SEQUENCE_H
#define LEVERET_STORE_SEQUENCE_H

#include "protocol/bytes.h"

struct sequence {
    uint64_t start;
    uint64_t number;
};

/* Room for the longest text. */
#define SEQUENCE_TEXT 48

/* Writes the sequence, and a NUL behind it, into `text` of SEQUENCE_TEXT bytes. The slice borrows
 * it, without the NUL. */
struct slice sequence_print(struct sequence sequence, char *text);

/* Reads exactly what sequence_print writes; false for all else. */
MUST_CHECK bool sequence_read(struct slice text, struct sequence *sequence);

#endif
