/*
 * Globs: patterns of keys as Redis has them, matched as its stringmatchlen matches them. Pure
 * bytes.
 *
 *     *        any bytes, also none         [a-z^]   one byte of these and those between these two
 *     ?        any byte                     [^abc]   one byte that is none of these
 *     \x       x itself, also in brackets   else     itself
 *
 * Every pattern means something. Brackets that nobody closes end with the pattern, a dash makes a
 * range of whatever is at its sides, bytes are ordered with their sign, and the empty key is
 * matched by the patterns `*` and `` and no other.
 *
 * What stands in front of the first of *?[ is the head: all keys that match begin with it.
 */
#ifndef LEVERET_COMMANDS_REDIS_GLOB_H
#define LEVERET_COMMANDS_REDIS_GLOB_H

#include "protocol/bytes.h"

struct glob {
    struct buffer bytes; /* owned: the head without its escapes, then the rest as it is */
    size_t head;         /* length */
};

/* What may be behind the head, in bytes. A match takes at most so many steps for each byte of the
 * key: with the longest key that can be written, about a tenth of a second. */
#define GLOB_LONGEST ((size_t)1024)

/* Copies the pattern. False when there is no memory. */
MUST_CHECK bool glob_init(struct glob *glob, struct slice pattern);
void glob_fini(struct glob *glob);

/* False: longer than GLOB_LONGEST, so nobody should have to wait for its matches. */
bool glob_is_bounded(const struct glob *glob);

struct slice glob_head(const struct glob *glob);

/* True when the head is all there is, and so the one key that matches. */
bool glob_is_literal(const struct glob *glob);

bool glob_matches(const struct glob *glob, struct slice key);

/* True when matching that key may have taken so long that others should have a turn: tens of
 * microseconds and more. */
bool glob_is_slow(const struct glob *glob, struct slice key);

#endif
