/*
 * Destroy: removes a LevelDB, offline, and nothing else that lies beside it.
 */
#ifndef LEVERET_STORE_DESTROY_H
#define LEVERET_STORE_DESTROY_H

#include "store/inventory.h"
#include "store/store.h"

/* What would be removed, and what would stay. False with *error when the directory is refused; see
 * directory_check_offline. Writes nothing. */
MUST_CHECK bool destroy_survey(const char *path, struct inventory *inventory,
                               struct store_error *error);

/* Removes LevelDB's files, and the directory when nothing else is in it; *gone tells. False with
 * *error when that fails; it can be tried again. Locks the directory meanwhile. */
MUST_CHECK bool destroy_run(const char *path, bool *gone, struct store_error *error);

#endif
