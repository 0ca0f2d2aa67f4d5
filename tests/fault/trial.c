#include "tests/fault/trial.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include <criterion/criterion.h>

#include "tests/lib/deadline.h"
#include "tests/lib/rounds.h"
#include "tests/lib/scratch.h"

#define VOLUME_BYTES ((uint64_t)64 * 1024 * 1024)

/* Every trial asks the same. */
#define SEED 7

#define LAST_WORDS 1200

static void settle(struct trial *trial)
{
    const char *problem = NULL;
    trial->volume = volume_new_tmpfs(VOLUME_BYTES, &problem);
    if (trial->volume == NULL)
        return;
    char *data = scratch_path(volume_path(trial->volume), "data");
    daemon_set_data(trial->server, data);
    free(data);
}

void trial_begin(struct trial *trial, struct trial_fault wanted)
{
    *trial = (struct trial){.wanted = wanted, .server = daemon_new()};
    settle(trial);
    trial->fault = fault_open(trial->server);
    trial->throng = throng_new(&(struct throng_options){
        .clients = 2, .groups = 40, .at_once = 2, .barriers = true, .seed = SEED});
}

void trial_end(struct trial *trial, struct trial_sum *sum)
{
    const struct throng_counts *counts = throng_counts(trial->throng);
    sum->trials++;
    sum->refused += counts->refused;
    sum->unknown += counts->unknown;
    sum->unread += counts->unread;
    throng_free(trial->throng);
    daemon_free(trial->server);
    volume_free(trial->volume);
}

#define ARGUMENTS "--write-buffer", "64K", "--cache", "0", "--min-free", "0", NULL

void trial_start(struct trial *trial)
{
    daemon_start(trial->server, ARGUMENTS);
}

void trial_spawn(struct trial *trial)
{
    daemon_spawn(trial->server, ARGUMENTS);
}

void trial_break(struct trial *trial)
{
    const struct trial_fault *wanted = &trial->wanted;
    fault_set(trial->fault, wanted->call, wanted->first, wanted->way);
}

const char *trial_describe(struct trial *trial)
{
    static char text[LAST_WORDS + 200];
    const struct trial_fault *wanted = &trial->wanted;
    const char *log = daemon_log(trial->server);
    size_t len = strlen(log);
    snprintf(text, sizeof(text), "%s number %u, %u times, error %d: %s",
             fault_kinds[wanted->call].name, wanted->first, wanted->way.count, wanted->way.error,
             len > LAST_WORDS ? log + len - LAST_WORDS : log);
    return text;
}

/* Also takes what the daemon said: one whose log nobody reads comes to wait for that. */
static void expect_alive(struct trial *trial, bool alive)
{
    daemon_log(trial->server);
    cr_assert(alive, "a connection ended, the daemon with %d: %s", daemon_wait(trial->server),
              trial_describe(trial));
}

void trial_write(struct trial *trial, uint64_t writes)
{
    for (; writes > 0; writes--)
        expect_alive(trial, throng_write(trial->throng, 1));
}

void trial_await_writing(struct trial *trial)
{
    const struct throng_counts *counts = throng_counts(trial->throng);
    uint64_t before = counts->acknowledged;
    int64_t well = deadline_now();
    while (counts->acknowledged == before) {
        expect_alive(trial, throng_turn(trial->throng));
        cr_assert(deadline_now() - well < TRIAL_SOON_MS, "it does not write though it can: %s",
                  trial_describe(trial));
    }
}

void trial_judge(struct trial *trial, struct trial_sum *sum)
{
    struct tally_verdict *verdict = &sum->verdict;
    throng_judge(trial->throng, trial->server, TALLY_EVERY, 0, verdict);
    cr_assert(verdict->lost == 0 && verdict->half == 0 && verdict->wrong == 0, "%s; %s",
              verdict->first, trial_describe(trial));
}

/* True when something failed in any way that this call was made to fail. */
static bool try_call(enum fault_call call, unsigned first, bool every, trial_fn *once,
                     struct trial_sum *sum)
{
    const struct fault_kind *kind = &fault_kinds[call];
    size_t turn = sum->trials % kind->count;
    bool failed = false;
    for (size_t i = 0; i < kind->count; i++)
        if (every || i == turn)
            failed |= once((struct trial_fault){call, first, kind->ways[i]}, sum);
    return failed;
}

void trial_each(const char *name, enum fault_call call, trial_fn *once)
{
    struct trial_sum sum = {0};
    bool every = rounds_choose(0, 1) != 0;
    unsigned first = 1;
    while (try_call(call, first, every, once, &sum)) {
        sum.reached = first++;
    }
    rounds_tell("%s of %s: up to call %u, %" PRIu64 " trials, %" PRIu64
                " acknowledged writes, %" PRIu64 " lost, %" PRIu64 " wrong rows; %" PRIu64
                " refused, %" PRIu64 " unknown, %" PRIu64 " reads failed",
                name, fault_kinds[call].name, sum.reached, sum.trials, sum.verdict.acknowledged,
                sum.verdict.lost, sum.verdict.wrong, sum.refused, sum.unknown, sum.unread);
}
