/*
 * Hot values: copies of values that are read often, so that a key which many ask for is not
 * searched in the engine each time. Knows no engine.
 *
 *     reader:     hot_find -> there: done
 *                          -> not there: a ticket -> read the engine -> hot_keep with the ticket
 *     committer:  hot_shut, each key of a round -> the engine writes -> hot_open
 *
 * Who finds a value here finds what the engine would answer at that moment. Rounds are numbered. A
 * key that is shut is gone, and can be kept again only with a ticket from a later round: so neither
 * a reader that raced a commit leaves the old value behind, nor finds anybody the old one who saw
 * the new one in the engine. What is here was read from the engine once, with the care of that
 * reading; damage that a disk does to it later is not seen before it was let go.
 *
 * Fixed in bytes. A value is kept at the second miss of its key within about as many misses as
 * there is room for values: who reads far more than fits pays for few copies. The oldest goes
 * first, unless it was asked for since it came: then it has another turn.
 *
 * Any thread. Readers take no lock and write nothing that others read, but for the first to ask for
 * a value: one who meets a change in the same part goes to the engine.
 */
#ifndef LEVERET_STORE_HOT_H
#define LEVERET_STORE_HOT_H

#include "store/shelf.h"
#include "store/store.h"

struct hot;

/* Whether to keep what the engine will answer, and until when that may be done. */
struct hot_ticket {
    uint64_t hash;
    uint64_t round;
    bool wanted;
};

/* For so many bytes, all told; touched as they are needed. NULL when there is no memory. */
struct hot *hot_new(size_t bytes);
void hot_free(struct hot *hot); /* NULL is allowed */

/* True with the value, of *len bytes, copied to `value`. False with a ticket. */
MUST_CHECK bool hot_find(struct hot *hot, struct slice key, char value[SHELF_LONGEST], size_t *len,
                         struct hot_ticket *ticket);

/* Keeps what the engine answered since hot_find, if that is wanted and the ticket holds. */
void hot_keep(struct hot *hot, const struct hot_ticket *ticket, struct slice key,
              struct slice value);

/* The key is about to change. The committer's alone, likewise below. */
void hot_shut(struct hot *hot, struct slice key);

/* Ends the round: its changes are to be seen in the engine, or did not happen. */
void hot_open(struct hot *hot);

/* Everything may have changed, and nobody who has a ticket from before will read again. */
void hot_clear(struct hot *hot);

/* Any thread. */
void hot_tell(struct hot *hot, struct store_hot_facts *facts);

#endif
