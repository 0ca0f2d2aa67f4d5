/*
 * System calls on the data directory fail under work: each kind, at the first call, the second, and
 * so on until nothing fails any more; once, several times, or from there on until the disk is well
 * again. No acknowledged write may be lost and none that was refused may be there, nobody may wait
 * for ever, the daemon may not die, and it writes again soon after the disk is well.
 */
#include <criterion/criterion.h>
#include <errno.h>

#include "tests/fault/trial.h"

/* Writes of a trial. A log of the least write buffer holds about sixty, and LevelDB merges tables
 * of its own accord behind the fourth. */
#define WRITES 280

TestSuite(errors, .timeout = 36000);

static bool try_under_work(struct trial_fault wanted, struct trial_sum *sum)
{
    struct trial trial;
    trial_begin(&trial, wanted);
    trial_start(&trial);
    throng_connect(trial.throng, trial.server);
    trial_break(&trial);
    trial_write(&trial, WRITES);
    throng_rest(trial.throng);
    bool failed = fault_clear(trial.fault) > 0;
    trial_await_writing(&trial);
    trial_write(&trial, WRITES / 8);
    daemon_kill(trial.server);
    trial_start(&trial);
    trial_judge(&trial, sum);
    trial_end(&trial, sum);
    return failed;
}

static void expect_kept(enum fault_call call)
{
    trial_each("errors", call, try_under_work);
}

Test(errors, of_write_lose_nothing)
{
    expect_kept(FAULT_WRITE);
}

Test(errors, of_fdatasync_lose_nothing)
{
    expect_kept(FAULT_FDATASYNC);
}

Test(errors, of_fsync_lose_nothing)
{
    expect_kept(FAULT_FSYNC);
}

Test(errors, of_open_lose_nothing)
{
    expect_kept(FAULT_OPEN);
}

Test(errors, of_rename_lose_nothing)
{
    expect_kept(FAULT_RENAME);
}

Test(errors, of_unlink_lose_nothing)
{
    expect_kept(FAULT_UNLINK);
}

Test(errors, of_ftruncate_lose_nothing)
{
    expect_kept(FAULT_FTRUNCATE);
}

Test(errors, of_close_lose_nothing)
{
    expect_kept(FAULT_CLOSE);
}

Test(errors, of_reads_lose_nothing)
{
    expect_kept(FAULT_READ);
    expect_kept(FAULT_PREAD);
    expect_kept(FAULT_MMAP);
}

/* A second trouble while the store recovers from a first: it tries again until it can. -------- */

/* As long as the first lasts the store is latched, whatever else works. */
static void latch(struct trial *trial)
{
    const struct throng_counts *counts = throng_counts(trial->throng);
    fault_set(trial->fault, FAULT_FDATASYNC, 1, (struct fault_way){EIO, FAULT_FOR_EVER});
    while (counts->unknown + counts->refused == 0)
        trial_write(trial, 1);
}

/* Waits until the second trouble came, or the store is as it should be in spite of it. */
static void await_second(struct trial *trial)
{
    const struct throng_counts *counts = throng_counts(trial->throng);
    uint64_t before = counts->acknowledged;
    while (atomic_load(&trial->fault->failed) == 0 && counts->acknowledged == before)
        trial_write(trial, 1);
}

static bool try_reopening(struct trial_fault wanted, struct trial_sum *sum)
{
    struct trial trial;
    trial_begin(&trial, wanted);
    trial_start(&trial);
    throng_connect(trial.throng, trial.server);
    trial_write(&trial, WRITES / 4);
    latch(&trial);
    trial_break(&trial);
    await_second(&trial);
    bool failed = fault_clear(trial.fault) > 0;
    trial_await_writing(&trial);
    trial_write(&trial, WRITES / 8);
    daemon_kill(trial.server);
    trial_start(&trial);
    trial_judge(&trial, sum);
    trial_end(&trial, sum);
    return failed;
}

static void expect_reopened(enum fault_call call)
{
    trial_each("errors while it is reopened", call, try_reopening);
}

Test(errors, while_it_is_reopened_only_put_it_off)
{
    for (enum fault_call call = 0; call < FAULT_CALLS; call++)
        expect_reopened(call);
}
