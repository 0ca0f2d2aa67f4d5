/*
 * kill -9 under sixteen clients that put, delete and commit batches, on both faces: at a random
 * moment of their work, of a start, or of a shutdown. What was acknowledged is there afterwards,
 * and batches are there whole or not at all.
 *
 * The page cache outlives a killed process, so this is about what the daemon holds back in memory,
 * and about the order in which it says and does things. Small buffers make logs, tables and
 * compactions change all the time.
 */
#include <criterion/criterion.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <time.h>

#include "tests/fault/fleet.h"
#include "tests/lib/daemon.h"
#include "tests/lib/deadline.h"
#include "tests/lib/rounds.h"
#include "tests/lib/shell.h"

/* So many rounds on the same directory; then on a new one. */
#define ROUNDS_OF_A_STORE 25

static struct daemon *server;
static struct fleet fleet;
static struct chance chance;

static void prepare(void)
{
    uint64_t seed = rounds_seed();
    rounds_tell("seed %" PRIu64, seed);
    chance.state = seed;
    server = daemon_new();
    fleet_init(&fleet, chance_next(&chance));
}

static void stop(void)
{
    fleet_fini(&fleet);
    daemon_free(server);
}

TestSuite(kill, .init = prepare, .fini = stop, .timeout = 36000);

/* A moment that no other round has. */
static void pass_time(size_t most_us)
{
    struct timespec moment = {.tv_nsec = (long)chance_below(&chance, most_us) * 1000};
    nanosleep(&moment, NULL);
}

static void start(bool wait)
{
    const char *sync = chance_below(&chance, 2) == 0 ? "always" : "never";
    if (wait)
        daemon_start(server, "--write-buffer", "64K", "--max-file-size", "1M", "--sync", sync,
                     "--workers", "2", NULL);
    else
        daemon_spawn(server, "--write-buffer", "64K", "--max-file-size", "1M", "--sync", sync,
                     "--workers", "2", "--listen", "127.0.0.1:0", NULL);
}

/* Kills a few starts in the middle; what they have left behind is for the next. */
static unsigned kill_starts(void)
{
    unsigned count = 0;
    while (chance_below(&chance, 3) == 0) {
        start(false);
        pass_time(30000);
        daemon_kill(server);
        count++;
    }
    return count;
}

/* Kills it under load, or in the middle of a shutdown under load; true for that. */
static bool kill_at_work(void)
{
    bool stopping = chance_below(&chance, 4) == 0;
    fleet_join(&fleet, server);
    fleet_write(&fleet, 20 + (int)chance_below(&chance, 180));
    pass_time(1000);
    if (stopping) {
        daemon_signal(server, SIGTERM);
        fleet_write(&fleet, (int)chance_below(&chance, 30));
    }
    daemon_kill(server);
    cr_assert(fleet_leave(&fleet, DEADLINE_SECONDS * 1000), "a connection outlives its daemon");
    return stopping;
}

static void begin_anew(void)
{
    daemon_free(server);
    server = daemon_new();
    fleet_forget(&fleet);
}

Test(kill, loses_no_acknowledged_write_and_leaves_no_half_batch)
{
    struct fleet_tally tally = {0};
    uint64_t rounds = rounds_choose(100, 1000);
    uint64_t starts = 0;
    uint64_t shutdowns = 0;
    for (uint64_t round = 0; round < rounds; round++) {
        if (round % ROUNDS_OF_A_STORE == 0)
            begin_anew();
        starts += kill_starts();
        start(true);
        fleet_check(&fleet, server, &tally);
        shutdowns += kill_at_work();
        cr_assert(fleet.strange[0] == '\0', "round %" PRIu64 ": %s", round, fleet.strange);
    }
    start(true);
    fleet_check(&fleet, server, &tally);
    daemon_stop(server);
    rounds_tell("%" PRIu64 " rounds, %" PRIu64 " in shutdown, and %" PRIu64
                " killed starts: %" PRIu64 " acknowledged steps, %u lost, %u half, %u invented",
                rounds, shutdowns, starts, fleet.acknowledged, tally.lost, tally.half,
                tally.invented);
    cr_assert(tally.lost + tally.half + tally.invented == 0, "%s", tally.first);
    cr_assert(fleet.acknowledged > rounds * CROWD_SIZE, "there was no load to speak of");
}

/* The control: a directory as it was before the last writes were acknowledged must not pass. */
Test(kill, would_notice_a_directory_that_went_back_in_time)
{
    struct fleet_tally tally = {0};
    start(true);
    fleet_join(&fleet, server);
    fleet_write(&fleet, 50);
    daemon_kill(server);
    fleet_leave(&fleet, DEADLINE_SECONDS * 1000);
    shell_expect(0, "", "cp -r %s %s.before", daemon_data(server), daemon_data(server));

    start(true);
    fleet_check(&fleet, server, &tally);
    cr_assert(tally.lost + tally.half + tally.invented == 0, "%s", tally.first);
    uint64_t before = fleet.acknowledged;
    fleet_join(&fleet, server);
    while (fleet.acknowledged < before + 100)
        fleet_write(&fleet, 50);
    daemon_kill(server);
    fleet_leave(&fleet, DEADLINE_SECONDS * 1000);
    shell_expect(0, "", "rm -r %s && mv %s.before %s", daemon_data(server), daemon_data(server),
                 daemon_data(server));

    start(true);
    fleet_check(&fleet, server, &tally);
    cr_assert(tally.lost > 0, "what was lost went unnoticed");
    rounds_tell("the control that goes back in time: %u of %u writers find a loss", tally.lost,
                CROWD_SIZE);
}
