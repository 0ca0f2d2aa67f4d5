#include "tests/bench/lib/store.h"

#include <dirent.h>
#include <err.h>
#include <fcntl.h>
#include <leveldb/c.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "tests/bench/lib/clock.h"

struct store {
    leveldb_options_t *options;
    leveldb_cache_t *cache;
    leveldb_filterpolicy_t *bloom;
    leveldb_writeoptions_t *unsynced;
    leveldb_t *db;
};

static void check(char *problem)
{
    if (problem)
        errx(1, "LevelDB: %s", problem);
}

struct store *store_open(const char *directory, const char *name)
{
    char path[512];
    char *problem = NULL;
    struct store *store = calloc(1, sizeof(*store));
    if (!store)
        err(1, "store");
    snprintf(path, sizeof(path), "%s/%s", directory, name);
    store->cache = leveldb_cache_create_lru((size_t)64 << 20);
    store->bloom = leveldb_filterpolicy_create_bloom(10);
    store->unsynced = leveldb_writeoptions_create();
    store->options = leveldb_options_create();
    leveldb_options_set_create_if_missing(store->options, 1);
    leveldb_options_set_cache(store->options, store->cache);
    leveldb_options_set_filter_policy(store->options, store->bloom);
    leveldb_options_set_write_buffer_size(store->options, (size_t)16 << 20);
    store->db = leveldb_open(store->options, path, &problem);
    check(problem);
    return store;
}

void store_close(struct store *store)
{
    leveldb_close(store->db);
    leveldb_options_destroy(store->options);
    leveldb_writeoptions_destroy(store->unsynced);
    leveldb_filterpolicy_destroy(store->bloom);
    leveldb_cache_destroy(store->cache);
    free(store);
}

void store_put(struct store *store, const char *key, const char *value)
{
    char *problem = NULL;
    leveldb_put(store->db, store->unsynced, key, strlen(key), value, strlen(value), &problem);
    check(problem);
}

double store_iterate(struct store *store, uint64_t *rows)
{
    leveldb_readoptions_t *options = leveldb_readoptions_create();
    double start = clock_now();
    leveldb_iterator_t *iterator = leveldb_create_iterator(store->db, options);
    size_t bytes = 0;
    *rows = 0;
    for (leveldb_iter_seek_to_first(iterator); leveldb_iter_valid(iterator);
         leveldb_iter_next(iterator)) {
        size_t key_len;
        size_t value_len;
        if (!leveldb_iter_key(iterator, &key_len) || !leveldb_iter_value(iterator, &value_len))
            errx(1, "a row has no bytes");
        bytes += key_len + value_len;
        ++*rows;
    }
    double seconds = clock_now() - start;
    leveldb_iter_destroy(iterator);
    leveldb_readoptions_destroy(options);
    if (bytes == 0)
        errx(1, "the copy of the store is empty");
    return (double)*rows / seconds;
}

void store_copy(const char *directory)
{
    char command[1200];
    struct store *store = store_open(directory, "data");
    leveldb_compact_range(store->db, NULL, 0, NULL, 0);
    store_close(store);
    snprintf(command, sizeof(command), "cp -r '%s/data' '%s/copy'", directory, directory);
    if (system(command) != 0)
        errx(1, "failed: %s", command);
}

double store_bytes(const char *directory, const char *name)
{
    char path[512];
    snprintf(path, sizeof(path), "%s/%s", directory, name);
    DIR *files = opendir(path);
    if (!files)
        err(1, "%s", path);
    double bytes = 0;
    struct stat status;
    /* A file may go while this looks. */
    for (struct dirent *file = readdir(files); file; file = readdir(files))
        if (fstatat(dirfd(files), file->d_name, &status, 0) == 0 && S_ISREG(status.st_mode))
            bytes += (double)status.st_size;
    closedir(files);
    return bytes;
}
