/*
 * A range of keys: those with a prefix, between two bounds. Pure bytes; knows no engine.
 *
 *     low <= key < high      and with low_open / high_closed:   low < key <= high
 *
 * It may be confined to several prefixes more; then it has parts, with gaps between them:
 *
 *     low [ part ] gap [ part ] gap [ part ] high
 *
 * They are in here, and no list of ranges beside it, because then whoever narrows, copies, keeps
 * and walks a range does the same for one of parts: only what steps from key to key, and what sums
 * up without stepping, knows of them.
 *
 * The upper end of a prefix is its successor: the prefix with its last byte that is not 0xff
 * raised by one and the rest cut off. The empty prefix and one of nothing but 0xff have none, and
 * then nothing bounds the range above.
 */
#ifndef LEVERET_STORE_RANGE_H
#define LEVERET_STORE_RANGE_H

#include "store/prefixes.h"

struct range {
    struct buffer low;  /* owned */
    struct buffer high; /* owned; meaningless when `endless` */
    bool low_open;
    bool high_closed;
    bool endless;
    struct prefixes *parts; /* owned; NULL when it is one part */
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

/* Narrows the range to keys that begin with one of these, which are sorted as prefixes.h says. Its
 * bounds become those of the first and the last part, which may be the same. False when out of
 * memory. Once for each range at most. */
MUST_CHECK bool range_confine(struct range *range, const struct slice *prefixes, size_t count);

/* On which side of its ends a key lies; it is in the range when it is above one, below the other.
 */
bool range_above_low(const struct range *range, struct slice key);
bool range_below_high(const struct range *range, struct slice key);

/* Whether the key is in the range. */
bool range_holds(const struct range *range, struct slice key);

/* Whether the key is in no part, whatever the bounds. Then where the next part begins, or before
 * which key the previous one ends; false when there is none, and so nothing of the range either. */
bool range_skips(const struct range *range, struct slice key);
bool range_part_behind(const struct range *range, struct slice key, struct slice *begins);
bool range_part_before(const struct range *range, struct slice key, struct slice *ends);

/* How many parts there are, one at least, and the nth as a range of its own, which may be empty.
 * False when out of memory. */
size_t range_part_count(const struct range *range);
MUST_CHECK bool range_part(const struct range *range, size_t n, struct range *out);

#endif
