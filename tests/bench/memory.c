/*
 * A scan streams: however large the result is, and however slowly it is read, the daemon should
 * hold a fixed amount of it, and other clients should not wait.
 */
#include "tests/bench/bench.h"

#include <err.h>
#include <leveldb/c.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
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

#define ROWS 262144
#define VALUE_LEN 4096
#define STOP_SECONDS 10
#define MEGABYTE 1e6

/* The other client asks for these few rows over and over, so that what it reads is soon in the
 * block cache and does not count as growth. */
#define HOT_ROWS 256
#define GET_PAUSE 0.001
#define LOOK_PAUSE 0.005

/* What is seen of the daemon while one scan is read. */
struct watch {
    const struct server *server;
    atomic_bool over;
    double before, peak;           /* VmRSS in bytes */
    double anon_before, anon_peak; /* the part that no file backs: RssAnon */
    struct samples gets;           /* seconds for each GET of the other client */
};

/* Letters of which LevelDB's compression saves half, as it does with much text: blocks that are not
 * compressed never enter its cache, and would hide what a scan does to that. */
static void fill_value(char *value, uint64_t *state)
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < VALUE_LEN / 2; i++) {
        *state = *state * 6364136223846793005U + 1442695040888963407U;
        value[i] = letters[*state >> 58];
    }
    memcpy(value + VALUE_LEN / 2, value, VALUE_LEN / 2);
}

static void check(char *problem)
{
    if (problem)
        errx(1, "LevelDB: %s", problem);
}

/* Writes the rows without the daemon: quicker, and a directory that was there before is served. */
static void write_rows(const char *directory)
{
    char path[512];
    snprintf(path, sizeof(path), "%s/data", directory);
    leveldb_options_t *options = leveldb_options_create();
    leveldb_options_set_create_if_missing(options, 1);
    leveldb_options_set_write_buffer_size(options, (size_t)16 << 20);
    char *problem = NULL;
    leveldb_t *db = leveldb_open(options, path, &problem);
    check(problem);
    leveldb_writeoptions_t *unsynced = leveldb_writeoptions_create();
    uint64_t state = 1;
    for (unsigned row = 0; row < ROWS; row++) {
        char key[32];
        char value[VALUE_LEN];
        int len = snprintf(key, sizeof(key), "row:%08u", row);
        fill_value(value, &state);
        leveldb_put(db, unsynced, key, (size_t)len, value, VALUE_LEN, &problem);
        check(problem);
    }
    leveldb_writeoptions_destroy(unsynced);
    leveldb_close(db);
    leveldb_options_destroy(options);
}

static void *watch_memory(void *arg)
{
    struct watch *watch = arg;
    while (!watch->over) {
        double all = server_memory(watch->server, "VmRSS");
        double anon = server_memory(watch->server, "RssAnon");
        watch->peak = all > watch->peak ? all : watch->peak;
        watch->anon_peak = anon > watch->anon_peak ? anon : watch->anon_peak;
        clock_pause(LOOK_PAUSE);
    }
    return NULL;
}

static void get(struct client *client, unsigned row)
{
    char request[32];
    snprintf(request, sizeof(request), "GET row:%08u\n", row);
    client_ask(client, request, "OK \"");
}

static void *get_rows(void *arg)
{
    struct watch *watch = arg;
    struct client *client = client_open(watch->server->port);
    for (unsigned i = 0; !watch->over; i++) {
        double start = clock_now();
        get(client, i % HOT_ROWS);
        samples_add(&watch->gets, clock_now() - start);
        clock_pause(GET_PAUSE);
    }
    client_close(client);
    return NULL;
}

/* Reads a whole scan, stopping for so long in the middle; the seconds that it read. */
static double read_scan(int port, double stop)
{
    static char bytes[256 * 1024];
    struct client *client = client_open(port);
    size_t total = 0;
    double start = clock_now();
    double stopped = 0;
    client_send(client, "SCAN row:\nQUIT\n");
    for (;;) {
        ssize_t got = recv(client->fd, bytes, sizeof(bytes), 0);
        if (got < 0)
            err(1, "recv");
        if (got == 0)
            break;
        total += (size_t)got;
        if (stop > 0 && stopped == 0 && total > (size_t)ROWS * VALUE_LEN / 2) {
            clock_pause(stop);
            stopped = stop;
        }
    }
    if (total < (size_t)ROWS * VALUE_LEN)
        errx(1, "the scan was cut off after %zu bytes", total);
    client_close(client);
    return clock_now() - start - stopped;
}

static void measure_scan(const struct server *server, double stop, const char *title)
{
    struct watch watch = {.server = server};
    pthread_t looker;
    pthread_t getter;
    watch.before = watch.peak = server_memory(server, "VmRSS");
    watch.anon_before = watch.anon_peak = server_memory(server, "RssAnon");
    if (pthread_create(&looker, NULL, watch_memory, &watch) != 0 ||
        pthread_create(&getter, NULL, get_rows, &watch) != 0)
        errx(1, "pthread_create");
    double seconds = read_scan(server->port, stop);
    watch.over = true;
    pthread_join(looker, NULL);
    pthread_join(getter, NULL);

    printf("  -- %s\n", title);
    table_at_most("growth of VmRSS", (watch.peak - watch.before) / MEGABYTE, 8, "MB");
    table_figure("  of it not backed by table files (RssAnon)",
                 (watch.anon_peak - watch.anon_before) / MEGABYTE, "MB");
    table_figure("GET of another client, median", samples_median(&watch.gets) * 1e3, "ms");
    table_at_most("GET of another client, 99th percentile",
                  samples_percentile(&watch.gets, 99) * 1e3, 5, "ms");
    table_figure("GET of another client, slowest", samples_percentile(&watch.gets, 100) * 1e3,
                 "ms");
    table_figure("scan", (double)ROWS * VALUE_LEN / MEGABYTE / seconds, "MB/s");
    samples_fini(&watch.gets);
}

void memory_measure(const char *directory)
{
    struct server server;
    write_rows(directory);
    server_start(&server, directory);
    struct client *client = client_open(server.port);
    for (unsigned row = 0; row < HOT_ROWS; row++)
        get(client, row);
    client_close(client);
    table_title("memory: the daemon while a scan of 1 GB is read",
                "262,144 rows of 4 KiB; another client GETs a row every millisecond");
    measure_scan(&server, 0, "the first scan: LevelDB reads and keeps each table's index");
    measure_scan(&server, 0, "another scan, read without a pause");
    measure_scan(&server, STOP_SECONDS, "a reader that stops for ten seconds in the middle");
    server_stop(&server);
    stalls_measure(directory);
}
