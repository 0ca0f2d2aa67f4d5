/*
 * Recovering the store on LevelDB from a failed write: closing the database and opening it again.
 *
 * LevelDB goes on with its log behind a failed append, and what is appended there is lost when the
 * log is read back; so after an error nothing may be written until the log was. To open again makes
 * tables of what the logs hold, which are synced themselves: so nothing rests any more on what a
 * failed fdatasync may have dropped.
 */
#include "store/leveldb.h"

#include <stdio.h>
#include <time.h>

#include "store/probe.h"

/* No two databases of a directory have the same start; see store_follow in store.h. */
static void restart_feed(struct store *store)
{
    struct timespec now;
    if (store->feed == NULL)
        return;
    clock_gettime(CLOCK_REALTIME, &now);
    feed_restart(store->feed, (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000);
}

/* What was promised of the old database does not hold for the new one: a write whose fate was not
 * known may be there now, though no change of it was told. Nobody is inside. */
static void end_promises(struct store *store)
{
    snapshot_expire(store->snapshots, INT64_MAX);
    watches_touch_all(store->watches);
    restart_feed(store);
}

/* What LevelDB answered until now may differ from what its logs hold. Nobody reads any more when it
 * is closed, and before it is open again nobody can. */
static void close_database(struct store *store)
{
    database_close(store->database);
    if (store->hot != NULL)
        hot_clear(store->hot);
}

static bool reopen(struct store *store, struct store_error *error)
{
    struct store_options options = {.path = store->path, .paranoid_checks = store->paranoid};
    leveldb_options_set_create_if_missing(store->options, 0);
    leveldb_options_set_error_if_exists(store->options, 0);
    if (database_own(store->database) != NULL)
        close_database(store);
    else
        database_retry(store->database);
    if (!leveldb_open_checked(store, &options, error)) {
        error->status =
            STATUS_IO; /* whatever it is at a start, to readers it is trouble of the disk */
        database_refuse(store->database, error);
        return false;
    }
    end_promises(store);
    if (store->syncer != NULL)
        syncer_renew(store->syncer);
    database_admit(store->database);
    return true;
}

static bool fail(struct store_error *error, const char *text)
{
    error->status = STATUS_IO;
    snprintf(error->text, sizeof(error->text), "%s", text);
    return false;
}

/*
 * Damage that LevelDB meets in a compaction stops its writes, and would again as soon as it was
 * reopened: only a repair helps. And a compaction that runs may be one of seconds: readers shall
 * not wait for its end, nor those who write for the news that they cannot.
 */
bool leveldb_recover(void *engine, struct store_error *error)
{
    struct store *store = engine;
    if (store->damaged)
        return fail(error, "its data is damaged; leveretd --repair keeps what can be read");
    if (!probe_run(store->barrier.directory, store->path, error))
        return false;
    if (pthread_mutex_trylock(&store->compacting) != 0)
        return fail(error, "a compaction has to end first");
    bool reopened = reopen(store, error);
    pthread_mutex_unlock(&store->compacting);
    return reopened;
}
