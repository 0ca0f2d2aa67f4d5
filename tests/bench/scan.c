/*
 * A scan through the daemon, a socket and netcat, beside what LevelDB's iterator does in one
 * process over a copy of the same directory.
 */
#include "tests/bench/bench.h"

#include <err.h>
#include <leveldb/c.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "tests/bench/lib/client.h"
#include "tests/bench/lib/clock.h"
#include "tests/bench/lib/samples.h"
#include "tests/bench/lib/server.h"
#include "tests/bench/lib/table.h"

#define ROUNDS 21
#define FIRST_BYTES 5 /* looks at the first byte in each round */

/* What the rounds measured. A ratio is taken within one round, because the machine's own pace may
 * change from one round to the next. */
struct scan {
    uint64_t rows;
    struct samples first_byte; /* seconds */
    struct samples netcat;     /* rows a second */
    struct samples socket;
    struct samples iterator;
    struct samples netcat_ratio; /* to the iterator of the same round */
    struct samples socket_ratio;
};

/* The daemon's own sizes, so that both read with the same means. */
struct store {
    leveldb_options_t *options;
    leveldb_cache_t *cache;
    leveldb_filterpolicy_t *bloom;
    leveldb_t *db;
};

static void store_open(struct store *store, const char *path)
{
    store->cache = leveldb_cache_create_lru((size_t)64 << 20);
    store->bloom = leveldb_filterpolicy_create_bloom(10);
    store->options = leveldb_options_create();
    leveldb_options_set_cache(store->options, store->cache);
    leveldb_options_set_filter_policy(store->options, store->bloom);
    leveldb_options_set_write_buffer_size(store->options, (size_t)16 << 20);
    char *problem = NULL;
    store->db = leveldb_open(store->options, path, &problem);
    if (problem)
        errx(1, "%s: %s", path, problem);
}

static void store_close(struct store *store)
{
    leveldb_close(store->db);
    leveldb_options_destroy(store->options);
    leveldb_filterpolicy_destroy(store->bloom);
    leveldb_cache_destroy(store->cache);
}

/* Rows a second of an iterator that looks at every key and value. */
static double iterate(struct store *store, uint64_t *rows)
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

/* Seconds from sending the request to the first byte of the reply; the rest is not read. */
static double first_byte(int port)
{
    struct client *client = client_open(port);
    client_ask(client, "PING\n", "OK");
    char byte;
    double start = clock_now();
    client_send(client, "SCAN pkg:\n");
    if (recv(client->fd, &byte, 1, 0) != 1 || byte != '"')
        errx(1, "the scan has no first byte");
    double seconds = clock_now() - start;
    client_close(client);
    return seconds;
}

/* Rows a second that a program reads which does nothing with them. */
static double read_socket(int port, uint64_t rows)
{
    static char bytes[256 * 1024];
    struct client *client = client_open(port);
    uint64_t lines = 0;
    double start = clock_now();
    client_send(client, "SCAN pkg:\nQUIT\n");
    ssize_t got;
    while ((got = recv(client->fd, bytes, sizeof(bytes), 0)) > 0) {
        const char *end = bytes + got;
        for (char *at = bytes; (at = memchr(at, '\n', (size_t)(end - at))); at++)
            lines++;
    }
    double seconds = clock_now() - start;
    client_close(client);
    if (lines != rows + 2)
        errx(1, "the socket gave %ju lines for %ju rows", (uintmax_t)lines, (uintmax_t)rows);
    return (double)rows / seconds;
}

static FILE *open_pipe(const char *command)
{
    FILE *pipe = popen(command, "r");
    if (!pipe)
        err(1, "popen");
    return pipe;
}

/* Rows a second of `nc -N | wc -l`, from its start to its end. */
static double read_netcat(int port, uint64_t rows)
{
    char command[128];
    char count[32] = "";
    snprintf(command, sizeof(command), "echo 'SCAN pkg:' | nc.openbsd -N 127.0.0.1 %d | wc -l",
             port);
    double start = clock_now();
    FILE *pipe = open_pipe(command);
    if (!fgets(count, sizeof(count), pipe))
        errx(1, "wc printed nothing");
    double seconds = clock_now() - start;
    pclose(pipe);
    if (strtoull(count, NULL, 10) != rows + 1)
        errx(1, "netcat gave %s lines for %ju rows", count, (uintmax_t)rows);
    return (double)rows / seconds;
}

