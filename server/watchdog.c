#include "watchdog.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "ops/notify.h"
#include "ops/pulse.h"

#define LOOKS 4

/* A question to a worker. */
struct question {
    struct message message;
    atomic_bool open; /* asked, and not answered */
};

struct watchdog {
    struct event *event;
    struct worker *const *workers;
    size_t count;
    struct store *store;
    uint64_t rounds; /* of the committer, at the last look */
    bool doubted;    /* somebody did not answer at the last look, of which `earlier` is */
    struct pulse earlier;
    struct pulse now;
    struct question questions[];
};

/* On the worker's thread. */
static void answer(struct message *message, void *owner)
{
    struct question *question = (struct question *)message;
    (void)owner;
    atomic_store(&question->open, false);
}

/* A worker that has ended is nobody to ask. */
static void ask(struct watchdog *watchdog, size_t number)
{
    struct question *question = &watchdog->questions[number];
    if (!atomic_exchange(&question->open, true) &&
        !worker_offer(watchdog->workers[number], &question->message))
        atomic_store(&question->open, false);
}

/* Excuses -------------------------------------------------------------------- */

static bool is_worker(const struct pulse_thread *thread)
{
    return strncmp(thread->name, "worker-", 7) == 0;
}

static bool is_store(const struct pulse_thread *thread)
{
    return !is_worker(thread) && thread->number != getpid();
}

static bool worker_is_excused(const struct watchdog *watchdog, size_t number)
{
    char name[16];
    snprintf(name, sizeof(name), "worker-%zu", number % 1000);
    for (size_t i = 0; i < watchdog->now.count; i++) {
        const struct pulse_thread *thread = &watchdog->now.threads[i];
        if (is_store(thread) && thread->disk)
            return true;
        if (strcmp(thread->name, name) == 0 && pulse_goes_on(&watchdog->earlier, thread))
            return true;
    }
    return false;
}

static bool committer_is_excused(const struct watchdog *watchdog)
{
    for (size_t i = 0; i < watchdog->now.count; i++) {
        const struct pulse_thread *thread = &watchdog->now.threads[i];
        if (is_store(thread) && pulse_goes_on(&watchdog->earlier, thread))
            return true;
    }
    return false;
}

/* Looking -------------------------------------------------------------------- */

static bool workers_are_excused(const struct watchdog *watchdog)
{
    for (size_t i = 0; i < watchdog->count; i++)
        if (atomic_load(&watchdog->questions[i].open) && !worker_is_excused(watchdog, i))
            return false;
    return true;
}

/* Somebody did not answer. The first time there is nothing to compare with; where the system tells
 * nothing there is no ground to have anybody killed. */
static bool is_excused(struct watchdog *watchdog, bool committer_hangs)
{
    bool first = !watchdog->doubted;
    if (!pulse_take(&watchdog->now))
        return true;
    bool excused = !first && workers_are_excused(watchdog) &&
                   (!committer_hangs || committer_is_excused(watchdog));
    watchdog->earlier = watchdog->now;
    return excused;
}

static bool has_silent_worker(const struct watchdog *watchdog)
{
    for (size_t i = 0; i < watchdog->count; i++)
        if (atomic_load(&watchdog->questions[i].open))
            return true;
    return false;
}

static void look(evutil_socket_t fd, short what, void *arg)
{
    struct watchdog *watchdog = arg;
    uint64_t rounds = 0;
    (void)fd;
    (void)what;
    bool committer_hangs =
        store_is_committing(watchdog->store, &rounds) && rounds == watchdog->rounds;
    bool doubtful = committer_hangs || has_silent_worker(watchdog);
    if (!doubtful || is_excused(watchdog, committer_hangs))
        notify_alive();
    watchdog->doubted = doubtful;
    watchdog->rounds = rounds;
    for (size_t i = 0; i < watchdog->count; i++)
        ask(watchdog, i);
}

/* Life ----------------------------------------------------------------------- */

struct watchdog *watchdog_start(struct event_base *base, const struct crew *crew,
                                struct store *store)
{
    size_t count = 0;
    int64_t period = notify_watchdog();
    struct worker *const *workers = crew_workers(crew, &count);
    struct watchdog *watchdog =
        period == 0 ? NULL : calloc(1, sizeof(*watchdog) + count * sizeof(struct question));
    if (watchdog == NULL)
        return NULL;
    watchdog->workers = workers;
    watchdog->count = count;
    watchdog->store = store;
    for (size_t i = 0; i < count; i++)
        watchdog->questions[i].message.run = answer;
    int64_t pause = period / LOOKS * 1000;
    struct timeval interval = {.tv_sec = pause / 1000000, .tv_usec = pause % 1000000};
    watchdog->event = event_new(base, -1, EV_PERSIST, look, watchdog);
    if (watchdog->event != NULL && event_add(watchdog->event, &interval) == 0)
        return watchdog;
    watchdog_free(watchdog);
    return NULL;
}

void watchdog_free(struct watchdog *watchdog)
{
    if (watchdog == NULL)
        return;
    if (watchdog->event != NULL)
        event_free(watchdog->event);
    free(watchdog);
}
