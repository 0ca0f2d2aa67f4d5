/*
 * SIGTERM under load: sixteen clients write, and sixteen more scan what they write; none of them
 * pauses. The daemon ends with 0 and needs no deadline for that, every connection ends, no reply is
 * anything but an answer or the news that it stops, and what was acknowledged is there afterwards.
 */
#include <criterion/criterion.h>
#include <inttypes.h>
#include <signal.h>

#include "tests/fault/fleet.h"
#include "tests/lib/daemon.h"
#include "tests/lib/deadline.h"
#include "tests/lib/rounds.h"

/* So many rounds on the same directory; then on a new one. */
#define ROUNDS_OF_A_STORE 10

/* Readers that scan all the time. */
struct readers {
    struct crowd *crowd;
    uint64_t scans;   /* that came whole */
    uint64_t cut_off; /* that ended with the news that the daemon stops */
    char strange[256];
};

static struct daemon *server;
static struct fleet fleet;
static struct readers readers;
static struct chance chance;

static void on_line(void *arg, unsigned client, struct slice line)
{
    (void)arg;
    if (line.len > 0 && line.data[0] == '"')
        return;
    if (slice_has_prefix(line, SLICE("OK "))) {
        readers.scans++;
        crowd_say(readers.crowd, client, SLICE("SCAN ''\n"));
    } else if (slice_has_prefix(line, SLICE("ERR SHUTDOWN \""))) {
        readers.cut_off++;
    } else {
        snprintf(readers.strange, sizeof(readers.strange), "%.*s", (int)line.len, line.data);
    }
}

static void on_end(void *arg, unsigned client)
{
    (void)arg;
    (void)client;
}

static void prepare(void)
{
    uint64_t seed = rounds_seed();
    rounds_tell("seed %" PRIu64, seed);
    chance.state = seed;
    server = daemon_new();
    fleet_init(&fleet, chance_next(&chance));
    readers.crowd = crowd_new(&(struct crowd_ears){.line = on_line, .end = on_end});
}

static void stop(void)
{
    fleet_fini(&fleet);
    crowd_free(readers.crowd);
    daemon_free(server);
}

TestSuite(shutdown, .init = prepare, .fini = stop, .timeout = 36000);

static void start(void)
{
    daemon_start(server, "--write-buffer", "64K", "--max-file-size", "1M", "--workers", "2",
                 "--sync", chance_below(&chance, 2) == 0 ? "always" : "never", NULL);
}

static void join(void)
{
    fleet_join(&fleet, server);
    for (unsigned i = 0; i < CROWD_SIZE; i++) {
        crowd_join(readers.crowd, i, daemon_port(server));
        crowd_say(readers.crowd, i, SLICE("SCAN ''\n"));
    }
}

/* Writers and readers take turns of a millisecond. */
static void work(int64_t until)
{
    while (deadline_left(until) > 0 && crowd_count(fleet.crowd) + crowd_count(readers.crowd) > 0) {
        fleet_write(&fleet, 1);
        crowd_run(readers.crowd, 1);
    }
}

/* Stops the daemon while everybody goes on as before; how long it took, in milliseconds. */
static int64_t stop_at_work(void)
{
    work(deadline_now() + 20 + (int64_t)chance_below(&chance, 130));
    int64_t begin = deadline_now();
    daemon_signal(server, SIGTERM);
    work(deadline_in(DEADLINE_SECONDS));
    cr_assert_eq(crowd_count(fleet.crowd) + crowd_count(readers.crowd), 0,
                 "connections are left open");
    cr_assert_eq(daemon_wait(server), 0, "%s", daemon_log(server));
    cr_assert(strstr(daemon_log(server), "did not finish in time") == NULL, "%s",
              daemon_log(server));
    cr_assert(fleet.strange[0] == '\0', "%s", fleet.strange);
    cr_assert(readers.strange[0] == '\0', "%s", readers.strange);
    return deadline_now() - begin;
}

static void begin_anew(void)
{
    daemon_free(server);
    server = daemon_new();
    fleet_forget(&fleet);
}

Test(shutdown, under_load_keeps_all_that_was_acknowledged)
{
    struct fleet_tally tally = {0};
    uint64_t rounds = rounds_choose(20, 500);
    int64_t longest = 0;
    for (uint64_t round = 0; round < rounds; round++) {
        if (round % ROUNDS_OF_A_STORE == 0)
            begin_anew();
        start();
        fleet_check(&fleet, server, &tally);
        join();
        int64_t took = stop_at_work();
        longest = took > longest ? took : longest;
    }
    start();
    fleet_check(&fleet, server, &tally);
    daemon_stop(server);
    rounds_tell("%" PRIu64 " stops: %" PRIu64 " acknowledged steps, %u lost, %u half, %u invented; "
                "%" PRIu64 " scans and %" PRIu64 " cut off; the longest took %" PRId64 " ms",
                rounds, fleet.acknowledged, tally.lost, tally.half, tally.invented, readers.scans,
                readers.cut_off, longest);
    cr_assert(tally.lost + tally.half + tally.invented == 0, "%s", tally.first);
    cr_assert(fleet.acknowledged > 0 && readers.scans > 0, "there was no load to speak of");
}
