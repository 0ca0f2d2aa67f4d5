/*
 * Space: how much of the disk is free, and what may be written with that. LevelDB must never find
 * the disk full: a log that was cut off in an append loses what is appended behind it.
 *
 * For one thread, but for space_free.
 */
#ifndef LEVERET_STORE_SPACE_H
#define LEVERET_STORE_SPACE_H

#include <stdint.h>

#include "protocol/bytes.h"

enum space_room {
    SPACE_FOR_ALL,
    SPACE_FOR_DELETIONS, /* which lead to more space */
    SPACE_FOR_NOTHING,
};

struct space {
    int directory; /* a descriptor, borrowed */
    uint64_t
        min_free;  /* with less there is no room for all, with less than half none; 0: no bound */
    uint64_t left; /* when it was looked at */
    int64_t looked_at; /* clock_ms; 0: never */
    uint64_t written;  /* since then */
    bool told_full;
    int64_t told_at;
};

/* What there is room for when `staged` bytes are still to be written. Asks the system now and then,
 * and logs when the answer changes. */
enum space_room space_room(struct space *space, uint64_t staged);

/* So many bytes were written. */
void space_wrote(struct space *space, uint64_t bytes);

/* The bytes that the file system of the directory has free for everybody. UINT64_MAX when that
 * cannot be told. Any thread. */
uint64_t space_free(int directory);

#endif
