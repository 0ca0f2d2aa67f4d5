/*
 * System calls on the data directory fail while the daemon starts: each kind, at the first call,
 * the second, and so on until nothing fails any more. The daemon serves all that it should, or it
 * says in one line why not and ends with status 1; and starts as ever when the disk is well.
 */
#include <criterion/criterion.h>
#include <inttypes.h>
#include <poll.h>
#include <sys/wait.h>

#include "tests/fault/trial.h"
#include "tests/lib/deadline.h"
#include "tests/lib/rounds.h"

/* Writes before: some tables, and a log that is read at the start. */
#define WRITES 100

static uint64_t refusals; /* starts that were refused */

TestSuite(starts, .timeout = 36000);

static bool has_ended(const struct daemon *server)
{
    siginfo_t about = {0};
    cr_assert(waitid(P_PID, (id_t)daemon_pid(server), &about, WEXITED | WNOHANG | WNOWAIT) == 0);
    return about.si_pid != 0;
}

/* Waits until the daemon serves or has ended; true when it serves. */
static bool await_start(struct trial *trial)
{
    int64_t deadline = deadline_in(DEADLINE_SECONDS);
    while (strstr(daemon_log(trial->server), "ready") == NULL) {
        if (has_ended(trial->server))
            return false;
        cr_assert(deadline_left(deadline) > 0, "it neither serves nor ends: %s",
                  trial_describe(trial));
        poll(NULL, 0, 1);
    }
    return true;
}

static void expect_one_error(struct trial *trial)
{
    int status = daemon_wait(trial->server);
    cr_assert(status == 1, "it ended with %d: %s", status, trial_describe(trial));
    const char *first = strstr(daemon_log(trial->server), " error ");
    cr_assert(first != NULL && strstr(first + 1, " error ") == NULL,
              "it does not say in one line why: %s", trial_describe(trial));
}

static bool try_to_start(struct trial_fault wanted, struct trial_sum *sum)
{
    struct trial trial;
    trial_begin(&trial, wanted);
    trial_start(&trial);
    throng_connect(trial.throng, trial.server);
    trial_write(&trial, WRITES);
    daemon_kill(trial.server);
    trial_break(&trial);
    trial_spawn(&trial);
    if (!await_start(&trial)) {
        expect_one_error(&trial);
        refusals++;
    }
    bool failed = fault_clear(trial.fault) > 0;
    daemon_kill(trial.server);
    trial_start(&trial);
    trial_judge(&trial, sum);
    trial_end(&trial, sum);
    return failed;
}

static void expect_refused_or_served(enum fault_call call)
{
    refusals = 0;
    trial_each("errors at the start", call, try_to_start);
    rounds_tell("errors at the start of %s: %" PRIu64 " starts refused", fault_kinds[call].name,
                refusals);
}

Test(starts, with_errors_of_writing_lose_nothing)
{
    expect_refused_or_served(FAULT_WRITE);
    expect_refused_or_served(FAULT_FDATASYNC);
    expect_refused_or_served(FAULT_FSYNC);
    expect_refused_or_served(FAULT_FTRUNCATE);
}

Test(starts, with_errors_of_names_lose_nothing)
{
    expect_refused_or_served(FAULT_OPEN);
    expect_refused_or_served(FAULT_RENAME);
    expect_refused_or_served(FAULT_UNLINK);
    expect_refused_or_served(FAULT_CLOSE);
}

Test(starts, with_errors_of_reading_lose_nothing)
{
    expect_refused_or_served(FAULT_READ);
    expect_refused_or_served(FAULT_PREAD);
    expect_refused_or_served(FAULT_MMAP);
}
