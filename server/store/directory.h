/*
 * A data directory, looked at before LevelDB opens it: opening moves files about even when it then
 * fails, and a directory that is not ours to serve must stay untouched.
 */
#ifndef LEVERET_STORE_DIRECTORY_H
#define LEVERET_STORE_DIRECTORY_H

#include "store/store.h"

/*
 * True when the directory can be opened as a LevelDB: it is missing or empty and may be begun, or
 * it is a LevelDB in LevelDB's own order that no other process has open, and may be there.
 * Otherwise *error says why not. Writes nothing.
 *
 * Call before this process has opened the directory: it opens and closes the lock file, which
 * drops any lock that this process holds on it.
 */
MUST_CHECK bool directory_check(const struct store_options *options, struct store_error *error);

/* Puts the directory's own entry, and those in it, on disk. False with errno set. */
MUST_CHECK bool directory_sync(const char *path);

#endif
