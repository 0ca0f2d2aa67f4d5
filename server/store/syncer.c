#include "store/syncer.h"

#include <pthread.h>
#include <stdlib.h>

#include "ops/clock.h"
#include "ops/thread.h"

struct syncer {
    struct syncer_engine engine;
    int64_t allowed; /* ms that a write may be off the disk */
    pthread_t thread;

    /* Guards all that follows. */
    pthread_mutex_t lock;
    pthread_cond_t wake;   /* the thread: something to do, or the end */
    pthread_cond_t synced; /* who waits: a sync is over */
    int64_t dirty_since;  /* clock_ms of the first write that no sync has begun to cover; 0: none */
    int64_t being_synced; /* the same of the sync that runs; 0: none runs */
    bool failed;          /* since the last renewal, with: */
    struct store_error error;
    bool ending;
};

static struct timespec time_at(int64_t ms)
{
    return (struct timespec){.tv_sec = ms / 1000, .tv_nsec = (ms % 1000) * 1000000};
}

/* The lock is held; it is not while the disk works. */
static void sync_now(struct syncer *syncer)
{
    struct store_error error;
    syncer->being_synced = syncer->dirty_since;
    syncer->dirty_since = 0;
    pthread_mutex_unlock(&syncer->lock);
    bool synced = syncer->engine.sync(syncer->engine.engine, &error);
    if (!synced)
        syncer->engine.failed(syncer->engine.engine, &error);
    pthread_mutex_lock(&syncer->lock);
    if (!synced) {
        syncer->failed = true;
        syncer->error = error;
    }
    syncer->being_synced = 0;
    pthread_cond_broadcast(&syncer->synced);
}

/* Until half of the time is over; the other half is the disk's. The lock is held. */
static void wait_until_due(struct syncer *syncer)
{
    while (!syncer->ending && syncer->dirty_since == 0)
        pthread_cond_wait(&syncer->wake, &syncer->lock);
    struct timespec due = time_at(syncer->dirty_since + syncer->allowed / 2);
    int result = 0;
    while (!syncer->ending && result == 0)
        result = pthread_cond_timedwait(&syncer->wake, &syncer->lock, &due);
}

/* What was written while the last sync ran is synced before the end, too. */
static void *run(void *arg)
{
    struct syncer *syncer = arg;
    thread_begin("syncer");
    pthread_mutex_lock(&syncer->lock);
    while (!syncer->ending || syncer->dirty_since != 0) {
        wait_until_due(syncer);
        if (syncer->dirty_since != 0)
            sync_now(syncer);
    }
    pthread_mutex_unlock(&syncer->lock);
    return NULL;
}

static void init_condition(pthread_cond_t *condition)
{
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC); /* as clock_ms */
    pthread_cond_init(condition, &attributes);
    pthread_condattr_destroy(&attributes);
}

static void fini(struct syncer *syncer)
{
    pthread_cond_destroy(&syncer->synced);
    pthread_cond_destroy(&syncer->wake);
    pthread_mutex_destroy(&syncer->lock);
    free(syncer);
}

struct syncer *syncer_new(const struct syncer_engine *engine, uint64_t seconds)
{
    struct syncer *syncer = calloc(1, sizeof(*syncer));
    if (syncer == NULL)
        return NULL;
    syncer->engine = *engine;
    syncer->allowed = (int64_t)seconds * 1000;
    pthread_mutex_init(&syncer->lock, NULL);
    init_condition(&syncer->wake);
    init_condition(&syncer->synced);
    if (pthread_create(&syncer->thread, NULL, run, syncer) != 0) {
        fini(syncer);
        return NULL;
    }
    return syncer;
}

void syncer_free(struct syncer *syncer)
{
    if (syncer == NULL)
        return;
    pthread_mutex_lock(&syncer->lock);
    syncer->ending = true;
    pthread_cond_signal(&syncer->wake);
    pthread_mutex_unlock(&syncer->lock);
    pthread_join(syncer->thread, NULL);
    fini(syncer);
}

/* Whether a write that no sync has ended for is too old. */
static bool is_late(const struct syncer *syncer, int64_t now)
{
    int64_t oldest = syncer->being_synced != 0 ? syncer->being_synced : syncer->dirty_since;
    return oldest != 0 && now - oldest >= syncer->allowed;
}

/* The lock is held. */
static bool tell(const struct syncer *syncer, struct store_error *error)
{
    if (syncer->failed)
        *error = syncer->error;
    return !syncer->failed;
}

bool syncer_wrote(struct syncer *syncer, struct store_error *error)
{
    int64_t now = clock_ms();
    pthread_mutex_lock(&syncer->lock);
    if (syncer->dirty_since == 0) {
        syncer->dirty_since = now;
        pthread_cond_signal(&syncer->wake);
    }
    while (is_late(syncer, clock_ms()) && !syncer->failed)
        pthread_cond_wait(&syncer->synced, &syncer->lock);
    bool well = tell(syncer, error);
    pthread_mutex_unlock(&syncer->lock);
    return well;
}

bool syncer_await(struct syncer *syncer, struct store_error *error)
{
    pthread_mutex_lock(&syncer->lock);
    while (syncer->being_synced != 0 && !syncer->failed)
        pthread_cond_wait(&syncer->synced, &syncer->lock);
    bool well = tell(syncer, error);
    pthread_mutex_unlock(&syncer->lock);
    return well;
}

void syncer_renew(struct syncer *syncer)
{
    pthread_mutex_lock(&syncer->lock);
    syncer->failed = false;
    pthread_mutex_unlock(&syncer->lock);
}
