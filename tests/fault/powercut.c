/*
 * The power goes, again and again, under a throng of clients. Every write that was acknowledged
 * must be there afterwards, every batch whole, and every start must succeed.
 *
 * In software the nearest to it is to shut an ext4 down without a flush of its journal: nothing
 * that had not reached the disk ever does. Mostly the daemon is told to stop just before: each of
 * its threads ends the system call that it is in, which the cut may fall into, and does no more.
 * Else it goes on for a while on a disk that is gone, and must not acknowledge what it writes.
 *
 * That second kind begins when nobody waits for an answer. An fdatasync that is under way while an
 * ext4 is shut down may succeed although its data never reached the disk (seen on Linux 6.18); no
 * real cut leaves a process running to be told so.
 */
#include <criterion/criterion.h>
#include <dirent.h>
#include <inttypes.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>

#include "tests/fault/throng.h"
#include "tests/fault/volume.h"
#include "tests/lib/chance.h"
#include "tests/lib/deadline.h"
#include "tests/lib/rounds.h"
#include "tests/lib/scratch.h"

/* A promise of seconds is held to with so many milliseconds more: a disk that is asked at once
 * still has to answer. */
#define SLACK_MS 1000

/* Writes of a round before the cut, at most. A log holds about a hundred. */
#define MOST_WRITES 1200

/* One of so many cuts is one behind which the daemon goes on, and the throng has so many turns. */
#define GOES_ON_ONE_OF 4
#define TURNS_BEHIND 10

/* How the store is promised to be kept, and on what. */
struct power {
    const char *name;
    const char *sync;
    enum tally_promise promise;
    const char *features;
    const char *options;
    unsigned within; /* seconds, of TALLY_AGE */
};

/* Logs are small, so that a cut often falls near the change from one to the next. Only what is
 * promised after seconds needs logs that take seconds to fill: behind a full one is a table, which
 * is always synced. */
#define SMALL_LOG "64K"
#define LARGE_LOG "32M"

/* The disk, on which several of those and the tables made of them must fit: a full one is another
 * test's business. */
#define SMALL_DISK 256
#define LARGE_DISK 2048

struct trial {
    const struct power *power;
    struct volume *volume;
    struct daemon *server;
    struct throng *throng;
    struct chance chance;
    struct tally_verdict verdict;
    int64_t cut; /* when the power went */
};

TestSuite(powercut, .timeout = 36000);

/* Commits of the journal that nobody asks for would save what the daemon did not. */
#define SELDOM "commit=300"

static void begin(struct trial *trial, const struct power *power)
{
    const char *problem = NULL;
    uint64_t seed = rounds_seed();
    *trial = (struct trial){.power = power, .chance = {seed}};
    trial->volume = volume_new_ext4(power->within == 0 ? SMALL_DISK : LARGE_DISK, power->features,
                                    power->options, &problem);
    if (trial->volume == NULL)
        cr_skip_test("%s", problem);
    trial->throng = throng_new(&(struct throng_options){.clients = 8,
                                                        .groups = 24,
                                                        .at_once = 8,
                                                        .barriers = power->promise == TALLY_BARRIER,
                                                        .seed = seed});
    trial->server = daemon_new();
    char *data = scratch_path(volume_path(trial->volume), "data");
    daemon_set_data(trial->server, data);
    free(data);
    rounds_tell("powercut %s: seed %" PRIu64, power->name, seed);
}

static void start(struct trial *trial)
{
    const struct power *power = trial->power;
    daemon_start(trial->server, "--write-buffer", power->within == 0 ? SMALL_LOG : LARGE_LOG,
                 "--sync", power->sync, "--min-free", "0", NULL);
    throng_connect(trial->throng, trial->server);
}

static void end(struct trial *trial)
{
    throng_free(trial->throng);
    daemon_free(trial->server);
    volume_free(trial->volume);
}

static bool is_stopped(pid_t pid, const char *task)
{
    char path[64];
    snprintf(path, sizeof(path), "/proc/%d/task/%.20s/stat", pid, task);
    struct buffer text = scratch_read(path);
    const char *state = memchr(text.data, ')', text.len);
    bool stopped = state != NULL && state[2] == 'T';
    buffer_fini(&text);
    return stopped;
}

/* Of the first thread: once that is stopped, no other leaves the system call that it is in. */
static bool is_told(pid_t pid)
{
    char task[32];
    snprintf(task, sizeof(task), "%d", pid);
    return is_stopped(pid, task);
}

static bool is_all_stopped(pid_t pid)
{
    char path[64];
    bool stopped = true;
    struct dirent *entry = NULL;
    snprintf(path, sizeof(path), "/proc/%d/task", pid);
    DIR *tasks = opendir(path);
    cr_assert(tasks != NULL);
    while (stopped && (entry = readdir(tasks)) != NULL)
        stopped = entry->d_name[0] == '.' || is_stopped(pid, entry->d_name);
    closedir(tasks);
    return stopped;
}

