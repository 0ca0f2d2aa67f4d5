/*
 * A barrier: makes everything that LevelDB has written durable, whatever it was asked at the time.
 *
 * A write with LevelDB's own sync puts one log on disk, the one it goes to. Unsynced writes before
 * it may lie in an older log whose table is still being made, and after a power cut those are gone
 * while the synced one is there. So a barrier syncs every log first, then a write is synced, then
 * the names of the files are.
 *
 * For the thread that writes, and between writes: so every write to be synced is in a log that is
 * there already. One that a compaction begins meanwhile may be overlooked; it holds none of them.
 */
#ifndef LEVERET_STORE_BARRIER_H
#define LEVERET_STORE_BARRIER_H

#include "store/store.h"

/* Puts every log of the directory on disk. A failed one must not be tried again: the kernel may
 * have dropped what it could not write, and then says that all is well. */
MUST_CHECK bool barrier_sync_logs(const char *path, struct store_error *error);

/* Puts the names in the directory on disk, among them that of a log which the last write began. */
MUST_CHECK bool barrier_sync_names(const char *path, struct store_error *error);

#endif
