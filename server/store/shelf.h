/*
 * A shelf: values by their keys, in a ring of a fixed size where each comes behind the one before;
 * who comes when it is full takes the room of the oldest. Knows no lock and no clock.
 *
 *     buckets   | missed | slot ... slot |     a cache line; a slot says where in the
 * ring ring      ... | header | key | value | header | key | value | ...      in words of 8 bytes
 *
 * One thread at a time changes it. Others may look meanwhile; the owner tells them whether somebody
 * did (see hot.c), and then what they saw is nonsense, though never from outside the shelf. For
 * that all words are atomics, stored with release and loaded with acquire: who saw a word of a
 * change sees all that came before it, too.
 */
#ifndef LEVERET_STORE_SHELF_H
#define LEVERET_STORE_SHELF_H

#include <stdatomic.h>

#include "protocol/bytes.h"

/* Longer keys and values have no place. */
#define SHELF_LONGEST ((size_t)4096)

#define SHELF_SLOTS 7

/* All zeroes is an empty one. */
struct shelf_bucket {
    _Atomic uint64_t missed; /* that of shelf_note_miss */
    _Atomic uint64_t slots[SHELF_SLOTS];
};

/* Embedded by its owner, who lends the buckets and the ring. */
struct shelf {
    struct shelf_bucket *buckets;
    size_t mask; /* buckets, which are a power of two, without one */
    _Atomic uint64_t *ring;
    size_t words; /* of the ring */
    size_t head;  /* the next entry goes there */
    size_t used;  /* words before it that are taken */
};

static inline uint64_t shelf_load(const _Atomic uint64_t *word)
{
    return atomic_load_explicit(word, memory_order_acquire);
}

static inline void shelf_store(_Atomic uint64_t *word, uint64_t value)
{
    atomic_store_explicit(word, value, memory_order_release);
}

static inline struct shelf_bucket *shelf_bucket(const struct shelf *shelf, uint64_t hash)
{
    return &shelf->buckets[hash >> 8 & shelf->mask];
}

/* Any thread ------------------------------------------------------------------ */

/* True with the value, of *len bytes, copied to `value`; the key has that hash. */
MUST_CHECK bool shelf_find(const struct shelf *shelf, uint64_t hash, struct slice key,
                           char value[SHELF_LONGEST], size_t *len);

/* Notes that the key was missed. Whether it was before, and few others of its bucket since. Who
 * notes one at the same time may undo it: then it takes one more. */
bool shelf_note_miss(struct shelf_bucket *bucket, uint64_t hash);

/* Whether a value of a key has a place: it would be no great part of all. */
MUST_CHECK bool shelf_fits(const struct shelf *shelf, struct slice key, struct slice value);

/* The one who changes it ---------------------------------------------------------- */

/* Puts the value there if it fits, unless its key is there. */
void shelf_add(struct shelf *shelf, uint64_t hash, struct slice key, struct slice value);

/* Whether a key of that hash may be there. */
MUST_CHECK bool shelf_has(const struct shelf *shelf, uint64_t hash);

/* Whether the key was there. */
bool shelf_drop(struct shelf *shelf, uint64_t hash, struct slice key);

/* Takes everything off it. */
void shelf_clear(struct shelf *shelf);

#endif
