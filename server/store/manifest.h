/*
 * A manifest, which one is in force, and the order of keys that it names. Writes no file.
 */
#ifndef LEVERET_STORE_MANIFEST_H
#define LEVERET_STORE_MANIFEST_H

#include "protocol/bytes.h"

/* LevelDB's own order, unsigned bytes, the only one that is served. */
extern const char manifest_bytewise[];

enum manifest_order {
    MANIFEST_BYTEWISE,
    MANIFEST_OTHER,      /* *comparator is the name of another order */
    MANIFEST_UNCLEAR,    /* it is damaged, or begins with something else */
    MANIFEST_UNREADABLE, /* errno says why */
};

#define MANIFEST_NAME 128

/* Reads the name in CURRENT, without its LF. False with errno set. */
MUST_CHECK bool manifest_current(const char *path, char *name, size_t size);

/* What the manifest of that name in the directory says. `comparator` has MANIFEST_NAME bytes. */
MUST_CHECK enum manifest_order manifest_read(const char *path, const char *name, char *comparator);

#endif
