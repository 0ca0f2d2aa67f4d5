/*
 * Prefixes: the keys that begin with one of several texts. Pure bytes; knows no engine.
 *
 * A list of prefixes is in bytewise order, and none of it begins with another: so the keys of each
 * lie together and apart from those of the others, and the only one that a key can begin with is
 * the last that is not above it.
 */
#ifndef LEVERET_STORE_PREFIXES_H
#define LEVERET_STORE_PREFIXES_H

#include "protocol/bytes.h"

/* How many of the list are not above the key. */
size_t prefixes_up_to(const struct slice *list, size_t count, struct slice key);

/* Whether the key begins with one of them. */
bool prefixes_hold(const struct slice *list, size_t count, struct slice key);

/* Writes the first key above every key that begins with the prefix: up to as many bytes as the
 * prefix has. Its length; 0 when there is no such key. */
size_t prefixes_successor(struct slice prefix, char *out);

/* A list of its own. */
struct prefixes {
    size_t count;
    struct slice *low;  /* the prefixes */
    struct slice *high; /* the successor of each; no data when there is none */
};

/* To be freed by free(). NULL when there is no memory. */
struct prefixes *prefixes_copy(const struct slice *list, size_t count);

#endif
