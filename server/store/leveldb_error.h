/*
 * What LevelDB says when it fails: its C interface has messages and no codes.
 */
#ifndef LEVERET_STORE_LEVELDB_ERROR_H
#define LEVERET_STORE_LEVELDB_ERROR_H

#include "store/store.h"

/* Moves LevelDB's message into *error and frees it. */
void leveldb_error_take(struct store_error *error, char *message);

/* Whether the failed write whose error this is may have reached the log, in part or as a whole. If
 * not, nothing of it was written. */
bool leveldb_error_leaves_doubt(const struct store_error *error);

#endif
