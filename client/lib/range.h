/*
 * A range of keys as the words of a request.
 */
#ifndef LEVERET_CLIENT_LIB_RANGE_H
#define LEVERET_CLIENT_LIB_RANGE_H

#include "client/lib/connection.h"

/* A command's name, a prefix, two bounds, REVERSE, KEYS or VALUES, LIMIT n, BYTES n, AT n, VERIFY,
 * NOCACHE; two more for the caller. */
#define RANGE_MOST_WORDS 18

struct range_words {
    struct leveret_bytes items[RANGE_MOST_WORDS]; /* borrow from the range, and from below */
    size_t count;
    char limit[24];
    char bytes[24];
    char snapshot[24];
};

/* Fills *words, which must not move while they are used. OK, or MISUSE for two lower or two upper
 * bounds, or both KEYS and VALUES. */
MUST_CHECK enum leveret_status range_words(struct leveret *db, const char *command,
                                           const struct leveret_range *range,
                                           struct range_words *words);

/* One more word, and one more pair of words. */
void range_add(struct range_words *words, struct leveret_bytes word);
void range_add_pair(struct range_words *words, const char *name, struct leveret_bytes argument);

/* Its prefix and its bounds, and nothing else. */
struct leveret_range range_bounds(const struct leveret_range *range);

/* Whether it has nothing else. */
bool range_is_bounds(const struct leveret_range *range);

#endif
