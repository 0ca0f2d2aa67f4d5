/*
 * A range of keys as the words of a request.
 */
#ifndef LEVERET_CLIENT_LIB_RANGE_H
#define LEVERET_CLIENT_LIB_RANGE_H

#include "client/lib/connection.h"

/* A command's name, a prefix, two bounds, REVERSE, LIMIT n, KEYS or VALUES. */
#define RANGE_MOST_WORDS 10

struct range_words {
    struct leveret_bytes items[RANGE_MOST_WORDS]; /* borrow from the range, and from `limit` */
    size_t count;
    char limit[24];
};

/* Fills *words, which must not move while they are used. OK, or MISUSE for two lower or two upper
 * bounds, or both KEYS and VALUES. */
MUST_CHECK enum leveret_status range_words(struct leveret *db, const char *command,
                                           const struct leveret_range *range,
                                           struct range_words *words);

#endif
