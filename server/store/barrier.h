/*
 * A barrier: makes what LevelDB has written durable where LevelDB itself does not.
 *
 * A write with LevelDB's own sync puts one log on disk, the one it goes to. Unsynced writes before
 * it may lie in an older log whose table is still being made, and after a power cut those are gone
 * while the synced one is there. And LevelDB does not put the name of a log that it begins on disk:
 * without its name a log is gone, however well it was synced. So there are two parts: one syncs
 * every log, one the names of the files.
 *
 * Both cover what was written before the call. One thread at a time. What they need is opened at
 * the start, so that a full table of descriptors does not stop them.
 */
#ifndef LEVERET_STORE_BARRIER_H
#define LEVERET_STORE_BARRIER_H

#include <dirent.h>
#include <time.h>

#include "store/store.h"

struct barrier {
    const char *path; /* borrowed */
    DIR *directory;
    int spare;               /* a descriptor that gives way to one in need */
    struct timespec changed; /* the directory's time of change when it was last looked at */
    int64_t seen_at;         /* clock_ms: since then it is that */
    bool settled;            /* the names that it had then are on disk */
};

/* False with *error, and nothing to close, when the directory cannot be opened. */
MUST_CHECK bool barrier_open(struct barrier *barrier, const char *path, struct store_error *error);
void barrier_close(struct barrier *barrier);

/* The directory's descriptor. */
int barrier_directory(const struct barrier *barrier);

/* Puts every log of the directory on disk. A failed one must not be tried again: the kernel may
 * have dropped what it could not write, and then says that all is well. */
MUST_CHECK bool barrier_sync_logs(struct barrier *barrier, struct store_error *error);

/* Puts the names in the directory on disk, among them that of a log which the last write began. It
 * costs one look at the directory while nothing was begun or removed. */
MUST_CHECK bool barrier_sync_names(struct barrier *barrier, struct store_error *error);

#endif
