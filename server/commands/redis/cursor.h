/*
 * Cursors: numbers that stand for places between keys, for the SCANs of all connections. Redis
 * clients read them as numbers, some into 32 bits with a sign, so a key itself cannot be one.
 *
 * A bounded table has the key behind which each goes on. A cursor may be used any number of times
 * while it is there; when room is needed, the one that was used longest ago goes first, and of
 * those that nobody used, the oldest, when there is no other. So a slow scan outlives any number of
 * fast ones. A number that went is unknown, and given out again after 131,071 others at the
 * earliest.
 */
#ifndef LEVERET_COMMANDS_REDIS_CURSOR_H
#define LEVERET_COMMANDS_REDIS_CURSOR_H

#include "protocol/bytes.h"

struct cursors;

/* So many cursors, and bytes of their keys and owners; but one is kept whatever its key. */
#define CURSORS_MOST ((size_t)16 * 1024)
#define CURSORS_MOST_BYTES ((size_t)4 * 1024 * 1024)

/* NULL when the system refuses. */
struct cursors *cursors_new(void);
void cursors_free(struct cursors *cursors);

/* A number for the place behind the key, for the owner alone, which are copied; 0 when there is no
 * memory. Any thread, likewise below. */
uint32_t cursors_add(struct cursors *cursors, struct slice owner, struct slice key);

/* Replaces *key with the one behind which the cursor goes on. False when it is unknown, or of
 * another owner: to go on there would show where that one is. Look at key->failed for want of
 * memory. */
MUST_CHECK bool cursors_use(struct cursors *cursors, uint64_t number, struct slice owner,
                            struct buffer *key);

/* Reads what Redis takes for a cursor: what strtoul makes of all the text up to its end or the
 * first NUL, unless space stands first. So nothing is 0, and a minus sign counts down from 2^64. */
MUST_CHECK bool cursor_read(struct slice text, uint64_t *number);

#endif
