/*
 * The history: the changes of the newest writes, in the order of the writes, in a ring of bytes of
 * a fixed size. Knows no thread and no follower.
 *
 *     the stream of all changes ever:   ......[ held in the ring ]
 *                                             ^ tail            ^ head
 *
 * An offset is a place in that stream, so it stays what it is while the ring turns. The oldest
 * writes make room for new ones, each as a whole. Pages of the ring that were never reached cost
 * no memory.
 */
#ifndef LEVERET_STORE_HISTORY_H
#define LEVERET_STORE_HISTORY_H

#include "protocol/bytes.h"

/* A place where a write starts, so that finding one needs no walk through all of the ring. */
struct history_mark {
    uint64_t number;
    uint64_t offset;
};

struct history {
    char *ring;
    uint64_t capacity; /* bytes */
    uint64_t tail;
    uint64_t head;
    uint64_t tail_at; /* where in the ring the tail is, and the head: to divide for each change */
    uint64_t head_at; /* would cost more than to copy it */
    uint64_t last;    /* the number of the newest write; the first one has 1 */
    uint64_t dropped; /* of the newest write that is held no more; 0 when all are */
    uint64_t left;    /* bytes of the write being added that are still to come */
    bool passing;     /* that write is too large to be held */

    struct history_mark *marks; /* a ring too, oldest first */
    size_t mark_cap;
    size_t mark_first;
    size_t mark_count;
};

/* A ring of that many bytes, more than 0. False, with nothing to undo, when there is no memory. */
MUST_CHECK bool history_init(struct history *history, uint64_t capacity);
void history_fini(struct history *history);

/* Forgets all; the next write has the number 1 again. */
void history_clear(struct history *history);

/* Bytes that a change takes: the value of a deletion has no data. */
uint64_t history_size(struct slice key, struct slice value);

/* Starts the next write, whose changes take `size` bytes together, more than 0. One that is larger
 * than the ring empties it and is not held itself. */
void history_begin(struct history *history, uint64_t size);

/* The next change of the write. */
void history_add(struct history *history, struct slice key, struct slice value);

/* Where the write of that number starts, or the first behind it when there is no such number, up
 * to the head. False when a part of what was asked for is held no more. */
MUST_CHECK bool history_find(const struct history *history, uint64_t number, uint64_t *offset);

/* Appends up to `most` bytes from `offset`, which must be between tail and head. */
void history_copy(const struct history *history, uint64_t offset, uint64_t most,
                  struct buffer *out);

/* A change among copied bytes, which it borrows. */
struct history_change {
    uint64_t number; /* of its write */
    bool ends;       /* the last one of its write */
    struct slice key;
    struct slice value; /* no data when the key was deleted */
};

/* Takes the first change off copied bytes that start with one. False when it is not all there. */
MUST_CHECK bool history_read(struct slice *bytes, struct history_change *change);

/* How many of the copied bytes are whole writes; when not even the first is whole, whole changes
 * of it. 0 when the first change is not whole: *wanted bytes hold it. */
size_t history_whole(struct slice bytes, uint64_t *wanted);

#endif
