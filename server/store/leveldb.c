/*
 * The store on LevelDB: opening, and single reads. Writes are in leveldb_commit.c, opening again in
 * leveldb_recover.c, views and snapshots in leveldb_view.c, scans in leveldb_scan.c, compactions in
 * leveldb_compact.c; nothing but these and database.c calls LevelDB.
 *
 * Reads run on the caller's thread; LevelDB allows any number. Writes are the committer's.
 */
#include "store/leveldb.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "ops/log.h"
#include "store/directory.h"
#include "store/leveldb_error.h"
#include "store/probe.h"
#include "store/recovery.h"

static bool fail(struct store_error *error, enum status status, const char *text)
{
    error->status = status;
    snprintf(error->text, sizeof(error->text), "%s", text);
    return false;
}

/* Open and close ---------------------------------------------------------- */

static void set_options(struct store *store, const struct store_options *wanted)
{
    store->cache = leveldb_cache_create_lru(wanted->cache);
    store->filter = leveldb_make_filter(wanted);
    store->options = leveldb_make_options(wanted, store->cache, store->filter);

    store->cache_bytes = wanted->cache;
    store->verify = wanted->paranoid_checks;
    store->write = leveldb_writeoptions_create();
    leveldb_writeoptions_set_sync(store->write, wanted->sync_within == STORE_SYNC_ALWAYS);
    store->write_synced = leveldb_writeoptions_create();
    leveldb_writeoptions_set_sync(store->write_synced, 1);
    store->batch = leveldb_writebatch_create();
    store->sync_within = wanted->sync_within;
    store->min_free = wanted->min_free;
    store->paranoid = wanted->paranoid_checks;
    pthread_mutex_init(&store->compacting, NULL);
}

/* Frees what is there, in the order that LevelDB needs: the database before what it uses. */
static void release(struct store *store)
{
    if (store->maintenance != NULL)
        maintenance_free(store->maintenance); /* it asks the committer */
    if (store->committer != NULL)
        committer_stop(store->committer);
    syncer_free(store->syncer); /* behind the last write; it tells the committer */
    if (store->committer != NULL)
        committer_free(store->committer);
    leveldb_views_close(store);
    database_free(store->database);
    barrier_close(&store->barrier);
    barrier_close(&store->syncer_barrier);
    leveldb_writebatch_destroy(store->batch);
    leveldb_writeoptions_destroy(store->write_synced);
    leveldb_writeoptions_destroy(store->write);
    leveldb_options_destroy(store->options);
    if (store->filter != NULL)
        leveldb_filterpolicy_destroy(store->filter);
    leveldb_cache_destroy(store->cache);
    free(store->path);
    hot_free(store->hot);
    feed_free(store->feed);
    watches_free(store->watches);
    pthread_mutex_destroy(&store->compacting);
    free(store);
}

static bool make_directory(const char *path, struct store_error *error)
{
    if (mkdir(path, 0750) == 0 || errno == EEXIST)
        return true;
    snprintf(error->text, sizeof(error->text), "%.100s: %s", path, strerror(errno));
    error->status = STATUS_IO;
    return false;
}

