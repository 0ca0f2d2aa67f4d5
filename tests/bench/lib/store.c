#include "tests/bench/lib/store.h"

#include <dirent.h>
#include <err.h>
#include <fcntl.h>
#include <leveldb/c.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "tests/bench/lib/client.h"
#include "tests/bench/lib/clock.h"

struct store {
    leveldb_options_t *options;
    leveldb_cache_t *cache;
    leveldb_filterpolicy_t *bloom;
    leveldb_writeoptions_t *unsynced;
    leveldb_writeoptions_t *synced;
    leveldb_readoptions_t *reading;
    leveldb_writebatch_t *batch;
    leveldb_t *db;
};

/* As in the daemon's INFO store. */
static struct {
    size_t cache;
    size_t write_buffer;
    size_t block_size;
    size_t max_file_size;
    int bloom_bits;
    int max_open_files;
    int block_restart_interval;
    bool compression;
    bool paranoid_checks;
} means = {.cache = (size_t)96 << 20,
           .write_buffer = (size_t)16 << 20,
           .block_size = 4096,
           .max_file_size = (size_t)2 << 20,
           .bloom_bits = 10,
           .max_open_files = 1000,
           .block_restart_interval = 16,
           .compression = true};

static void check(char *problem)
{
    if (problem)
        errx(1, "LevelDB: %s", problem);
}

void store_adopt(int port)
{
    char word[16];
    struct client *client = client_open(port);
    means.cache = client_info(client, "cache");
    means.write_buffer = client_info(client, "write_buffer");
    means.block_size = client_info(client, "block_size");
    means.max_file_size = client_info(client, "max_file_size");
    means.bloom_bits = (int)client_info(client, "bloom_bits");
    means.max_open_files = (int)client_info(client, "max_open_files");
    means.block_restart_interval = (int)client_info(client, "block_restart_interval");
    client_fact(client, "compression", word, sizeof(word));
    means.compression = strcmp(word, "snappy") == 0;
    client_fact(client, "paranoid_checks", word, sizeof(word));
    means.paranoid_checks = strcmp(word, "yes") == 0;
    client_close(client);
}

static leveldb_options_t *make_options(leveldb_cache_t *cache, leveldb_filterpolicy_t *bloom)
{
    leveldb_options_t *options = leveldb_options_create();
    leveldb_options_set_create_if_missing(options, 1);
    leveldb_options_set_cache(options, cache);
    leveldb_options_set_filter_policy(options, bloom);
    leveldb_options_set_write_buffer_size(options, means.write_buffer);
    leveldb_options_set_block_size(options, means.block_size);
    leveldb_options_set_max_file_size(options, means.max_file_size);
    leveldb_options_set_max_open_files(options, means.max_open_files);
    leveldb_options_set_block_restart_interval(options, means.block_restart_interval);
    leveldb_options_set_compression(options, means.compression ? leveldb_snappy_compression
                                                               : leveldb_no_compression);
    leveldb_options_set_paranoid_checks(options, means.paranoid_checks);
    return options;
}

struct store *store_open(const char *directory, const char *name)
{
    char path[512];
    char *problem = NULL;
    struct store *store = calloc(1, sizeof(*store));
    if (!store)
        err(1, "store");
    snprintf(path, sizeof(path), "%s/%s", directory, name);
    store->cache = leveldb_cache_create_lru(means.cache);
    store->bloom = means.bloom_bits ? leveldb_filterpolicy_create_bloom(means.bloom_bits) : NULL;
    store->options = make_options(store->cache, store->bloom);
    store->unsynced = leveldb_writeoptions_create();
    store->synced = leveldb_writeoptions_create();
    leveldb_writeoptions_set_sync(store->synced, 1);
    store->reading = leveldb_readoptions_create();
    /* A daemon that is paranoid holds whatever it reads against its checksums. */
    leveldb_readoptions_set_verify_checksums(store->reading, means.paranoid_checks);
    store->batch = leveldb_writebatch_create();
    store->db = leveldb_open(store->options, path, &problem);
    check(problem);
    return store;
}

void store_close(struct store *store)
{
    leveldb_close(store->db);
    leveldb_options_destroy(store->options);
    leveldb_writebatch_destroy(store->batch);
    leveldb_readoptions_destroy(store->reading);
    leveldb_writeoptions_destroy(store->unsynced);
    leveldb_writeoptions_destroy(store->synced);
    if (store->bloom)
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

size_t store_get(struct store *store, const char *key, size_t len)
{
    size_t value_len = 0;
    char *problem = NULL;
    char *value = leveldb_get(store->db, store->reading, key, len, &value_len, &problem);
    check(problem);
    if (!value)
        errx(1, "no row %.*s", (int)len, key);
    leveldb_free(value);
    return value_len;
}

void store_gather(struct store *store, const char *key, size_t key_len, const char *value,
                  size_t value_len)
{
    leveldb_writebatch_put(store->batch, key, key_len, value, value_len);
}

void store_write(struct store *store, bool synced)
{
    char *problem = NULL;
    leveldb_write(store->db, synced ? store->synced : store->unsynced, store->batch, &problem);
    check(problem);
    leveldb_writebatch_clear(store->batch);
}

void store_compact(struct store *store)
{
    leveldb_compact_range(store->db, NULL, 0, NULL, 0);
}

double store_iterate(struct store *store, uint64_t *rows)
{
    double start = clock_now();
    leveldb_iterator_t *iterator = leveldb_create_iterator(store->db, store->reading);
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
    if (bytes == 0)
        errx(1, "the copy of the store is empty");
    return (double)*rows / seconds;
}

void store_copy(const char *directory)
{
    char command[1200];
    struct store *store = store_open(directory, "data");
    store_compact(store);
    store_close(store);
    snprintf(command, sizeof(command), "cp -r '%s/data' '%s/copy'", directory, directory);
    if (system(command) != 0)
        errx(1, "failed: %s", command);
}

void store_clone(const char *from, const char *to)
{
    char command[1200];
    snprintf(command, sizeof(command), "mkdir -p '%s' && cp -r '%s/data' '%s/data'", to, from, to);
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
