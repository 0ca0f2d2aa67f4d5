/*
 * Writes of the store on LevelDB: the committer's engine, and that of the syncer.
 */
#include "store/leveldb.h"

#include "ops/clock.h"
#include "ops/disk.h"
#include "ops/metrics.h"
#include "store/leveldb_error.h"

static bool engine_look(void *engine, struct slice key, bool *present, struct buffer *value,
                        struct store_error *error)
{
    struct store *store = engine;
    leveldb_t *db = database_own(store->database);
    char *message = NULL;
    size_t len = 0;
    if (db == NULL) { /* it could not be opened again: there is no waiting for this thread */
        database_why(store->database, error);
        return false;
    }
    char *found = leveldb_get(db, store->now.ways[0], key.data, key.len, &len, &message);
    if (message != NULL) {
        leveldb_error_take(error, message);
        return false;
    }
    *present = found != NULL;
    buffer_append(value, found, len);
    leveldb_free(found);
    return true;
}

/* What an entry takes in the log besides its bytes, about. */
#define ENTRY_BYTES 16

/* Room of a batch beyond this goes with its round. */
#define LARGEST_KEPT ((uint64_t)1024 * 1024)

static void engine_put(void *engine, struct slice key, struct slice value)
{
    struct store *store = engine;
    if (store->hot != NULL)
        hot_shut(store->hot, key);
    leveldb_writebatch_put(store->batch, key.data, key.len, value.data, value.len);
    store->batch_bytes += key.len + value.len + ENTRY_BYTES;
}

static void engine_del(void *engine, struct slice key)
{
    struct store *store = engine;
    if (store->hot != NULL)
        hot_shut(store->hot, key);
    leveldb_writebatch_delete(store->batch, key.data, key.len);
    store->batch_bytes += key.len + ENTRY_BYTES;
}

static enum space_room engine_room(void *engine, uint64_t more)
{
    struct store *store = engine;
    return space_room(&store->space, store->batch_bytes + more);
}

/* Even an empty batch is written: LevelDB appends and syncs it like any other, and fails it when
 * something failed behind our back, such as the making of a table. */
static bool write_batch(struct store *store, const leveldb_writeoptions_t *options,
                        struct store_error *error)
{
    char *message = NULL;
    int64_t began = clock_us();
    int64_t spent = disk_spent();
    leveldb_write(database_own(store->database), options, store->batch, &message);
    metrics_batch(store->batch_bytes, clock_us() - began - (disk_spent() - spent));
    space_wrote(&store->space, store->batch_bytes);
    if (message == NULL)
        return true;
    leveldb_error_take(error, message);
    store->damaged = error->status == STATUS_CORRUPT;
    error->status = leveldb_error_leaves_doubt(error) ? STATUS_UNKNOWN : STATUS_IO;
    return false;
}

/* Behind a write: makes it as durable as was promised. It happened, whatever comes of this. */
static bool settle(struct store *store, bool barrier, struct store_error *error)
{
    bool settled = true;
    if (barrier || store->sync_within == STORE_SYNC_ALWAYS)
        settled = barrier_sync_names(&store->barrier, error);
    else if (store->syncer != NULL)
        settled = syncer_wrote(store->syncer, error);
    if (!settled)
        error->status = STATUS_UNKNOWN;
    return settled;
}

static bool sync_logs(struct store *store, struct store_error *error)
{
    return (store->syncer == NULL || syncer_await(store->syncer, error)) &&
           barrier_sync_logs(&store->barrier, error);
}

static bool write_and_settle(struct store *store, bool barrier, struct store_error *error)
{
    const leveldb_writeoptions_t *options = barrier ? store->write_synced : store->write;
    if (barrier && !sync_logs(store, error))
        return false;
    /* A barrier alone has done its work; a full disk shall not make it fail. */
    bool spare = store->batch_bytes == 0 && space_room(&store->space, 0) == SPACE_FOR_NOTHING;
    return (spare || write_batch(store, options, error)) && settle(store, barrier, error);
}

/* LevelDB's batch keeps the room of the largest round that it ever held. */
static void empty_batch(struct store *store)
{
    if (store->batch_bytes <= LARGEST_KEPT) {
        leveldb_writebatch_clear(store->batch);
    } else {
        leveldb_writebatch_destroy(store->batch);
        store->batch = leveldb_writebatch_create();
    }
    store->batch_bytes = 0;
}

static bool engine_write(void *engine, bool barrier, struct store_error *error)
{
    struct store *store = engine;
    bool written = write_and_settle(store, barrier, error);
    empty_batch(store);
    if (store->hot != NULL)
        hot_open(store->hot); /* whatever came of it, LevelDB answers so from now on */
    return written;
}

static void engine_wrote(void *engine, const struct submission *submission, size_t first,
                         size_t end)
{
    struct store *store = engine;
    watches_touch(store->watches, submission, first, end);
    if (store->feed != NULL)
        feed_append(store->feed, submission, first, end);
}

/* The syncer's engine --------------------------------------------------------- */

static bool syncer_sync(void *engine, struct store_error *error)
{
    struct store *store = engine;
    return barrier_sync_logs(&store->syncer_barrier, error) &&
           barrier_sync_names(&store->syncer_barrier, error);
}

static void syncer_failed(void *engine, const struct store_error *error)
{
    struct store *store = engine;
    committer_fail(store->committer, error);
}

static bool start_syncer(struct store *store)
{
    if (store->sync_within == STORE_SYNC_ALWAYS || store->sync_within == STORE_SYNC_NEVER)
        return true;
    store->syncer =
        syncer_new(&(struct syncer_engine){syncer_sync, syncer_failed, store}, store->sync_within);
    return store->syncer != NULL;
}

bool leveldb_start_committer(struct store *store)
{
    if (!start_syncer(store))
        return false;
    store->committer = committer_new(&(struct committer_engine){
        .look = engine_look,
        .room = engine_room,
        .put = engine_put,
        .del = engine_del,
        .write = engine_write,
        .wrote = engine_wrote,
        .recover = leveldb_recover,
        .engine = store,
    });
    return store->committer != NULL;
}
