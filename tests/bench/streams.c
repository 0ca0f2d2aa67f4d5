/*
 * A million rows through the daemon to the bundled client and to netcat, beside LevelDB's iterator
 * over the same rows in one process.
 */
#include "tests/bench/bench.h"

#include <stdio.h>
#include <stdlib.h>

#include "tests/bench/lib/command.h"
#include "tests/bench/lib/local.h"
#include "tests/bench/lib/place.h"
#include "tests/bench/lib/rows.h"
#include "tests/bench/lib/scanner.h"
#include "tests/bench/lib/server.h"
#include "tests/bench/lib/table.h"

#define ROWS 1000000
#define ROUNDS 11
#define LOOKS 21
#define UNIT "rows/s"

static void measure_rates(const struct server *server, struct local *local)
{
    struct command bundled = {.server = server->pid, .count = ROWS};
    struct command netcat = {.server = server->pid, .count = ROWS};
    snprintf(bundled.command, sizeof(bundled.command),
             "exec \"$LEVERET\" --connect 127.0.0.1:%d SCAN key:", server->port);
    snprintf(netcat.command, sizeof(netcat.command), "echo SCAN key: | nc.openbsd -N 127.0.0.1 %d",
             server->port);
    command_check(&bundled, ROWS);
    command_check(&netcat, ROWS + 1);
    struct contestant all[] = {
        contestant_of("leveretd to the bundled client", command_take, &bundled),
        contestant_of("LevelDB's iterator in process", local_iterate, local),
        contestant_of("leveretd to netcat", command_take, &netcat),
    };
    contest_run(all, 3, ROUNDS);
    contest_compare(&(struct contest_claim){"scan of 1 M rows, bundled client",
                                            "LevelDB's iterator in process", RESULT_AT_LEAST, 0.7,
                                            UNIT},
                    &all[0], &all[1]);
    contest_compare(&(struct contest_claim){"scan of 1 M rows, netcat",
                                            "LevelDB's iterator in process", RESULT_ONLY_MEASURED,
                                            0, UNIT},
                    &all[2], &all[1]);
    contest_fini(all, 3);
}

static double first_row(const struct server *server)
{
    struct samples looks = {0};
    for (int i = 0; i < LOOKS; i++)
        samples_add(&looks, scanner_first(server->port, "key:") * 1e3);
    double median = samples_median(&looks);
    samples_fini(&looks);
    return median;
}

static void measure_first_row(const struct server *server)
{
    struct samples rounds = {0};
    for (int i = 0; i < ROUNDS; i++)
        samples_add(&rounds, first_row(server));
    results_add_alone("scan, first row after the request, 1 M rows", RESULT_AT_MOST, 0.3, "ms",
                      &rounds);
    samples_fini(&rounds);
}

void streams_measure(const char *directory)
{
    struct server server;
    struct local local = {0};
    char *rows = place_in(directory, "rows");
    char *copy = place_in(directory, "copy");
    table_title("streams: a scan of a million rows of 100 bytes",
                "from the start of the client to its end, output to /dev/null; medians of 11 "
                "interleaved rounds; the first row: medians of 21 in each round");
    rows_write(rows, ROWS);
    store_clone(rows, copy);
    server_start(&server, rows);
    local.store = store_open(copy, "data");
    measure_rates(&server, &local);
    measure_first_row(&server);
    store_close(local.store);
    server_stop(&server);
    free(rows);
    free(copy);
}
