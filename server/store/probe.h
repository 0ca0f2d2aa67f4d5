/*
 * A probe: whether a disk that failed takes writes again, and has room for opening a LevelDB.
 */
#ifndef LEVERET_STORE_PROBE_H
#define LEVERET_STORE_PROBE_H

#include <dirent.h>

#include "store/store.h"

/* The file that it writes and removes; LevelDB passes it over. */
#define PROBE_FILE "leveret.probe"

/*
 * True when the directory takes a new file that is put on disk, and has room for what opening its
 * LevelDB writes: what is in the logs becomes tables, and there is a new manifest. Else *error says
 * why not. `path` is that of the directory, for the message.
 */
MUST_CHECK bool probe_run(DIR *directory, const char *path, struct store_error *error);

/* Removes what a probe left behind that was interrupted. */
void probe_clean(DIR *directory);

#endif
