/*
 * The same work over ten million rows and over a hundred thousand: what the larger store costs.
 */
#include "tests/bench/bench.h"

#include <stdio.h>

#include "tests/bench/lib/loader.h"
#include "tests/bench/lib/place.h"
#include "tests/bench/lib/rows.h"
#include "tests/bench/lib/scanner.h"
#include "tests/bench/lib/server.h"
#include "tests/bench/lib/table.h"

#define MANY 10000000
#define FEW 100000
#define ROUNDS 6
#define LOOKS 21

/* Of 50 clients on two workers the median client sits between those of the one and of the other,
 * and which worker shares its processor with the loader changes from turn to turn: five rounds of
 * that gave medians from 0.42 to 0.72. */
#define ROUNDS_OF_GETS 11

/* A scan of the few is over before it can be timed well. */
#define SCANS_OF_FEW 20

/* So that more is better here too: what a connection gets done at the median. */
static void take_median(void *how, struct turn *turn)
{
    struct loader *loader = how;
    loader_take(loader, turn);
    turn->figure = 1e3 / loader->latency.p50;
}

struct scans {
    const struct server *server;
    uint64_t rows;
    int times;
};

static void take_scans(void *how, struct turn *turn)
{
    struct scans *scans = how;
    double seconds = 0;
    for (int i = 0; i < scans->times; i++)
        seconds += (double)scans->rows / scanner_read(scans->server->port, "key:", scans->rows);
    turn->figure = (double)scans->rows * scans->times / seconds;
}

static void measure_gets(const struct server *large, const struct server *small, unsigned clients,
                         const struct contest_claim *claim)
{
    struct loader many = {.face = LOADER_LINES,
                          .port = large->port,
                          .server = large->pid,
                          .work = "get",
                          .clients = clients,
                          .pipeline = 1,
                          .keys = MANY};
    struct loader few = many;
    few.port = small->port;
    few.server = small->pid;
    few.keys = FEW;
    struct contestant all[] = {contestant_of("1 / p50 over 10 M rows", take_median, &many),
                               contestant_of("1 / p50 over 0.1 M rows", take_median, &few)};
    contest_run(all, 2, ROUNDS_OF_GETS);
    contest_compare(claim, &all[0], &all[1]);
    contest_fini(all, 2);
}

static void measure_scans(const struct server *large, const struct server *small)
{
    struct scans many = {large, MANY, 1};
    struct scans few = {small, FEW, SCANS_OF_FEW};
    struct contestant all[] = {contestant_of("a scan of 10 M rows", take_scans, &many),
                               contestant_of("a scan of 0.1 M rows", take_scans, &few)};
    contest_run(all, 2, ROUNDS);
    contest_compare(&(struct contest_claim){"scan rate over 10 M rows", "over 0.1 M rows",
                                            RESULT_AT_LEAST, 0.7, "rows/s"},
                    &all[0], &all[1]);
    contest_fini(all, 2);
}

static void measure_first_row(const struct server *large)
{
    struct samples rounds = {0};
    for (int i = 0; i < ROUNDS; i++) {
        struct samples looks = {0};
        for (int j = 0; j < LOOKS; j++)
            samples_add(&looks, scanner_first(large->port, "key:") * 1e3);
        samples_add(&rounds, samples_median(&looks));
        samples_fini(&looks);
    }
    results_add_alone("scan, first row after the request, 10 M rows", RESULT_AT_MOST, 0.3, "ms",
                      &rounds);
    samples_fini(&rounds);
}

void growth_measure(const char *directory)
{
    struct server large;
    struct server small;
    char *many = place_in(directory, "many");
    char *few = place_in(directory, "few");
    table_title("growth: ten million rows of 100 bytes, and a hundred thousand",
                "GET: uniform, lines, medians of 11 interleaved rounds; scans as a program reads "
                "them, medians of 6; ratios within each round");
    rows_write(many, MANY);
    rows_write(few, FEW);
    server_start(&large, many);
    server_start(&small, few);
    measure_gets(&large, &small, 50,
                 &(struct contest_claim){"GET p50 over 10 M rows", "over 0.1 M rows",
                                         RESULT_AT_LEAST, 0.7, "GETs/s of a connection"});
    measure_gets(&large, &small, 1,
                 &(struct contest_claim){"GET p50 of one client over 10 M rows", "over 0.1 M rows",
                                         RESULT_ONLY_MEASURED, 0, "GETs/s of a connection"});
    measure_scans(&large, &small);
    measure_first_row(&large);
    server_stop(&small);
    server_stop(&large);
    free(many);
    free(few);
}
