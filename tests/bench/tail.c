/*
 * The slowest GETs while others write as fast as they can, beside the slowest when nobody does.
 */
#include "tests/bench/bench.h"

#include <stdio.h>

#include "tests/bench/lib/loader.h"
#include "tests/bench/lib/place.h"
#include "tests/bench/lib/process.h"
#include "tests/bench/lib/rows.h"
#include "tests/bench/lib/server.h"
#include "tests/bench/lib/table.h"

#define ROWS 1000000
#define WRITERS 16

static void take_quiet(void *how, struct turn *turn)
{
    struct loader *loader = how;
    loader_run(loader, turn);
    turn->figure = loader->latency.p999;
}

static void take_busy(void *how, struct turn *turn)
{
    struct loader *loader = how;
    pid_t writers = loader_write_on(loader->port, WRITERS, ROWS);
    take_quiet(how, turn);
    process_end(writers);
    process_settle(loader->server);
}

static void measure(const struct server *server, unsigned clients,
                    const struct contest_claim *claim)
{
    struct loader quiet = {LOADER_LINES, server->port, server->pid, "get", clients, 1,
                           ROWS,         .hot = 0};
    struct loader busy = quiet;
    struct contestant all[] = {contestant_of("p99.9 while 16 clients write", take_busy, &busy),
                               contestant_of("p99.9 while nobody writes", take_quiet, &quiet)};
    contest_run(all, 2, CONTEST_ROUNDS);
    contest_compare(claim, &all[0], &all[1]);
    contest_fini(all, 2);
}

void tail_measure(const char *directory)
{
    struct server server;
    char *rows = place_in(directory, "rows");
    table_title("tail: the 99.9th percentile of GET while 16 clients write flat out",
                "a million rows; --sync always; every client waits for each reply; medians of 9 "
                "interleaved rounds, ratios within each round");
    rows_write(rows, ROWS);
    server_start(&server, rows);
    measure(&server, 50,
            &(struct contest_claim){"GET p99.9 of 50 clients while 16 write", "its own quiet p99.9",
                                    RESULT_AT_MOST, 3, "ms"});
    measure(&server, 1,
            &(struct contest_claim){"GET p99.9 of one client while 16 write", "its own quiet p99.9",
                                    RESULT_ONLY_MEASURED, 0, "ms"});
    server_stop(&server);
    free(rows);
}
