/*
 * An inventory: what lies in a directory that may be a LevelDB, whole or damaged.
 */
#ifndef LEVERET_STORE_INVENTORY_H
#define LEVERET_STORE_INVENTORY_H

#include "store/store.h"

struct inventory {
    size_t tables;
    size_t logs;
    size_t manifests;
    size_t files; /* all of LevelDB's, those above among them */
    uint64_t table_bytes;
    uint64_t log_bytes;
    uint64_t bytes; /* of all of LevelDB's files */
    bool current;   /* there is a CURRENT */
    bool lock;      /* there is a LOCK */
    bool rocksdb;   /* there are files that only RocksDB has, whose tables look like LevelDB's */
    size_t foreign; /* entries that are none of LevelDB's */
    char foreign_names[160]; /* the first of them, for people */
    bool foreign_cut;        /* there was no room for all names */
};

/* Looks at every entry. False when the directory cannot be read, or when a file that LevelDB needs
 * cannot be or is no file. */
MUST_CHECK bool inventory_take(struct inventory *inventory, const char *path,
                               struct store_error *error);

/* Whether this looks like a LevelDB, or what is left of one. A lone file with the name of a log
 * does not: others write 1.log, too. */
bool inventory_is_leveldb(const struct inventory *inventory);

#endif