/* The start is the calendar's time, so that no two runs of the daemon have the same. */
static bool start_feed(struct store *store, uint64_t history)
{
    struct timespec now;
    if (history == 0)
        return true;
    clock_gettime(CLOCK_REALTIME, &now);
    store->feed = feed_new(history, (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000);
    return store->feed != NULL;
}

/* Without memory for hot values it serves all the same. */
static void start_hot(struct store *store, size_t bytes)
{
    store->hot = bytes == 0 ? NULL : hot_new(bytes);
    if (store->hot == NULL && bytes > 0)
        log_error("there is no memory for hot values: every read is LevelDB's");
}

/* Who asked to go without care gets what LevelDB can read of a damaged store. */
static bool check(const struct store_options *wanted, struct store_error *error)
{
    if (recovery_check(wanted->path, error))
        return true;
    if (wanted->paranoid_checks || error->status != STATUS_CORRUPT)
        return false;
    log_error("opened all the same, because paranoid-checks is no: %s", error->text);
    return true;
}

static bool fail_to_open(const char *path, struct store_error *error)
{
    char problem[161];
    snprintf(problem, sizeof(problem), "%.160s", error->text);
    snprintf(error->text, sizeof(error->text), "%.100s: %s%s", path, problem,
             error->status == STATUS_CORRUPT ? "; leveretd --repair may make it whole" : "");
    return false;
}

bool leveldb_open_checked(struct store *store, const struct store_options *options,
                          struct store_error *error)
{
    const char *path = options->path;
    if (!directory_check(options, error) || !make_directory(path, error) || !check(options, error))
        return false;
    if (!database_open(store->database, error))
        return fail_to_open(path, error);
    if (directory_sync(path))
        return true;
    error->status = STATUS_IO;
    snprintf(error->text, sizeof(error->text), "%.100s: %s", path, strerror(errno));
    return false;
}

/* Opens what the writers need of the directory. */
static bool open_directory(struct store *store, struct store_error *error)
{
    if (!barrier_open(&store->barrier, store->path, error) ||
        !barrier_open(&store->syncer_barrier, store->path, error))
        return false;
    store->space = (struct space){
        .directory = barrier_directory(&store->barrier),
        .min_free = store->min_free,
    };
    probe_clean(store->barrier.directory);
    return true;
}

static bool start(struct store *store, const struct store_options *wanted,
                  struct store_error *error)
{
    store->path = strdup(wanted->path);
    store->database = store->path == NULL ? NULL : database_new(store->path, store->options);
    if (store->database == NULL)
        return fail(error, STATUS_MEMORY, status_meaning(STATUS_MEMORY));
    if (!leveldb_open_checked(store, wanted, error) || !open_directory(store, error))
        return false;
    if (!leveldb_views_open(store, wanted->max_snapshots))
        return fail(error, STATUS_MEMORY, status_meaning(STATUS_MEMORY));
    database_admit(store->database);
    store->maintenance = leveldb_start_maintenance(store);
    if (store->maintenance == NULL)
        return fail(error, STATUS_MEMORY, "cannot start the maintenance thread");
    return leveldb_start_committer(store) ||
           fail(error, STATUS_MEMORY, "cannot start the committer");
}

bool store_open(struct store **out, const struct store_options *options, struct store_error *error)
{
    struct store *store = calloc(1, sizeof(*store));
    if (store == NULL)
        return fail(error, STATUS_MEMORY, status_meaning(STATUS_MEMORY));
    set_options(store, options);
    start_hot(store, options->hot_values);
    store->watches = watches_new();
    if (store->watches == NULL || !start_feed(store, options->feed_history)) {
        release(store);
        return fail(error, STATUS_MEMORY, "there is no memory for the history of changes");
    }
    if (!start(store, options, error)) {
        release(store);
        return false;
    }
    *out = store;
    return true;
}

void store_close(struct store *store)
{
    release(store);
}

void store_tell_health(struct store *store, struct store_health *health)
{
    struct latch_facts facts;
    committer_tell(store->committer, &facts);
    *health = (struct store_health){
        .writable = facts.writable,
        .disk_free = space_free(barrier_directory(&store->barrier)),
        .reopened = facts.lifted,
    };
    snprintf(health->because, sizeof(health->because), "%s", facts.because);
    if (!facts.writable || health->disk_free >= store->min_free)
        return;
    health->writable = false;
    snprintf(health->because, sizeof(health->because), "%s", status_meaning(STATUS_FULL));
}

/* Reads ------------------------------------------------------------------- */

/* A read of the store as it is now, in the usual way: what hot values are for. */
static bool is_plain(struct store_view view)
{
    return view.snapshot == 0 && view.moment == NULL && !view.verify && !view.no_cache;
}

/* The value is LevelDB's, or NULL when there is none, too. False with *error. */
static bool read_engine(struct store *store, struct store_view view, struct slice key, char **value,
                        size_t *len, struct store_error *error)
{
    struct leveldb_reading reading;
    char *message = NULL;
    if (!leveldb_reading_begin(store, view, &reading, error))
        return false;
    *value = leveldb_get(reading.db, reading.options, key.data, key.len, len, &message);
    leveldb_reading_end(store, &reading);
    if (message != NULL)
        leveldb_error_take(error, message);
    return message == NULL;
}

static void get(struct store *store, struct store_view view, struct slice key,
                const struct hot_ticket *ticket, store_get_fn *done, void *arg)
{
    struct store_error error;
    char *value = NULL;
    size_t len = 0;
    error.status = STATUS_OK;
    if (!read_engine(store, view, key, &value, &len, &error)) {
        done(arg, error.status, slice_of(NULL, 0), &error);
        return;
    }
    if (ticket != NULL && value != NULL)
        hot_keep(store->hot, ticket, key, slice_of(value, len));
    done(arg, value == NULL ? STATUS_NOT_FOUND : STATUS_OK, slice_of(value, len), &error);
    leveldb_free(value);
}

void store_get(struct store *store, struct store_view view, struct slice key, store_get_fn *done,
               void *arg)
{
    static const struct store_error none = {.status = STATUS_OK};
    struct hot_ticket ticket;
    char value[SHELF_LONGEST];
    size_t len;
    if (store->hot == NULL || !is_plain(view))
        get(store, view, key, NULL, done, arg);
    else if (hot_find(store->hot, key, value, &len, &ticket))
        done(arg, STATUS_OK, slice_of(value, len), &none);
    else
        get(store, view, key, &ticket, done, arg);
}

void store_tell_hot(struct store *store, struct store_hot_facts *facts)
{
    *facts = (struct store_hot_facts){0};
    if (store->hot != NULL)
        hot_tell(store->hot, facts);
}

uint64_t leveldb_size(leveldb_t *db, struct slice low, struct slice high)
{
    const char *start = low.data == NULL ? "" : low.data;
    uint64_t bytes = 0;
    if (slice_compare(low, high) >= 0)
        return 0; /* LevelDB would answer with a negative number's bits */
    leveldb_approximate_sizes(db, 1, &start, &low.len, &high.data, &high.len, &bytes);
    return bytes;
}

static bool add_part(leveldb_t *db, const struct range *range, size_t n, uint64_t *bytes)
{
    struct range part;
    if (!range_part(range, n, &part))
        return false;
    *bytes += leveldb_size(db, buffer_slice(&part.low),
                           part.endless ? LEVELDB_BEHIND_ALL : buffer_slice(&part.high));
    range_fini(&part);
    return true;
}

bool store_size(struct store *store, const struct range *range, uint64_t *bytes,
                struct store_error *error)
{
    leveldb_t *db = database_enter(store->database, error);
    if (db == NULL)
        return false;
    bool done = true;
    *bytes = 0;
    for (size_t i = 0; done && i < range_part_count(range); i++)
        done = add_part(db, range, i, bytes);
    database_leave(store->database);
    return done || fail(error, STATUS_MEMORY, status_meaning(STATUS_MEMORY));
}

enum status store_property(struct store *store, struct slice name, struct buffer *out,
                           struct store_error *error)
{
    char text[64]; /* every known name is shorter */
    if (name.len >= sizeof(text) || memchr(name.data, '\0', name.len) != NULL)
        return STATUS_NOT_FOUND;
    memcpy(text, name.data, name.len);
    text[name.len] = '\0';
    leveldb_t *db = database_enter(store->database, error);
    if (db == NULL)
        return error->status;
    char *value = leveldb_property_value(db, text);
    database_leave(store->database);
    if (value == NULL)
        return STATUS_NOT_FOUND;
    buffer_append_string(out, value);
    leveldb_free(value);
    return STATUS_OK;
}

/* Writes ------------------------------------------------------------------ */

struct watcher *store_watch(struct store *store)
{
    return watcher_new(store->watches);
}

void store_commit(struct store *store, struct submission *submission)
{
    committer_take(store->committer, submission);
}

bool store_is_full(struct store *store)
{
    return committer_is_full(store->committer);
}

void store_on_room(struct store *store, store_room_fn *room, void *arg)
{
    committer_on_room(store->committer, room, arg);
}

bool store_is_writable(struct store *store)
{
    return committer_is_writable(store->committer);
}

bool store_is_committing(struct store *store, uint64_t *rounds)
{
    return committer_is_busy(store->committer, rounds);
}
