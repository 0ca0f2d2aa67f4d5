/*
 * A range of keys: those with a prefix, between two bounds. Pure bytes; knows no engine.
 *
 *     low <= key < high      and with low_open / high_closed:   low < key <= high
 *
 * The upper end of a prefix is its successor: the prefix with its last byte that is not 0xff
 * raised by one and the rest cut off. The empty prefix and one of nothing but 0xff have none, and
 * then nothing bounds the range above.
 */
#ifndef LEVERET_STORE_RANGE_H
#define LEVERET_STORE_RANGE_H

#include "protocol/bytes.h"

struct range {
    struct buffer low;  /* owned */
    struct buffer high; /* owned; meaningless when `endless` */
    bool low_open;
    bool high_closed;
    bool endless;
};

/* Replaces *out with the first key above every key that begins with `prefix`. False when there is
 * no such key; look at out->failed for want of memory. */
MUST_CHECK bool range_successor(struct slice prefix, struct buffer *out);

/* Every key that begins with the prefix. False when there is no memory. */
MUST_CHECK bool range_init(struct range *range, struct slice prefix);
void range_fini(struct range *range);

/* A range of its own with the same keys. False when there is no memory. */
MUST_CHECK bool range_copy(struct range *out, const struct range *range);

/* Narrow the range to keys from `key` (or strictly after it), and to keys below `key` (or up to
 * and including it). A bound wider than the range changes nothing. False when out of memory. */
MUST_CHECK bool range_raise(struct range *range, struct slice key, bool open);
MUST_CHECK bool range_lower(struct range *range, struct slice key, bool closed);

/* On which side of its ends a key lies; it is in the range when it is above one, below the other.
 */
bool range_above_low(const struct range *range, struct slice key);
bool range_below_high(const struct range *range, struct slice key);

#endif
