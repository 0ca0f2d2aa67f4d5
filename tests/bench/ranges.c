/*
 * What is done with a range without reading it aloud: LIST should cost a seek for each child
 * however many keys lie inside it, COUNT little more than an iterator in one process, and DELPREFIX
 * should leave nothing on disk.
 */
#include "tests/bench/bench.h"

#include <err.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "tests/bench/lib/client.h"
#include "tests/bench/lib/clock.h"
#include "tests/bench/lib/samples.h"
#include "tests/bench/lib/server.h"
#include "tests/bench/lib/store.h"
#include "tests/bench/lib/table.h"

#define BOOKS 1000000
#define ROUNDS 15
#define LISTS 20 /* in each round */

static const char *const genres[] = {"fantasy", "history", "poetry", "science", "travel"};

#define GENRES ((int)(sizeof(genres) / sizeof(genres[0])))

/* What the rounds measured; ratios are taken within one round. */
struct ranges {
    struct samples list;     /* seconds */
    struct samples count;    /* rows a second */
    struct samples iterator; /* likewise */
    struct samples ratio;
    double deleted; /* rows a second, from the request to the end of the reply */
    double bytes;   /* of all files before it */
    double left;    /* and after */
};

/* Titles of words, so that they compress as text does. */
static void fill_title(char *title, size_t size, uint64_t *state)
{
    static const char *const words[] = {"the",   "name",  "of",    "wind", "a",
                                        "river", "long",  "light", "and",  "house",
                                        "night", "songs", "under", "glass"};
    size_t len = 0;
    for (int i = 0; i < 6; i++) {
        *state = *state * 6364136223846793005U + 1442695040888963407U;
        len += (size_t)snprintf(title + len, size - len, "%s ", words[(*state >> 33) % 14]);
    }
    snprintf(title + len, size - len, "%" PRIu64, *state % 10000);
}

/* Written without the daemon, which is quicker; compacted, as a store is that has had time. */
static void write_books(const char *directory)
{
    struct store *store = store_open(directory, "data");
    uint64_t state = 1;
    for (int i = 0; i < BOOKS; i++) {
        char key[64];
        char title[128];
        snprintf(key, sizeof(key), "book:%s:97800%08d:title", genres[i % GENRES], i);
        fill_title(title, sizeof(title), &state);
        store_put(store, key, title);
    }
    store_close(store);
}

/* Seconds from the request to the end of the reply. */
static double list(struct client *client)
{
    char ending[32];
    double start = clock_now();
    client_send(client, "LIST book:\n");
    for (int i = 0; i < GENRES; i++)
        if (client_line(client)[0] != '"')
            errx(1, "LIST gave %d genres", i);
    snprintf(ending, sizeof(ending), "OK %d", GENRES);
    char *line = client_line(client);
    double seconds = clock_now() - start;
    if (strcmp(line, ending) != 0)
        errx(1, "LIST ended with %s", line);
    return seconds;
}

/* Rows a second. */
static double count(struct client *client)
{
    char ending[32];
    snprintf(ending, sizeof(ending), "OK %d", BOOKS);
    double start = clock_now();
    client_ask(client, "COUNT book:\n", ending);
    return BOOKS / (clock_now() - start);
}

static void measure_round(struct ranges *ranges, struct client *client, struct store *copy)
{
    uint64_t rows = 0;
    for (int i = 0; i < LISTS; i++)
        samples_add(&ranges->list, list(client));
    double iterator = store_iterate(copy, &rows);
    double counted = count(client);
    samples_add(&ranges->iterator, iterator);
    samples_add(&ranges->count, counted);
    samples_add(&ranges->ratio, counted / iterator);
}

/* Deletes all books: in steps, each acknowledged after its fdatasync, and compacts. */
static void delete (struct ranges *ranges, struct client *client, const char *directory)
{
    char ending[32];
    snprintf(ending, sizeof(ending), "OK %d", BOOKS);
    ranges->bytes = store_bytes(directory, "data");
    double start = clock_now();
    client_send(client, "DELPREFIX book:\n");
    const char *line = client_line(client);
    while (line[0] == '#')
        line = client_line(client);
    if (strcmp(line, ending) != 0)
        errx(1, "DELPREFIX ended with %s", line);
    ranges->deleted = BOOKS / (clock_now() - start);
    ranges->left = store_bytes(directory, "data");
}

static void print(struct ranges *ranges)
{
    table_title("ranges: a million books in five genres",
                "medians of 15 interleaved rounds; ratios within each round");
    table_at_most("LIST of the genres, median", samples_median(&ranges->list) * 1e3, 5, "ms");
    table_at_most("LIST of the genres, slowest", samples_percentile(&ranges->list, 100) * 1e3, 5,
                  "ms");
    table_figure("COUNT of a million", BOOKS / samples_median(&ranges->count) * 1e3, "ms");
    table_figure("COUNT", samples_median(&ranges->count), "rows/s");
    table_figure("in one process, LevelDB's iterator", samples_median(&ranges->iterator), "rows/s");
    table_figure("COUNT, to the iterator", samples_median(&ranges->ratio), "");
    table_figure("DELPREFIX of a million, with compaction, once", ranges->deleted, "rows/s");
    table_figure("DELPREFIX: disk before", ranges->bytes / 1e6, "MB");
    table_figure("DELPREFIX: disk after", ranges->left / 1e6, "MB");
}

void ranges_measure(const char *directory)
{
    struct server server;
    struct ranges ranges = {0};
    write_books(directory);
    store_copy(directory);
    server_start(&server, directory);
    struct client *client = client_open(server.port);
    struct store *copy = store_open(directory, "copy");
    for (int round = 0; round < ROUNDS; round++)
        measure_round(&ranges, client, copy);
    store_close(copy);
    delete (&ranges, client, directory);
    client_close(client);
    server_stop(&server);
    print(&ranges);
    samples_fini(&ranges.list);
    samples_fini(&ranges.count);
    samples_fini(&ranges.iterator);
    samples_fini(&ranges.ratio);
}
