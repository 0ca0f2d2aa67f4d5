#include "store/committer.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "ops/log.h"
#include "ops/metrics.h"
#include "ops/thread.h"
#include "store/hash.h"

/* Submissions that wait beyond this many bytes stop their connections from being read. */
#define FULL_BYTES ((size_t)64 * 1024 * 1024)

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

    /* Guards the queue and what follows it; held for a few instructions at a time. */
    pthread_mutex_t lock;
    pthread_cond_t more;
    struct submission *first;
    struct submission **last;
    bool stopping;
    bool failed; /* from outside, and not seen yet; with `failure` */
    struct store_error failure;

    atomic_size_t waiting_bytes; /* in the queue and in the round */
    atomic_bool told_full;       /* somebody saw it full and waits for room */
    store_room_fn *room;
    void *room_arg;

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
    if (committer->engine.write(committer->engine.engine, committer->barrier, &committer->error)) {
        each_decided(committer, tell_written);
        metrics_add(&metrics.commits, 1);
        metrics_add(&metrics.barriers, committer->barrier);
        metrics_add(&metrics.committed_writes, committer->writes);
        metrics_add(&metrics.committed_operations, committer->operations);
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

static void finish_round(struct committer *committer, struct submission *round)
{
    size_t bytes = 0;
    while (round != NULL) {
        struct submission *next = round->next;
        bytes += budget_share(&round->share);
        round->done(round, round->arg); /* it is the connection's again */
        round = next;
    }
    size_t before = atomic_fetch_sub(&committer->waiting_bytes, bytes);
    if (before - bytes < FULL_BYTES && atomic_exchange(&committer->told_full, false) &&
        committer->room != NULL)
        committer->room(committer->room_arg);
}

/* The submission waits, or has grown by what its programs did: the queue holds that much more. */
static void count_size(struct committer *committer, struct submission *submission)
{
    size_t before = budget_share(&submission->share);
    size_t now = submission_size(submission);
    budget_hold(&submission->share, now);
    atomic_fetch_add(&committer->waiting_bytes, now - before); /* less wraps around */
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

/* What comes behind the submission waits for the next round, at the head of the queue. */
static void put_back(struct committer *committer, struct submission *last)
{
    struct submission *first = last->next;
    struct submission **end = &first->next;
    last->next = NULL;
    while (*end != NULL)
        end = &(*end)->next;
    pthread_mutex_lock(&committer->lock);
    *end = committer->first;
    if (committer->first == NULL)
        committer->last = end;
    committer->first = first;
    pthread_mutex_unlock(&committer->lock);
}

static void commit_round(struct committer *committer, struct submission *round)
{
    size_t said = 0;
    decision_begin(&committer->decision, round);
    committer->unwritten = round;
    committer->first_unwritten = 0;
    for (struct submission *at = round; at != NULL; at = at->next) {
        decide_all(committer, at);
        count_size(committer, at);
        said += at->said.len;
        if (at->next != NULL && (said > ROUND_BYTES || committer->decision.looks > ROUND_LOOKS))
            put_back(committer, at);
    }
    flush(committer);
    finish_round(committer, round);
}

/* The queue -------------------------------------------------------------- */

/* Takes what waits, up to a round's size but at least one; the lock is held. */
static struct submission *take_round(struct committer *committer)
{
    struct submission *round = committer->first;
    struct submission *last = round;
    size_t bytes = submission_size(last);
    while (last->next != NULL && bytes < ROUND_BYTES) {
        last = last->next;
        bytes += submission_size(last);
    }
    committer->first = last->next;
    if (committer->first == NULL)
        committer->last = &committer->first;
    last->next = NULL;
    return round;
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

/* Waits for work, for the end, or until it is time to recover. The lock is held. */
static void wait_for_work(struct committer *committer)
{
    while (committer->first == NULL && !committer->stopping && !committer->failed) {
        if (!will_recover(committer)) {
            pthread_cond_wait(&committer->more, &committer->lock);
            continue;
        }
        int64_t at = committer->latch.try_at;
        struct timespec end = {.tv_sec = at / 1000, .tv_nsec = (at % 1000) * 1000000};
        if (pthread_cond_timedwait(&committer->more, &committer->lock, &end) != 0)
            return;
    }
}

/* Outside the lock: what is to be done besides writing. Who stops has no time to recover. */
static void look_after_disk(struct committer *committer, const struct store_error *failure,
                            bool stopping)
{
    if (failure != NULL && committer_is_writable(committer))
        latch_fall(&committer->latch, failure);
    if (!stopping && will_recover(committer) && latch_is_due(&committer->latch))
        recover(committer);
}

/* The lock is held; it is not while it works. */
static void work(struct committer *committer)
{
    struct store_error failure = committer->failure;
    bool failed = committer->failed;
    bool stopping = committer->stopping;
    committer->failed = false;
    pthread_mutex_unlock(&committer->lock);
    look_after_disk(committer, failed ? &failure : NULL, stopping);
    pthread_mutex_lock(&committer->lock);
    if (committer->first == NULL)
        return;
    struct submission *round = take_round(committer);
    pthread_mutex_unlock(&committer->lock);
    commit_round(committer, round);
    pthread_mutex_lock(&committer->lock);
}

static void *run(void *arg)
{
    struct committer *committer = arg;
    thread_begin("committer");
    pthread_mutex_lock(&committer->lock);
    while (committer->first != NULL || !committer->stopping) {
        wait_for_work(committer);
        work(committer);
    }
    pthread_mutex_unlock(&committer->lock);
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

struct committer *committer_new(const struct committer_engine *engine)
{
    struct committer *committer = calloc(1, sizeof(*committer));
    if (committer == NULL)
        return NULL;
    committer->engine = *engine;
    committer->decision.look = engine->look;
    committer->decision.engine = engine->engine;
    committer->last = &committer->first;
    if (!hash_new_key(committer->decision.overlay.key)) {
        free(committer);
        return NULL;
    }
    latch_init(&committer->latch);
    pthread_mutex_init(&committer->lock, NULL);
    init_condition(&committer->more);
    if (pthread_create(&committer->thread, NULL, run, committer) != 0) {
        pthread_cond_destroy(&committer->more);
        pthread_mutex_destroy(&committer->lock);
        latch_fini(&committer->latch);
        free(committer);
        return NULL;
    }
    return committer;
}

void committer_stop(struct committer *committer)
{
    pthread_mutex_lock(&committer->lock);
    committer->stopping = true;
    pthread_cond_signal(&committer->more);
    pthread_mutex_unlock(&committer->lock);
    pthread_join(committer->thread, NULL);
}

void committer_free(struct committer *committer)
{
    if (committer->failed && committer_is_writable(committer))
        log_error("what was written last may not be on disk: %s", committer->failure.text);
    pthread_cond_destroy(&committer->more);
    pthread_mutex_destroy(&committer->lock);
    latch_fini(&committer->latch);
    decision_fini(&committer->decision);
    free(committer);
}

void committer_take(struct committer *committer, struct submission *submission)
{
    submission->next = NULL;
    count_size(committer, submission);
    pthread_mutex_lock(&committer->lock);
    bool was_empty = committer->first == NULL;
    *committer->last = submission;
    committer->last = &submission->next;
    pthread_mutex_unlock(&committer->lock);
    if (was_empty)
        pthread_cond_signal(&committer->more);
}

bool committer_is_full(struct committer *committer)
{
    if (atomic_load(&committer->waiting_bytes) < FULL_BYTES)
        return false;
    atomic_store(&committer->told_full, true);
    /* The committer may have finished between the look and the note; then nobody would call. */
    return atomic_load(&committer->waiting_bytes) >= FULL_BYTES;
}

void committer_on_room(struct committer *committer, store_room_fn *room, void *arg)
{
    committer->room = room;
    committer->room_arg = arg;
}

bool committer_is_writable(struct committer *committer)
{
    return !latch_is_fallen(&committer->latch);
}

void committer_fail(struct committer *committer, const struct store_error *error)
{
    pthread_mutex_lock(&committer->lock);
    committer->failed = true;
    committer->failure = *error;
    pthread_cond_signal(&committer->more);
    pthread_mutex_unlock(&committer->lock);
}

void committer_tell(struct committer *committer, struct latch_facts *facts)
{
    latch_tell(&committer->latch, facts);
}
