/*
 * What the files of the store on LevelDB share. For them alone: everybody else knows store.h.
 */
#ifndef LEVERET_STORE_LEVELDB_H
#define LEVERET_STORE_LEVELDB_H

#include <leveldb/c.h>
#include <pthread.h>
#include <stdatomic.h>

#include "store/barrier.h"
#include "store/committer.h"
#include "store/database.h"
#include "store/feed.h"
#include "store/hot.h"
#include "store/maintenance.h"
#include "store/snapshot.h"
#include "store/space.h"
#include "store/store.h"
#include "store/syncer.h"
#include "store/watch.h"

/* The ways of reading that LevelDB has an option for, as bits, and how many combinations. */
enum leveldb_way {
    LEVELDB_VERIFY = 1,
    LEVELDB_PAST_CACHE = 2,
    LEVELDB_WAYS = 4,
};

/* The store as it was at some time, or as it is now, ready to be read in each way. */
struct leveldb_view {
    struct database_hold hold;          /* unless it is that of now */
    const leveldb_snapshot_t *snapshot; /* NULL: as it is now */
    leveldb_readoptions_t *ways[LEVELDB_WAYS];
};

struct store {
    struct database *database;
    char *path;
    leveldb_options_t *options;
    leveldb_cache_t *cache;
    size_t cache_bytes;
    atomic_size_t passed; /* bytes mapped by scans past the cache that ended, about, since pages
                             were given back for those */
    leveldb_filterpolicy_t *filter;
    struct hot *hot; /* NULL: none are kept */
    bool verify;     /* every read, whether it says so or not */
    struct leveldb_view now;
    struct snapshot_registry *snapshots;
    leveldb_writeoptions_t *write;
    leveldb_writeoptions_t *write_synced; /* on disk when it returns, for barriers */
    uint64_t sync_within;                 /* seconds; see store_options */
    uint64_t min_free;
    bool paranoid;
    struct watches *watches;
    struct committer *committer;
    struct maintenance *maintenance;
    struct feed *feed; /* NULL: no history of changes is kept */

    /* The committer's. */
    leveldb_writebatch_t *batch;
    uint64_t batch_bytes;
    bool damaged; /* LevelDB met damage as it compacted, and takes no more writes */
    struct barrier barrier;
    struct space space;

    struct syncer *syncer; /* NULL: nothing is left to be synced later */
    struct barrier syncer_barrier;

    /* Held by the maintenance thread during a piece, and while the database is closed: to wait for
     * a piece takes seconds, and meanwhile readers shall read. Comes before every other lock. */
    pthread_mutex_t compacting;
};

/* Opens the database, after looking at the directory and at the log as at every start. False with
 * *error. For the thread that may do so; see database.h. */
MUST_CHECK bool leveldb_open_checked(struct store *store, const struct store_options *options,
                                     struct store_error *error);

/* leveldb_commit.c ---------------------------------------------------------- */

/* Starts the committer's thread, and the syncer's if there is to be one. False when that fails. */
MUST_CHECK bool leveldb_start_committer(struct store *store);

/* leveldb_recover.c --------------------------------------------------------- */

/* On the committer's thread: closes the database and opens it again, if the disk takes writes.
 * False with *error when it does not or cannot be opened; then it may stay closed. */
MUST_CHECK bool leveldb_recover(void *store, struct store_error *error);

/* LevelDB's options as wanted, which use the cache and the filter; either may be NULL. The caller
 * destroys all three, these first. */
leveldb_options_t *leveldb_make_options(const struct store_options *wanted, leveldb_cache_t *cache,
                                        leveldb_filterpolicy_t *filter);

/* NULL when none is wanted. */
leveldb_filterpolicy_t *leveldb_make_filter(const struct store_options *wanted);

/* A key above nearly every other, for calls of LevelDB that want an upper end where there is none.
 */
#define LEVELDB_BEHIND_ALL SLICE("\xff\xff\xff\xff\xff\xff\xff\xff")

/* About how many bytes of disk the keys from `low` up to `high` take. */
uint64_t leveldb_size(leveldb_t *db, struct slice low, struct slice high);

/* leveldb_compact.c --------------------------------------------------------- */

/* Starts the store's maintenance thread; NULL when that fails. */
struct maintenance *leveldb_start_maintenance(struct store *store);

/* leveldb_view.c ------------------------------------------------------------ */

/* Makes the view of now, and the registry for snapshots. False when there is no memory. */
MUST_CHECK bool leveldb_views_open(struct store *store, size_t max_snapshots);

/* Gives all of them back to LevelDB; what is not there is passed over. */
void leveldb_views_close(struct store *store);

/* A view in use by one read, and by what options to read. */
struct leveldb_reading {
    leveldb_t *db;
    const leveldb_readoptions_t *options;
    struct snapshot *snapshot; /* NULL: of now */
};

/* Enters the database. Takes a lock only for a snapshot. False with *error: STATUS_SNAPSHOT when
 * the view is of one that is not there, STATUS_REOPENED when it is of a moment that ended so,
 * STATUS_IO when there is no database. */
MUST_CHECK bool leveldb_reading_begin(struct store *store, struct store_view view,
                                      struct leveldb_reading *reading, struct store_error *error);
void leveldb_reading_end(struct store *store, struct leveldb_reading *reading);

#endif
