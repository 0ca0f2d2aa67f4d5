#include "store/maintenance.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "ops/clock.h"
#include "ops/log.h"
#include "ops/thread.h"

/* A piece of a compaction, in bytes before it: a second or two of work, which is what a stopping
 * daemon waits. Smaller ones would rewrite the tables at their edges more often. */
#define PIECE_BYTES ((uint64_t)64 * 1024 * 1024)

struct maintenance {
    struct maintenance_engine engine;
    pthread_t thread;

    /* Guards all that follows but `stopping`; held for a few instructions at a time. */
    pthread_mutex_t lock;
    pthread_cond_t more;
    struct compaction *first;
    struct compaction **last;
    struct compaction *running;
    uint64_t finished;
    bool ending;

    atomic_bool stopping;
};

/* Jobs --------------------------------------------------------------------- */

static void give_up(struct compaction *job)
{
    job->status = STATUS_SHUTDOWN;
    snprintf(job->problem, sizeof(job->problem), "%s", status_meaning(STATUS_SHUTDOWN));
}

static bool is_empty(const struct range *range)
{
    int order = slice_compare(buffer_slice(&range->low), buffer_slice(&range->high));
    bool one_key = !range->low_open && range->high_closed;
    return !range->endless && (order > 0 || (order == 0 && !one_key));
}

static struct slice range_end(const struct range *range)
{
    if (range->endless)
        return PIECE_NO_END;
    return range->high.len == 0 ? SLICE("") : buffer_slice(&range->high);
}

/* How much may be compacted at once now; 0 when the job has failed. */
static uint64_t allow(struct maintenance *maintenance, struct compaction *job)
{
    const struct maintenance_engine *engine = &maintenance->engine;
    uint64_t most = engine->allow == NULL ? PIECE_BYTES : engine->allow(engine->engine, job);
    return most < PIECE_BYTES ? most : PIECE_BYTES;
}

/* Compacts the first piece of what is left, and moves *low behind it; false when it was the last,
 * or the job has failed. */
static bool run_piece(struct maintenance *maintenance, struct compaction *job, struct buffer *low,
                      struct piece *piece)
{
    const struct maintenance_engine *engine = &maintenance->engine;
    struct slice high = range_end(&job->range);
    uint64_t most = allow(maintenance, job);
    if (most == 0)
        return false;
    piece_cut(piece, buffer_slice(low), high, most, engine->size, engine->engine);
    atomic_store(&job->bytes_total, job->bytes_done + piece->bytes + piece->rest);
    engine->compact(engine->engine, buffer_slice(low),
                    piece->last ? high : buffer_slice(&piece->end));
    atomic_fetch_add(&job->bytes_done, piece->bytes);
    struct buffer done = *low;
    *low = piece->end;
    piece->end = done;
    return !piece->last;
}

static void run_pieces(struct maintenance *maintenance, struct compaction *job)
{
    struct piece piece = {0};
    struct buffer low = {0};
    bool more = true;
    int64_t started = clock_ms();
    buffer_append_slice(&low, buffer_slice(&job->range.low));
    while (more && !atomic_load(&maintenance->stopping))
        more = run_piece(maintenance, job, &low, &piece);
    if (more)
        give_up(job);
    else if (job->status == STATUS_OK)
        maintenance->engine.check(maintenance->engine.engine, job);
    log_info("compacted %llu of %llu KiB in %lld ms", (unsigned long long)job->bytes_done / 1024,
             (unsigned long long)job->bytes_total / 1024, (long long)(clock_ms() - started));
    buffer_fini(&low);
    piece_fini(&piece);
}

static void flush(struct maintenance *maintenance, struct compaction *job)
{
    if (allow(maintenance, job) > 0)
        maintenance->engine.flush(maintenance->engine.engine);
}

static void run_job(struct maintenance *maintenance, struct compaction *job)
{
    job->status = STATUS_OK;
    if (atomic_load(&maintenance->stopping))
        give_up(job);
    else if (job->only_memory)
        flush(maintenance, job);
    else if (!is_empty(&job->range))
        run_pieces(maintenance, job);
}

/* The queue ------------------------------------------------------------------ */

/* Takes the next job, or NULL at the end; the lock is held. */
static struct compaction *take_job(struct maintenance *maintenance)
{
    while (maintenance->first == NULL && !maintenance->ending)
        pthread_cond_wait(&maintenance->more, &maintenance->lock);
    struct compaction *job = maintenance->first;
    if (job == NULL)
        return NULL;
    maintenance->first = job->next;
    if (maintenance->first == NULL)
        maintenance->last = &maintenance->first;
    maintenance->running = job;
    return job;
}

static void *run(void *arg)
{
    struct maintenance *maintenance = arg;
    struct compaction *job = NULL;
    thread_begin("maintenance");
    pthread_mutex_lock(&maintenance->lock);
    while ((job = take_job(maintenance)) != NULL) {
        pthread_mutex_unlock(&maintenance->lock);
        run_job(maintenance, job);
        pthread_mutex_lock(&maintenance->lock);
        maintenance->running = NULL;
        maintenance->finished += job->status == STATUS_OK;
        pthread_mutex_unlock(&maintenance->lock);
        job->done(job, job->arg); /* it is the owner's again */
        pthread_mutex_lock(&maintenance->lock);
    }
    pthread_mutex_unlock(&maintenance->lock);
    return NULL;
}

struct maintenance *maintenance_new(const struct maintenance_engine *engine)
{
    struct maintenance *maintenance = calloc(1, sizeof(*maintenance));
    if (maintenance == NULL)
        return NULL;
    maintenance->engine = *engine;
    maintenance->last = &maintenance->first;
    pthread_mutex_init(&maintenance->lock, NULL);
    pthread_cond_init(&maintenance->more, NULL);
    if (pthread_create(&maintenance->thread, NULL, run, maintenance) != 0) {
        pthread_cond_destroy(&maintenance->more);
        pthread_mutex_destroy(&maintenance->lock);
        free(maintenance);
        return NULL;
    }
    return maintenance;
}

void maintenance_stop(struct maintenance *maintenance)
{
    atomic_store(&maintenance->stopping, true);
}

void maintenance_free(struct maintenance *maintenance)
{
    maintenance_stop(maintenance);
    pthread_mutex_lock(&maintenance->lock);
    maintenance->ending = true;
    pthread_cond_signal(&maintenance->more);
    pthread_mutex_unlock(&maintenance->lock);
    pthread_join(maintenance->thread, NULL);
    pthread_cond_destroy(&maintenance->more);
    pthread_mutex_destroy(&maintenance->lock);
    free(maintenance);
}

void maintenance_take(struct maintenance *maintenance, struct compaction *job)
{
    job->next = NULL;
    pthread_mutex_lock(&maintenance->lock);
    *maintenance->last = job;
    maintenance->last = &job->next;
    pthread_cond_signal(&maintenance->more);
    pthread_mutex_unlock(&maintenance->lock);
}

void maintenance_tell(struct maintenance *maintenance, struct compaction_facts *facts)
{
    *facts = (struct compaction_facts){0};
    pthread_mutex_lock(&maintenance->lock);
    const struct compaction *job = maintenance->running;
    for (const struct compaction *at = maintenance->first; at != NULL; at = at->next)
        facts->waiting++;
    facts->finished = maintenance->finished;
    facts->running = job != NULL;
    if (job != NULL) {
        facts->bytes_done = atomic_load(&job->bytes_done);
        facts->bytes_total = atomic_load(&job->bytes_total);
    }
    pthread_mutex_unlock(&maintenance->lock);
}