static void await(const struct daemon *server, bool (*reached)(pid_t pid))
{
    int64_t deadline = deadline_in(DEADLINE_SECONDS);
    while (!reached(daemon_pid(server))) {
        cr_assert(deadline_left(deadline) > 0, "it does not stop");
        sched_yield();
    }
}

/* What it had answered until then counts, and was on its way here already. */
static void cut_through_work(struct trial *trial)
{
    daemon_signal(trial->server, SIGSTOP);
    await(trial->server, is_told);
    trial->cut = deadline_now();
    volume_cut(trial->volume);
    await(trial->server, is_all_stopped);
    throng_drain(trial->throng);
}

static void cut_and_go_on(struct trial *trial)
{
    throng_rest(trial->throng);
    trial->cut = deadline_now();
    volume_cut(trial->volume);
    for (size_t turns = 0; turns < TURNS_BEHIND && throng_turn(trial->throng); turns++)
        ;
    throng_drain(trial->throng);
}

static void cut(struct trial *trial)
{
    if (chance_below(&trial->chance, GOES_ON_ONE_OF) == 0)
        cut_and_go_on(trial);
    else
        cut_through_work(trial);
    daemon_kill(trial->server);
    volume_remount(trial->volume);
}

/* What is promised after seconds shows only in rounds that are longer. */
static void work(struct trial *trial)
{
    size_t writes = 1 + chance_below(&trial->chance, MOST_WRITES);
    if (trial->power->within == 0) {
        cr_assert(throng_write(trial->throng, writes));
        return;
    }
    int64_t until = deadline_in((int)trial->power->within) + SLACK_MS + (int64_t)writes;
    while (deadline_left(until) > 0)
        cr_assert(throng_turn(trial->throng));
}

static void go_through(struct trial *trial, uint64_t rounds)
{
    for (uint64_t i = 0; i < rounds; i++) {
        start(trial);
        work(trial);
        cut(trial);
        daemon_start(trial->server, NULL);
        throng_judge(trial->throng, trial->server, trial->power->promise,
                     trial->cut - (int64_t)trial->power->within * 1000 - SLACK_MS, &trial->verdict);
        daemon_kill(trial->server);
    }
    const struct tally_verdict *found = &trial->verdict;
    rounds_tell("powercut %s: %" PRIu64 " cuts, %" PRIu64 " acknowledged writes, %" PRIu64
                " of them not there, %" PRIu64 " promised ones lost, %" PRIu64
                " half batches, %" PRIu64 " wrong rows",
                trial->power->name, rounds, found->acknowledged, found->behind, found->lost,
                found->half, found->wrong);
}

static void expect_kept(const struct power *power, uint64_t rounds)
{
    struct trial trial;
    begin(&trial, power);
    go_through(&trial, rounds);
    const struct tally_verdict *found = &trial.verdict;
    cr_assert(found->lost == 0 && found->half == 0 && found->wrong == 0, "%s", found->first);
    cr_assert(found->acknowledged >= rounds);
    end(&trial);
}

Test(powercut, loses_no_acknowledged_write)
{
    expect_kept(&(struct power){"ordered", "always", TALLY_EVERY, "", "data=ordered," SELDOM, 0},
                rounds_choose(50, 1000));
}

/* Data may reach such a disk behind the sizes that the journal tells: files may end in what lay
 * there before. */
Test(powercut, loses_none_where_data_follows_its_journal)
{
    expect_kept(
        &(struct power){"writeback", "always", TALLY_EVERY, "", "data=writeback," SELDOM, 0},
        rounds_choose(20, 1000));
}

Test(powercut, loses_none_where_data_is_journalled)
{
    expect_kept(&(struct power){"journal", "always", TALLY_EVERY, "", "data=journal," SELDOM, 0},
                rounds_choose(10, 1000));
}

Test(powercut, loses_none_without_a_journal)
{
    expect_kept(&(struct power){"unjournalled", "always", TALLY_EVERY, "-O ^has_journal", "", 0},
                rounds_choose(10, 1000));
}

Test(powercut, loses_nothing_written_before_a_barrier)
{
    expect_kept(&(struct power){"barrier", "never", TALLY_BARRIER, "", "data=ordered," SELDOM, 0},
                rounds_choose(20, 1000));
}

Test(powercut, loses_no_more_than_seconds)
{
    expect_kept(&(struct power){.name = "seconds",
                                .sync = "1",
                                .promise = TALLY_AGE,
                                .features = "",
                                .options = "data=ordered," SELDOM,
                                .within = 1},
                rounds_choose(5, 200));
}

/* The control: a store that syncs nothing must lose, or these tests prove nothing. No batch may be
 * halved and nothing made up even so. */
Test(powercut, loses_writes_that_nobody_syncs)
{
    static const struct power power = {"control", "never", TALLY_EVERY, "", "data=ordered," SELDOM,
                                       0};
    struct trial trial;
    begin(&trial, &power);
    go_through(&trial, rounds_choose(5, 50));
    cr_assert(trial.verdict.lost > 0, "nothing was lost: was there a cut?");
    cr_assert(trial.verdict.half == 0 && trial.verdict.wrong == 0, "%s", trial.verdict.first);
    end(&trial);
}
