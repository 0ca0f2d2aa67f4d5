/*
 * The overlay: what a round has changed before any of it is written. The committer asks it first
 * and the store second, so that later writes of a round see earlier ones.
 */
#ifndef LEVERET_STORE_OVERLAY_H
#define LEVERET_STORE_OVERLAY_H

#include "protocol/bytes.h"

struct overlay_entry {
    struct slice key;   /* borrowed from a submission of this round, as is the value */
    struct slice value; /* when present */
    bool used;
    bool present;
    bool forgotten; /* the round has not touched the key after all */
};

/* A hash table with open addressing. All zeroes but the key is valid and empty; reuse keeps the
 * memory. */
struct overlay {
    uint64_t key[2]; /* a secret, so that no peer can make keys collide on purpose */
    struct overlay_entry *entries;
    size_t cap; /* a power of two, or 0 */
    size_t count;
};

void overlay_fini(struct overlay *overlay);

/* Forgets everything, for the next round. */
void overlay_clear(struct overlay *overlay);

/* Notes that the key now holds `value`, or with no data that it is gone. The bytes of both must
 * outlive the round. */
MUST_CHECK bool overlay_note(struct overlay *overlay, struct slice key, struct slice value);

/* Takes back that the round has touched the key. */
void overlay_forget(struct overlay *overlay, struct slice key);

/* What this round left under the key, or NULL when it has not touched it. */
const struct overlay_entry *overlay_find(const struct overlay *overlay, struct slice key);

#endif
