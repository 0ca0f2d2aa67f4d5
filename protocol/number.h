/*
 * Whole numbers as people and configuration write them.
 */
#ifndef LEVERET_PROTOCOL_NUMBER_H
#define LEVERET_PROTOCOL_NUMBER_H

#include "protocol/bytes.h"

/* Reads all of `text` as decimal digits: no sign, no space, at least one digit, at most `most`.
 * False, and *number untouched, otherwise. */
MUST_CHECK bool number_read(struct slice text, uint64_t most, uint64_t *number);

/* The same for a number of either sign within 64 bits: a minus sign may stand first. */
MUST_CHECK bool number_read_signed(struct slice text, int64_t *number);

/* The same for a number in its only spelling, as Redis reads numbers: no leading zero, and not
 * -0. */
MUST_CHECK bool number_read_canonical(struct slice text, int64_t *number);

#endif
