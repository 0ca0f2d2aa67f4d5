/*
 * The store on LevelDB: opening, single reads, and the committer's engine. Views and snapshots are
 * in leveldb_view.c, scans in leveldb_scan.c, compactions in leveldb_compact.c; nothing else calls
 * LevelDB.
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
#include "store/barrier.h"
#include "store/directory.h"
#include "store/recovery.h"

/* Errors ----------------------------------------------------------------- */

/* The C interface has messages and no codes; these are the heads of leveldb::Status::ToString. */
static enum status classify(const char *message)
{
    if (strncmp(message, "Corruption:", strlen("Corruption:")) == 0)
        return STATUS_CORRUPT;
    if (strncmp(message, "Invalid argument:", strlen("Invalid argument:")) == 0)
        return STATUS_BADARG;
    return STATUS_IO;
}

void leveldb_take_message(struct store_error *error, char *message)
{
    error->status = classify(message);
    snprintf(error->text, sizeof(error->text), "%s", message);
    leveldb_free(message);
}

static bool fail(struct store_error *error, enum status status, const char *text)
{
    error->status = status;
    snprintf(error->text, sizeof(error->text), "%s", text);
    return false;
}

/* The committer's engine -------------------------------------------------- */

static bool engine_look(void *engine, struct slice key, bool *present, struct buffer *value,
                        struct store_error *error)
{
    struct store *store = engine;
    char *message = NULL;
    size_t len = 0;
    char *found = leveldb_get(store->db, store->now.ways[0], key.data, key.len, &len, &message);
    if (message != NULL) {
        leveldb_take_message(error, message);
        return false;
    }
    *present = found != NULL;
    buffer_append(value, found, len);
    leveldb_free(found);
    return true;
}

static void engine_put(void *engine, struct slice key, struct slice value)
{
    struct store *store = engine;
    leveldb_writebatch_put(store->batch, key.data, key.len, value.data, value.len);
}

static void engine_del(void *engine, struct slice key)
{
    struct store *store = engine;
    leveldb_writebatch_delete(store->batch, key.data, key.len);
}

static bool write_batch(struct store *store, const leveldb_writeoptions_t *options,
                        struct store_error *error)
{
    char *message = NULL;
    leveldb_write(store->db, options, store->batch, &message);
    leveldb_writebatch_clear(store->batch);
    if (message == NULL)
        return true;
    leveldb_take_message(error, message);
    return false;
}

/* Even an empty batch is written: LevelDB appends and syncs it like any other, and fails it when
 * something failed behind our back, such as the making of a table. */
static bool engine_write(void *engine, bool barrier, struct store_error *error)
{
    struct store *store = engine;
    if (!barrier)
        return write_batch(store, store->write, error);
    if (!barrier_sync_logs(store->path, error)) {
        leveldb_writebatch_clear(store->batch);
        return false;
    }
    return write_batch(store, store->write_synced, error) && barrier_sync_names(store->path, error);
}

static void engine_wrote(void *engine, const struct submission *submission, size_t first,
                         size_t end)
{
    struct store *store = engine;
    watches_touch(store->watches, submission, first, end);
    if (store->feed != NULL)
        feed_append(store->feed, submission, first, end);
}

/* Open and close ---------------------------------------------------------- */

static void set_options(struct store *store, const struct store_options *wanted)
{
    store->cache = leveldb_cache_create_lru(wanted->cache);
    store->filter = leveldb_make_filter(wanted);
    store->options = leveldb_make_options(wanted, store->cache, store->filter);

    store->cache_bytes = wanted->cache;
    store->write = leveldb_writeoptions_create();
    leveldb_writeoptions_set_sync(store->write, wanted->sync);
    store->write_synced = leveldb_writeoptions_create();
    leveldb_writeoptions_set_sync(store->write_synced, 1);
    store->batch = leveldb_writebatch_create();
}