static void shell(const char *command)
{
    if (system(command) != 0)
        errx(1, "failed: %s", command);
}

/* Puts the tab-separated rows of the file $ROWS into the daemon, through netcat. */
static void load_rows(int port)
{
    char command[256];
    snprintf(command, sizeof(command),
             "sed 's/^/PUT \"/; s/\\t/\" \"/; s/$/\"/' \"$ROWS\" | nc.openbsd -N 127.0.0.1 %d | "
             "{ ! grep -v '^OK$'; }",
             port);
    shell(command);
}

/* Compacts the data while nobody serves them: otherwise the daemon and the copy would each be at
 * some point of their own compaction, and the one with fewer levels to merge would win. */
static void compact_data(const char *directory)
{
    char path[512];
    struct store store;
    snprintf(path, sizeof(path), "%s/data", directory);
    store_open(&store, path);
    leveldb_compact_range(store.db, NULL, 0, NULL, 0);
    store_close(&store);
}

static void copy_data(const char *directory)
{
    char command[1200];
    snprintf(command, sizeof(command), "cp -r '%s/data' '%s/copy'", directory, directory);
    shell(command);
}

static void print(struct scan *scan)
{
    table_title("scan: every field of every package of the Debian catalogue",
                "medians of 21 interleaved rounds; ratios within each round");
    table_figure("rows", (double)scan->rows, "");
    table_at_most("first byte after the request, median", samples_median(&scan->first_byte) * 1e3,
                  2, "ms");
    table_figure("first byte after the request, slowest",
                 samples_percentile(&scan->first_byte, 100) * 1e3, "ms");
    table_figure("in one process, LevelDB's iterator", samples_median(&scan->iterator), "rows/s");
    table_figure("nc -N | wc -l", samples_median(&scan->netcat), "rows/s");
    table_at_least("nc -N | wc -l, to the iterator", samples_median(&scan->netcat_ratio), 0.5, "");
    table_figure("a reader of the socket", samples_median(&scan->socket), "rows/s");
    table_figure("a reader of the socket, to the iterator", samples_median(&scan->socket_ratio),
                 "");
}

static void measure_round(struct scan *scan, struct store *store, int port)
{
    for (int i = 0; i < FIRST_BYTES; i++)
        samples_add(&scan->first_byte, first_byte(port));
    double iterator = iterate(store, &scan->rows);
    double netcat = read_netcat(port, scan->rows);
    double socket = read_socket(port, scan->rows);
    samples_add(&scan->iterator, iterator);
    samples_add(&scan->netcat, netcat);
    samples_add(&scan->socket, socket);
    samples_add(&scan->netcat_ratio, netcat / iterator);
    samples_add(&scan->socket_ratio, socket / iterator);
}

static void scan_fini(struct scan *scan)
{
    samples_fini(&scan->first_byte);
    samples_fini(&scan->netcat);
    samples_fini(&scan->socket);
    samples_fini(&scan->iterator);
    samples_fini(&scan->netcat_ratio);
    samples_fini(&scan->socket_ratio);
}

void scan_measure(const char *directory)
{
    char copy[512];
    snprintf(copy, sizeof(copy), "%s/copy", directory);
    struct server server;
    struct store store;
    struct scan scan = {0};
    /* Stopped for the copy, which thus holds the same files as the daemon reads. */
    server_start(&server, directory);
    load_rows(server.port);
    server_stop(&server);
    compact_data(directory);
    copy_data(directory);
    server_start(&server, directory);
    store_open(&store, copy);
    for (int round = 0; round < ROUNDS; round++)
        measure_round(&scan, &store, server.port);
    store_close(&store);
    server_stop(&server);
    print(&scan);
    scan_fini(&scan);
}
