#include "store/repair.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "store/directory.h"
#include "store/leveldb.h"
#include "store/marker.h"
#include "store/salvage.h"

/* A name for what goes wrong: LevelDB's messages name files, but not what was tried. */
static bool fail(struct store_error *error, enum status status, const char *path,
                 const char *problem)
{
    error->status = status;
    snprintf(error->text, sizeof(error->text), "%.100s: %.200s", path, problem);
    return false;
}

static bool check_message(char *message, const char *path, struct store_error *error)
{
    if (message == NULL)
        return true;
    fail(error, STATUS_CORRUPT, path, message);
    leveldb_free(message);
    return false;
}

/* LevelDB's repair drops, without a word, what it finds no space to write. Logs become tables while
 * they stay, and then all tables are written anew. */
static bool has_space(const char *path, const struct inventory *inventory,
                      struct store_error *error)
{
    char problem[160];
    struct statvfs disk;
    uint64_t needed = inventory->table_bytes + 2 * inventory->log_bytes;
    if (statvfs(path, &disk) != 0)
        return fail(error, STATUS_IO, path, strerror(errno));
    uint64_t free_bytes = (uint64_t)disk.f_bavail * disk.f_frsize;
    if (free_bytes >= needed)
        return true;
    snprintf(problem, sizeof(problem), "a repair needs %llu bytes of free space; there are %llu",
             (unsigned long long)needed, (unsigned long long)free_bytes);
    return fail(error, STATUS_IO, path, problem);
}

static bool is_ordered(leveldb_t *db)
{
    char *unordered = leveldb_property_value(db, "leveldb.num-files-at-level0");
    bool ordered = unordered != NULL && strcmp(unordered, "0") == 0;
    leveldb_free(unordered);
    return ordered;
}

/*
 * LevelDB's repair puts every table into level 0, and a read there takes the newest file for the
 * newest value. That is wrong for tables that compaction made, newer than what they hold: GET would
 * find an older value than SCAN. A compaction of everything goes by the sequence numbers in the
 * tables and makes it right.
 */
static bool settle(const leveldb_options_t *options, const char *path, struct store_error *error)
{
    char *message = NULL;
    leveldb_t *db = leveldb_open(options, path, &message);
    if (!check_message(message, path, error))
        return false;
    leveldb_compact_range(db, NULL, 0, NULL, 0);
    bool ordered = is_ordered(db);
    leveldb_close(db);
    return ordered || fail(error, STATUS_IO, path,
                           "the repaired tables could not be put in order; its file LOG says why. "
                           "Do not serve it before another --repair succeeded");
}

static bool rebuild(const leveldb_options_t *options, const char *path, struct repair *repair,
                    struct store_error *error)
{
    char *message = NULL;
    struct inventory inventory;
    leveldb_repair_db(options, path, &message);
    if (!check_message(message, path, error) || !inventory_take(&inventory, path, error))
        return false;
    repair->tables = inventory.tables;
    repair->bytes = inventory.table_bytes;
    return settle(options, path, error);
}

/* What was set aside: at least a manifest, unless it was missing. */
static bool look_at_lost(const char *path, struct inventory *lost, struct store_error *error)
{
    char directory[PATH_MAX];
    *lost = (struct inventory){0};
    if (snprintf(directory, sizeof(directory), "%s/lost", path) >= (int)sizeof(directory) ||
        access(directory, F_OK) != 0)
        return true;
    return inventory_take(lost, directory, error);
}

static bool mark(const char *path, struct store_error *error)
{
    return marker_set(path) || fail(error, STATUS_IO, path, strerror(errno));
}

/* All is on disk before the mark goes. */
static bool unmark(const char *path, struct store_error *error)
{
    return (directory_sync(path) && marker_remove(path)) ||
           fail(error, STATUS_IO, path, strerror(errno));
}

/* LevelDB's repair does not lock, so this does; opening then locks once more, and closing unlocks
 * both. Nothing in between may touch the file LOCK. */
static bool repair_locked(const struct store_options *wanted, struct repair *repair,
                          struct store_error *error)
{
    leveldb_cache_t *cache = leveldb_cache_create_lru(wanted->cache);
    leveldb_filterpolicy_t *filter = leveldb_make_filter(wanted);
    leveldb_options_t *options = leveldb_make_options(wanted, cache, filter);
    leveldb_options_set_create_if_missing(options, 0);
    leveldb_options_set_error_if_exists(options, 0);
    leveldb_options_set_paranoid_checks(options, 1); /* else it keeps blocks with wrong checksums */
    bool repaired = mark(wanted->path, error) &&
                    salvage_logs(wanted->path, &repair->damaged_logs, error) &&
                    rebuild(options, wanted->path, repair, error);
    leveldb_options_destroy(options);
    if (filter != NULL)
        leveldb_filterpolicy_destroy(filter);
    leveldb_cache_destroy(cache);
    return repaired;
}

bool repair_run(const struct store_options *options, struct repair *repair,
                struct store_error *error)
{
    const char *path = options->path;
    struct inventory before;
    if (!directory_check_offline(path, &before, error) || !has_space(path, &before, error))
        return false;
    int lock = directory_lock(path, error);
    if (lock < 0)
        return false;
    bool repaired = repair_locked(options, repair, error) &&
                    look_at_lost(path, &repair->lost, error) && unmark(path, error);
    close(lock);
    return repaired;
}
