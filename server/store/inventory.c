#include "store/inventory.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/entries.h"
#include "store/filename.h"
#include "store/marker.h"

static bool fail(struct store_error *error, const char *path, const char *name, const char *problem)
{
    error->status = STATUS_IO;
    snprintf(error->text, sizeof(error->text), "%.100s%s%.100s: %s", path,
             name[0] == '\0' ? "" : "/", name, problem);
    return false;
}

static void note_foreign(struct inventory *inventory, const char *name)
{
    char *names = inventory->foreign_names;
    size_t used = strlen(names);
    inventory->rocksdb |= strcmp(name, "IDENTITY") == 0 || strncmp(name, "OPTIONS-", 8) == 0;
    inventory->foreign++;
    if (used + strlen(name) + sizeof(", ") < sizeof(inventory->foreign_names))
        snprintf(names + used, sizeof(inventory->foreign_names) - used, "%s%s",
                 used == 0 ? "" : ", ", name);
    else
        inventory->foreign_cut = true;
}

static void count(struct inventory *inventory, enum filename_kind kind, uint64_t bytes)
{
    inventory->files++;
    inventory->bytes += bytes;
    inventory->current |= kind == FILENAME_CURRENT;
    inventory->lock |= kind == FILENAME_LOCK;
    inventory->manifests += kind == FILENAME_MANIFEST;
    if (kind == FILENAME_TABLE) {
        inventory->tables++;
        inventory->table_bytes += bytes;
    } else if (kind == FILENAME_LOG) {
        inventory->logs++;
        inventory->log_bytes += bytes;
    }
}

static bool is_needed(enum filename_kind kind)
{
    return kind == FILENAME_TABLE || kind == FILENAME_LOG || kind == FILENAME_MANIFEST ||
           kind == FILENAME_CURRENT;
}

static bool take_entry(struct inventory *inventory, int directory, const char *path,
                       const char *name, struct store_error *error)
{
    struct stat about;
    enum filename_kind kind = filename_kind(name);
    if (strcmp(name, marker_name) == 0)
        return true;
    if (kind == FILENAME_FOREIGN) {
        note_foreign(inventory, name);
        return true;
    }
    if (fstatat(directory, name, &about, 0) != 0)
        return errno == ENOENT || fail(error, path, name, strerror(errno));
    if (!S_ISREG(about.st_mode))
        return fail(error, path, name, "is no file, though it is named like one of LevelDB's");
    if (is_needed(kind) && faccessat(directory, name, R_OK, 0) != 0)
        return fail(error, path, name, strerror(errno));
    count(inventory, kind, (uint64_t)about.st_size);
    return true;
}

/* Taking one. */
struct taking {
    struct inventory *inventory;
    const char *path;
    struct store_error *error;
    bool failed;
};

static bool take(void *arg, int directory, const char *name)
{
    struct taking *taking = arg;
    taking->failed = !take_entry(taking->inventory, directory, taking->path, name, taking->error);
    return !taking->failed;
}

bool inventory_take(struct inventory *inventory, const char *path, struct store_error *error)
{
    struct taking taking = {.inventory = inventory, .path = path, .error = error};
    *inventory = (struct inventory){0};
    if (!entries_visit(path, take, &taking))
        return fail(error, path, "", strerror(errno));
    return !taking.failed;
}

bool inventory_is_leveldb(const struct inventory *inventory)
{
    return inventory->tables > 0 || inventory->manifests > 0 ||
           (inventory->lock && (inventory->logs > 0 || inventory->current));
}