/* Frees what is there, in the order that LevelDB needs: the database before what it uses. */
static void release(struct store *store)
{
    if (store->maintenance != NULL)
        maintenance_free(store->maintenance);
    leveldb_views_close(store);
    if (store->db != NULL)
        leveldb_close(store->db);
    leveldb_writebatch_destroy(store->batch);
    leveldb_writeoptions_destroy(store->write_synced);
    leveldb_writeoptions_destroy(store->write);
    leveldb_options_destroy(store->options);
    if (store->filter != NULL)
        leveldb_filterpolicy_destroy(store->filter);
    leveldb_cache_destroy(store->cache);
    free(store->path);
    feed_free(store->feed);
    watches_free(store->watches);
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

static bool start(struct store *store, const struct store_options *wanted,
                  struct store_error *error)
{
    const char *path = wanted->path;
    char *message = NULL;
    store->path = strdup(path);
    if (store->path == NULL)
        return fail(error, STATUS_MEMORY, status_meaning(STATUS_MEMORY));
    if (!check(wanted, error))
        return false;
    store->db = leveldb_open(store->options, path, &message);
    if (message != NULL) {
        error->status = classify(message);
        snprintf(error->text, sizeof(error->text), "%.100s: %.160s%s", path, message,
                 error->status == STATUS_CORRUPT ? "; leveretd --repair may make it whole" : "");
        leveldb_free(message);
        return false;
    }
    if (!directory_sync(path)) {
        error->status = STATUS_IO;
        snprintf(error->text, sizeof(error->text), "%.100s: %s", path, strerror(errno));
        return false;
    }
    if (!leveldb_views_open(store, wanted->max_snapshots))
        return fail(error, STATUS_MEMORY, status_meaning(STATUS_MEMORY));
    store->maintenance = leveldb_start_maintenance(store);
    if (store->maintenance == NULL)
        return fail(error, STATUS_MEMORY, "cannot start the maintenance thread");
    store->committer = committer_new(&(struct committer_engine){
        .look = engine_look,
        .put = engine_put,
        .del = engine_del,
        .write = engine_write,
        .wrote = engine_wrote,
        .engine = store,
    });
    return store->committer != NULL || fail(error, STATUS_MEMORY, "cannot start the committer");
}

bool store_open(struct store **out, const struct store_options *options, struct store_error *error)
{
    if (!directory_check(options, error) || !make_directory(options->path, error))
        return false;
    struct store *store = calloc(1, sizeof(*store));
    if (store == NULL)
        return fail(error, STATUS_MEMORY, status_meaning(STATUS_MEMORY));
    set_options(store, options);
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
    maintenance_free(store->maintenance); /* it asks the committer */
    store->maintenance = NULL;
    committer_free(store->committer);
    release(store);
}

/* Reads ------------------------------------------------------------------- */

void store_get(struct store *store, struct store_view view, struct slice key, store_get_fn *done,
               void *arg)
{
    char *message = NULL;
    struct store_error error = {.status = STATUS_OK};
    struct leveldb_reading reading;
    size_t len = 0;
    if (!leveldb_reading_begin(store, view, &reading)) {
        fail(&error, STATUS_SNAPSHOT, status_meaning(STATUS_SNAPSHOT));
        done(arg, error.status, slice_of(NULL, 0), &error);
        return;
    }
    char *value = leveldb_get(store->db, reading.options, key.data, key.len, &len, &message);
    leveldb_reading_end(store, &reading);
    if (message != NULL) {
        leveldb_take_message(&error, message);
        done(arg, error.status, slice_of(NULL, 0), &error);
        return;
    }
    done(arg, value == NULL ? STATUS_NOT_FOUND : STATUS_OK, slice_of(value, len), &error);
    leveldb_free(value);
}

uint64_t leveldb_size(struct store *store, struct slice low, struct slice high)
{
    const char *start = low.data == NULL ? "" : low.data;
    uint64_t bytes = 0;
    if (slice_compare(low, high) >= 0)
        return 0; /* LevelDB would answer with a negative number's bits */
    leveldb_approximate_sizes(store->db, 1, &start, &low.len, &high.data, &high.len, &bytes);
    return bytes;
}

uint64_t store_size(struct store *store, const struct range *range)
{
    return leveldb_size(store, buffer_slice(&range->low),
                        range->endless ? LEVELDB_BEHIND_ALL : buffer_slice(&range->high));
}

bool store_property(struct store *store, struct slice name, struct buffer *out)
{
    char text[64]; /* every known name is shorter */
    if (name.len >= sizeof(text) || memchr(name.data, '\0', name.len) != NULL)
        return false;
    memcpy(text, name.data, name.len);
    text[name.len] = '\0';
    char *value = leveldb_property_value(store->db, text);
    if (value == NULL)
        return false;
    buffer_append_string(out, value);
    leveldb_free(value);
    return true;
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
