/*
 * The disk is full, again and again and at many places, under a throng of clients. Every write that
 * was acknowledged must be there when the daemon was killed and started again, reads go on all the
 * time, and writes go on soon after there is space.
 */
#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>

#include "tests/fault/throng.h"
#include "tests/fault/volume.h"
#include "tests/lib/chance.h"
#include "tests/lib/deadline.h"
#include "tests/lib/rounds.h"
#include "tests/lib/scratch.h"

#define KIB ((uint64_t)1024)
#define VOLUME_BYTES (32 * KIB * KIB)

/* Writes go on within this after there is space, in milliseconds: the store's promise. */
#define SOON_MS 5000

/* Times that the disk is full in one round, at most, and how long, in milliseconds. */
#define MOST_TIMES 3
#define MOST_FULL_MS 150

/* Reads that must be answered while it is full, each time. */
#define READS 10

/* Writes before, between and behind those times, at most. A log holds about a hundred. */
#define MOST_WRITES 500

#define LAST_WORDS 800

/* How full the disk gets, and what the store does about it. */
struct fullness {
    const char *name;
    const char *min_free;
    uint64_t least_spare; /* bytes that are left, between these two */
    uint64_t most_spare;
};

struct trial {
    const struct fullness *fullness;
    struct volume *volume;
    struct daemon *server;
    struct throng *throng;
    struct chance chance;
    struct tally_verdict verdict;
    uint64_t times;  /* the disk was full */
    int64_t slowest; /* milliseconds until writes went on */
    uint64_t reopened;
};

TestSuite(full, .timeout = 36000);

static void begin(struct trial *trial, const struct fullness *fullness)
{
    const char *problem = NULL;
    uint64_t seed = rounds_seed();
    *trial = (struct trial){.fullness = fullness, .chance = {seed}};
    trial->volume = volume_new_tmpfs(VOLUME_BYTES, &problem);
    if (trial->volume == NULL)
        cr_skip_test("%s", problem);
    trial->throng = throng_new(
        &(struct throng_options){.clients = 8, .groups = 24, .at_once = 4, .seed = seed});
    trial->server = daemon_new();
    char *data = scratch_path(volume_path(trial->volume), "data");
    daemon_set_data(trial->server, data);
    free(data);
    rounds_tell("full %s: seed %" PRIu64, fullness->name, seed);
}

static void end(struct trial *trial)
{
    throng_free(trial->throng);
    daemon_free(trial->server);
    volume_free(trial->volume);
}

/* A small buffer makes tables all the time, which then meet the end of the disk; behind a large one
 * it is the log. */
static void start(struct trial *trial)
{
    const char *buffer = chance_below(&trial->chance, 2) == 0 ? "64K" : "4M";
    daemon_start(trial->server, "--write-buffer", buffer, "--min-free", trial->fullness->min_free,
                 NULL);
}

/* The end of what the daemon said, for people. */
static const char *last_words(const struct trial *trial)
{
    const char *log = daemon_log(trial->server);
    size_t len = strlen(log);
    return len > LAST_WORDS ? log + len - LAST_WORDS : log;
}

static void write_some(struct trial *trial)
{
    cr_assert(throng_write(trial->throng, 1 + chance_below(&trial->chance, MOST_WRITES)),
              "a connection ended: %s", last_words(trial));
}

/* Whatever happens to writes, reads are answered. */
static void go_on_full(struct trial *trial)
{
    const struct throng_counts *counts = throng_counts(trial->throng);
    uint64_t enough = counts->reads + READS;
    int64_t until = deadline_now() + (int64_t)chance_below(&trial->chance, MOST_FULL_MS);
    while (counts->reads < enough || deadline_now() < until)
        cr_assert(throng_turn(trial->throng), "a connection ended: %s", last_words(trial));
}

static void await_writing(struct trial *trial)
{
    const struct throng_counts *counts = throng_counts(trial->throng);
    uint64_t before = counts->acknowledged;
    int64_t freed = deadline_now();
    while (counts->acknowledged == before) {
        cr_assert(throng_turn(trial->throng), "a connection ended: %s", last_words(trial));
        cr_assert(deadline_now() - freed < SOON_MS, "it does not write though it can: %s",
                  last_words(trial));
    }
    int64_t took = deadline_now() - freed;
    trial->slowest = took > trial->slowest ? took : trial->slowest;
}

/* One time that the disk is full. The round may end in the midst of it. */
static bool fill(struct trial *trial)
{
    const struct fullness *fullness = trial->fullness;
    size_t range = (size_t)(fullness->most_spare - fullness->least_spare);
    trial->times++;
    volume_fill(trial->volume, fullness->least_spare + chance_below(&trial->chance, range));
    go_on_full(trial);
    if (chance_below(&trial->chance, MOST_TIMES) == 0)
        return false;
    volume_relieve(trial->volume);
    await_writing(trial);
    write_some(trial);
    return true;
}

static void go_through_one(struct trial *trial)
{
    throng_connect(trial->throng, trial->server);
    write_some(trial);
    for (size_t times = 1 + chance_below(&trial->chance, MOST_TIMES); times > 0; times--)
        if (!fill(trial))
            break;
    trial->reopened += daemon_info(trial->server, "reopened");
    daemon_kill(trial->server);
    volume_relieve(trial->volume); /* LevelDB writes when it opens */
    start(trial);
    throng_judge(trial->throng, trial->server, TALLY_EVERY, 0, &trial->verdict);
}

static void go_through(struct trial *trial, uint64_t rounds)
{
    start(trial);
    for (uint64_t i = 0; i < rounds; i++)
        go_through_one(trial);
    const struct tally_verdict *found = &trial->verdict;
    const struct throng_counts *counts = throng_counts(trial->throng);
    rounds_tell("full %s: %" PRIu64 " rounds, full %" PRIu64 " times, reopened %" PRIu64
                " times, %" PRIu64 " acknowledged writes, %" PRIu64 " lost, %" PRIu64
                " half batches, %" PRIu64 " wrong rows; %" PRIu64 " refused, %" PRIu64
                " unknown; %" PRIu64 " reads, %" PRIu64 " failed; writing again in at most %" PRId64
                " ms",
                trial->fullness->name, rounds, trial->times, trial->reopened, found->acknowledged,
                found->lost, found->half, found->wrong, counts->refused, counts->unknown,
                counts->reads, counts->unread, trial->slowest);
    cr_assert(found->lost == 0 && found->half == 0 && found->wrong == 0, "%s", found->first);
    cr_assert(counts->unread == 0, "%" PRIu64 " reads failed", counts->unread);
}

/* LevelDB itself meets the end of the disk: in a log, in a table, in a manifest. */
Test(full, disk_that_leveldb_meets_loses_nothing)
{
    static const struct fullness fullness = {"met", "0", 0, 300 * KIB};
    struct trial trial;
    begin(&trial, &fullness);
    go_through(&trial, rounds_choose(30, 1000));
    cr_assert(throng_counts(trial.throng)->unknown > 0, "it was never met");
    end(&trial);
}

/* The store refuses before, and so nothing fails: not one write is of unknown fate. */
Test(full, disk_that_is_foreseen_fails_no_write)
{
    static const struct fullness fullness = {"foreseen", "8M", 5 * KIB * KIB, 7 * KIB * KIB};
    struct trial trial;
    begin(&trial, &fullness);
    go_through(&trial, rounds_choose(20, 1000));
    cr_assert(throng_counts(trial.throng)->refused > 0, "nothing was refused");
    cr_assert_eq(throng_counts(trial.throng)->unknown, 0);
    cr_assert_eq(trial.reopened, 0);
    end(&trial);
}
