#include "ops/chore.h"

#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "ops/clock.h"
#include "ops/log.h"
#include "ops/signals.h"
#include "ops/thread.h"

/* How often somebody hears that a chore takes time. */
#define PULSE_MS 5000

struct chore {
    const char *name;
    chore_fn *work;
    void *arg;
    int done_fd;
};

static void *run(void *arg)
{
    struct chore *chore = arg;
    uint64_t once = 1;
    thread_begin(chore->name);
    chore->work(chore->arg);
    (void)!write(chore->done_fd, &once, sizeof(once)); /* there is room for one */
    return NULL;
}

/* Whether one of the signals that came is to stop; *hung_up when one is for whoever comes after. */
static bool should_stop(int signals, bool *hung_up)
{
    int number = 0;
    while ((number = signals_take(signals)) != 0) {
        if (number != SIGHUP)
            return true;
        log_reopen();
        *hung_up = true;
    }
    return false;
}

static int time_left(int64_t deadline)
{
    int64_t left = deadline - clock_ms();
    if (deadline == 0)
        return -1;
    return left < 0 ? 0 : left > INT_MAX ? INT_MAX : (int)left;
}

/* For poll: until the deadline, or the next pulse if there is one. */
static int time_to_wait(int64_t deadline, chore_pulse_fn *pulse)
{
    int left = time_left(deadline);
    return pulse != NULL && (left < 0 || left > PULSE_MS) ? PULSE_MS : left;
}

static enum chore_result await(const struct chore *chore, int signals, int64_t deadline,
                               chore_pulse_fn *pulse)
{
    bool hung_up = false;
    struct pollfd entries[] = {{.fd = chore->done_fd, .events = POLLIN},
                               {.fd = signals, .events = POLLIN}};
    for (int count = 0;; count = poll(entries, 2, time_to_wait(deadline, pulse))) {
        if (count > 0 && entries[0].revents != 0) {
            if (hung_up)
                kill(getpid(), SIGHUP); /* blocked: it waits to be taken again */
            return CHORE_DONE;
        }
        if (count > 0 && should_stop(signals, &hung_up))
            return CHORE_INTERRUPTED;
        if (count == 0 && time_left(deadline) == 0)
            return CHORE_LATE;
        if (count == 0 && pulse != NULL)
            pulse();
    }
}

/* The thread, or false when the system has none. */
static bool start(struct chore *chore, pthread_t *thread)
{
    chore->done_fd = eventfd(0, EFD_CLOEXEC);
    if (chore->done_fd < 0)
        return false;
    if (pthread_create(thread, NULL, run, chore) != 0) {
        close(chore->done_fd);
        return false;
    }
    return true;
}

enum chore_result chore_run(const char *name, chore_fn *work, void *arg, int signals,
                            int64_t deadline, chore_pulse_fn *pulse)
{
    pthread_t thread;
    struct chore *chore = malloc(sizeof(*chore)); /* the thread may outlive this call */
    if (chore != NULL)
        *chore = (struct chore){.name = name, .work = work, .arg = arg};
    if (chore == NULL || !start(chore, &thread)) {
        free(chore);
        work(arg); /* nobody hears signals meanwhile, but it is done */
        return CHORE_DONE;
    }
    enum chore_result result = await(chore, signals, deadline, pulse);
    if (result != CHORE_DONE) {
        pthread_detach(thread);
        return result;
    }
    pthread_join(thread, NULL);
    close(chore->done_fd);
    free(chore);
    return CHORE_DONE;
}
