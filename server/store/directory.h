/*
 * A data directory, looked at before LevelDB opens it: opening moves files about even when it then
 * fails, and a directory that is not ours to serve must stay untouched.
 */
#ifndef LEVERET_STORE_DIRECTORY_H
#define LEVERET_STORE_DIRECTORY_H

#include "store/inventory.h"
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

/*
 * True when the directory can be repaired or destroyed: it is a LevelDB in LevelDB's own order or
 * what is left of one, it can be read and written, and no other process has it open. *inventory is
 * what it holds. Otherwise *error says why not. Writes nothing; as above, drops this process's
 * lock.
 */
MUST_CHECK bool directory_check_offline(const char *path, struct inventory *inventory,
                                        struct store_error *error);

/* Locks the directory as LevelDB does, making LOCK if it is missing. Closing the descriptor
 * unlocks, and so does closing LOCK through any other. -1 when that fails, as when it is in use. */
MUST_CHECK int directory_lock(const char *path, struct store_error *error);

/* Puts the directory's own entry, and those in it, on disk. False with errno set. */
MUST_CHECK bool directory_sync(const char *path);

#endif
