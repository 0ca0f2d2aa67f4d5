#include "store/committer.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "ops/clock.h"
#include "ops/disk.h"
#include "ops/log.h"
#include "ops/metrics.h"
#include "ops/thread.h"
#include "store/hash.h"
#include "store/queue.h"

/* A round takes no further submission beyond this many bytes, so that nobody waits for a giant; nor
 * beyond so many that its programs said, which are held until it is written. */
#define ROUND_BYTES ((size_t)8 * 1024 * 1024)

/* Nor beyond so many look-ups, which take some tenths of a second where nothing is cached. */
#define ROUND_LOOKS ((size_t)64 * 1024)

/* A round in which programs change more bytes than this is written in parts: their changes are held
 * in memory until then. */
#define FLUSH_BYTES ((size_t)64 * 1024 * 1024)

struct committer {
    struct committer_engine engine;
    pthread_t thread;
    struct queue queue;
    atomic_bool stopping;
    atomic_uint_least64_t rounds; /* begun so far */

    pthread_mutex_t lock; /* guards the next; held for a few instructions at a time */
    bool failed;          /* from outside, and not seen yet; with `failure` */
    struct store_error failure;

    struct latch latch;

    /* The committer thread's own. */
    struct decision decision;
    uint64_t operations;
    uint64_t writes;
    bool barrier;                 /* the round has one */
    struct submission *unwritten; /* where the first write stands that is not written yet */
    size_t first_unwritten;
    struct submission *deciding; /* and the last one that is decided, and how many of its are */
    size_t decided;
    struct store_error error; /* of the last failed write */
};

/* Rounds ----------------------------------------------------------------- */

static void stage(struct committer *committer, const struct submission *submission,
                  const struct write *write)
{
    const struct committer_engine *engine = &committer->engine;
    struct changes changes = submission_changes(submission, write);
    struct slice key;
    struct slice value;
    while (changes_next(&changes, &key, &value)) {
        if (value.data != NULL)
            engine->put(engine->engine, key, value);
        else
            engine->del(engine->engine, key);
        committer->operations++;
    }
    committer->writes++;
}

static void decide(struct committer *committer, struct submission *submission, struct write *write)
{
    if (write->status != STATUS_OK)
        return;
    bool writable = committer_is_writable(committer);
    committer->decision.shut = writable ? NULL : latch_because(&committer->latch);
    if (!decision_make(&committer->decision, submission, write))
        return;
    committer->barrier |= write->barrier;
    stage(committer, submission, write);
}

/* What happens to some of the writes of a submission: those from `first` up to `end`. */
typedef void visit_fn(struct committer *committer, struct submission *submission, size_t first,
                      size_t end);

/* Visits the writes of the round that are decided and not written yet. */
static void each_decided(struct committer *committer, visit_fn *visit)
{
    struct submission *at = committer->unwritten;
    size_t first = committer->first_unwritten;
    for (; at != committer->deciding; at = at->next, first = 0)
        visit(committer, at, first, at->count);
    visit(committer, at, first, committer->decided);
}

/* A barrier asks for more than that its own round was not written: whether earlier writes are on
 * disk is not known. */
static enum status fate(const struct committer *committer, const struct write *write)
{
    return committer->error.status == STATUS_IO && !write->barrier ? STATUS_IO : STATUS_UNKNOWN;
}

/* Whether what the write says depends on what reached the disk: it was to change something, or
 * leans on what others of the round were to change. */
static bool depends(const struct submission *submission, const struct write *write)
{
    struct changes changes = submission_changes(submission, write);
    struct slice key;
    struct slice value;
    return write->leans ||
           (write->status == STATUS_OK && (write->barrier || changes_next(&changes, &key, &value)));
}

/* After a failed write nobody knows what reached the disk. One that only read what is in the store,
 * or was refused for that, changed nothing in either case, and tells the truth. */
static void say_failed(struct committer *committer, struct submission *submission, size_t first,
                       size_t end)
{
    for (size_t i = first; i < end; i++) {
        struct write *write = &submission->writes[i];
        if (depends(submission, write))
            write_fail(write, fate(committer, write),
                       submission_explain(submission, committer->error.text));
    }
}

static void tell_written(struct committer *committer, struct submission *submission, size_t first,
                         size_t end)
{
    committer->engine.wrote(committer->engine.engine, submission, first, end);
}

static void write_staged(struct committer *committer)
{
    if (committer->operations == 0 && !committer->barrier)
        return;
    int64_t began = clock_us();
    int64_t spent = disk_spent();
    if (committer->engine.write(committer->engine.engine, committer->barrier, &committer->error)) {
        metrics_commit(committer->operations, clock_us() - began, disk_spent() > spent);
        each_decided(committer, tell_written);
        metrics_add(&metrics.barriers, committer->barrier);
        metrics_add(&metrics.committed_writes, committer->writes);
        return;
    }
    latch_fall(&committer->latch, &committer->error);
    each_decided(committer, say_failed);
}

static void forget_changes(struct committer *committer, struct submission *submission, size_t first,
                           size_t end)
{
    (void)committer;
    for (size_t i = first; i < end; i++)
        submission_forget_changes(&submission->writes[i]);
    submission->changed = 0; /* what was changed before `first` is forgotten already */
}

/* Writes what is decided, and goes on as if the round began behind it. */
static void flush(struct committer *committer)
{
    write_staged(committer);
    decision_forget(&committer->decision);
    each_decided(committer, forget_changes);
    committer->unwritten = committer->deciding;
    committer->first_unwritten = committer->decided;
    committer->operations = 0;
    committer->writes = 0;
    committer->barrier = false;
}

