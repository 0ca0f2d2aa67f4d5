/*
 * What the files of the store on LevelDB share. For them alone: everybody else knows store.h.
 */
#ifndef LEVERET_STORE_LEVELDB_H
#define LEVERET_STORE_LEVELDB_H

#include <leveldb/c.h>

#include "store/committer.h"
#include "store/store.h"

struct store {
    leveldb_t *db;
    char *path;
    leveldb_options_t *options;
    leveldb_cache_t *cache;
    size_t cache_bytes;
    leveldb_filterpolicy_t *filter;
    leveldb_readoptions_t *read;
    leveldb_readoptions_t *read_past_cache; /* for scans that the cache could not hold */
    leveldb_writeoptions_t *write;
    leveldb_writeoptions_t *write_synced; /* on disk when it returns, for barriers */
    leveldb_writebatch_t *batch;          /* the committer's */
    struct committer *committer;
};

/* Moves LevelDB's message into *error and frees it. */
void leveldb_take_message(struct store_error *error, char *message);

#endif
