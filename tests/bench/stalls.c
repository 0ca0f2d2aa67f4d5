/*
 * A hundred clients ask for 1 GB each and read nothing of it: the daemon should hold what fits
 * into its output marks, and no more.
 */
#include "tests/bench/bench.h"

#include <unistd.h>

#include "tests/bench/lib/client.h"
#include "tests/bench/lib/clock.h"
#include "tests/bench/lib/results.h"
#include "tests/bench/lib/scanner.h"
#include "tests/bench/lib/server.h"

#define ROUNDS 6
#define STALLED 100
#define ROWS 262144

/* How long the memory is watched; the daemon has filled every socket in a tenth of that. */
#define WATCH_SECONDS 2
#define LOOK_SECONDS 0.005

static double peak_memory(const struct server *server)
{
    double peak = 0;
    double end = clock_now() + WATCH_SECONDS;
    while (clock_now() < end) {
        double now = server_memory(server, "VmRSS");
        peak = now > peak ? now : peak;
        clock_pause(LOOK_SECONDS);
    }
    return peak;
}

/* Megabytes that a daemon grows by which has read all of its tables once. */
static double measure_round(const char *directory)
{
    struct server server;
    struct client *clients[STALLED];
    server_start(&server, directory);
    (void)scanner_read(server.port, "row:", ROWS);
    double before = server_memory(&server, "VmRSS");
    for (int i = 0; i < STALLED; i++) {
        clients[i] = client_open(server.port);
        client_send(clients[i], "SCAN row:\n");
    }
    double peak = peak_memory(&server);
    for (int i = 0; i < STALLED; i++)
        client_close(clients[i]);
    server_stop(&server);
    return (peak - before) / 1e6;
}

void stalls_measure(const char *directory)
{
    struct samples growth = {0};
    for (int round = 0; round < ROUNDS; round++)
        samples_add(&growth, measure_round(directory));
    results_add_alone("memory while 100 clients stall in scans of 1 GB", RESULT_AT_MOST, 16, "MB",
                      &growth);
    samples_fini(&growth);
}