static void decide_all(struct committer *committer, struct submission *submission)
{
    const struct committer_engine *engine = &committer->engine;
    committer->deciding = submission;
    if (engine->room != NULL)
        committer->decision.room = engine->room(engine->engine, submission->mutations.len);
    for (committer->decided = 0; committer->decided < submission->count;) {
        decide(committer, submission, &submission->writes[committer->decided++]);
        if (committer->decision.changed > FLUSH_BYTES)
            flush(committer);
    }
}

static void commit_round(struct committer *committer, struct submission *round)
{
    size_t said = 0;
    decision_begin(&committer->decision, round);
    committer->unwritten = round;
    committer->first_unwritten = 0;
    for (struct submission *at = round; at != NULL; at = at->next) {
        decide_all(committer, at);
        queue_count(&committer->queue, at);
        said += at->said.len;
        if (at->next != NULL && (said > ROUND_BYTES || committer->decision.looks > ROUND_LOOKS))
            queue_put_back(&committer->queue, at);
    }
    flush(committer);
    queue_done(&committer->queue, round);
}

/* Recovering ------------------------------------------------------------- */

static bool will_recover(const struct committer *committer)
{
    return committer->engine.recover != NULL && latch_is_fallen(&committer->latch);
}

static void recover(struct committer *committer)
{
    const struct committer_engine *engine = &committer->engine;
    struct store_error obstacle;
    if (!engine->recover(engine->engine, &obstacle)) {
        latch_keep(&committer->latch, &obstacle);
        return;
    }
    pthread_mutex_lock(&committer->lock);
    committer->failed = false; /* what failed before is over with it */
    pthread_mutex_unlock(&committer->lock);
    latch_lift(&committer->latch);
}

/* Whether something failed outside since the last time. */
static bool take_failure(struct committer *committer, struct store_error *failure)
{
    pthread_mutex_lock(&committer->lock);
    bool failed = committer->failed;
    *failure = committer->failure;
    committer->failed = false;
    pthread_mutex_unlock(&committer->lock);
    return failed;
}

/* What is to be done besides writing. Who stops has no time to recover. */
static void look_after_disk(struct committer *committer, bool stopping)
{
    struct store_error failure;
    if (take_failure(committer, &failure) && committer_is_writable(committer))
        latch_fall(&committer->latch, &failure);
    if (!stopping && will_recover(committer) && latch_is_due(&committer->latch))
        recover(committer);
}

/* The thread --------------------------------------------------------------- */

/* Nothing is handed in once it is told to stop. */
static void *run(void *arg)
{
    struct committer *committer = arg;
    struct submission *round = NULL;
    bool stopping = false;
    thread_begin("committer");
    while (round != NULL || !stopping) {
        stopping = atomic_load(&committer->stopping);
        atomic_fetch_add(&committer->rounds, 1);
        look_after_disk(committer, stopping);
        round = queue_take(&committer->queue, ROUND_BYTES);
        if (round != NULL)
            commit_round(committer, round);
        else if (!stopping)
            queue_wait(&committer->queue, will_recover(committer) ? committer->latch.try_at : 0);
    }
    return NULL;
}

struct committer *committer_new(const struct committer_engine *engine)
{
    struct committer *committer = calloc(1, sizeof(*committer));
    if (committer == NULL)
        return NULL;
    committer->engine = *engine;
    committer->decision.look = engine->look;
    committer->decision.engine = engine->engine;
    if (!hash_new_key(committer->decision.overlay.key)) {
        free(committer);
        return NULL;
    }
    latch_init(&committer->latch);
    pthread_mutex_init(&committer->lock, NULL);
    queue_init(&committer->queue);
    if (pthread_create(&committer->thread, NULL, run, committer) != 0) {
        queue_fini(&committer->queue);
        pthread_mutex_destroy(&committer->lock);
        latch_fini(&committer->latch);
        free(committer);
        return NULL;
    }
    return committer;
}

void committer_stop(struct committer *committer)
{
    atomic_store(&committer->stopping, true);
    queue_wake(&committer->queue);
    pthread_join(committer->thread, NULL);
}

void committer_free(struct committer *committer)
{
    if (committer->failed && committer_is_writable(committer))
        log_error("what was written last may not be on disk: %s", committer->failure.text);
    queue_fini(&committer->queue);
    pthread_mutex_destroy(&committer->lock);
    latch_fini(&committer->latch);
    decision_fini(&committer->decision);
    free(committer);
}

void committer_take(struct committer *committer, struct submission *submission)
{
    queue_put(&committer->queue, submission);
}

bool committer_is_full(struct committer *committer)
{
    return queue_is_full(&committer->queue);
}

void committer_on_room(struct committer *committer, store_room_fn *room, void *arg)
{
    queue_on_room(&committer->queue, room, arg);
}

bool committer_is_writable(struct committer *committer)
{
    return !latch_is_fallen(&committer->latch);
}

bool committer_is_busy(struct committer *committer, uint64_t *rounds)
{
    *rounds = atomic_load(&committer->rounds);
    return atomic_load(&committer->queue.bytes) > 0;
}

void committer_fail(struct committer *committer, const struct store_error *error)
{
    pthread_mutex_lock(&committer->lock);
    committer->failed = true;
    committer->failure = *error;
    pthread_mutex_unlock(&committer->lock);
    queue_wake(&committer->queue);
}

void committer_tell(struct committer *committer, struct latch_facts *facts)
{
    latch_tell(&committer->latch, facts);
}
