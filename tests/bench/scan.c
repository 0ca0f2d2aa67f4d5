/*
 * A scan through the daemon, a socket and netcat, beside what LevelDB's iterator does in one
 * process over a copy of the same directory.
 */
#include "tests/bench/bench.h"

#include <err.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/bench/lib/clock.h"
#include "tests/bench/lib/samples.h"
#include "tests/bench/lib/scanner.h"
#include "tests/bench/lib/server.h"
#include "tests/bench/lib/store.h"
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

/* Puts the tab-separated rows of the file $ROWS into the daemon, through netcat. */
static void load_rows(int port)
{
    char command[256];
    snprintf(command, sizeof(command),
             "sed 's/^/PUT \"/; s/\\t/\" \"/; s/$/\"/' \"$ROWS\" | nc.openbsd -N 127.0.0.1 %d | "
             "{ ! grep -v '^OK$'; }",
             port);
    if (system(command) != 0)
        errx(1, "failed: %s", command);
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
        samples_add(&scan->first_byte, scanner_first(port, "pkg:"));
    double iterator = store_iterate(store, &scan->rows);
    double netcat = read_netcat(port, scan->rows);
    double socket = scanner_read(port, "pkg:", scan->rows);
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
    struct server server;
    struct scan scan = {0};
    server_start(&server, directory);
    load_rows(server.port);
    server_stop(&server);
    store_copy(directory);
    server_start(&server, directory);
    struct store *copy = store_open(directory, "copy");
    for (int round = 0; round < ROUNDS; round++)
        measure_round(&scan, copy, server.port);
    store_close(copy);
    server_stop(&server);
    print(&scan);
    scan_fini(&scan);
}
