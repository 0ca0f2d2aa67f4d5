#include "store/committer.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "ops/log.h"
#include "ops/metrics.h"
#include "store/hash.h"

/* Submissions that wait beyond this many bytes stop their connections from being read. */
#define FULL_BYTES ((size_t)64 * 1024 * 1024)

/* A round takes no further submission beyond this many bytes, so that nobody waits for a giant. */
#define ROUND_BYTES ((size_t)8 * 1024 * 1024)

/* A round in which programs change more bytes than this is written in parts: their changes are held
 * in memory until then. */
#define FLUSH_BYTES ((size_t)64 * 1024 * 1024)

struct committer {
    struct committer_engine engine;
    pthread_t thread;

    /* Guards the queue and `stopping`; held for a few instructions at a time. */
    pthread_mutex_t lock;
    pthread_cond_t more;
    struct submission *first;
    struct submission **last;
    bool stopping;

    atomic_size_t waiting_bytes; /* in the queue and in the round */
    atomic_bool told_full;       /* somebody saw it full and waits for room */
    store_room_fn *room;
    void *room_arg;

    atomic_bool writable;

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
    if (!committer_is_writable(committer)) {
        write_fail(write, STATUS_READONLY, status_meaning(STATUS_READONLY));
        return;
    }
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

/* After a failed write nobody knows what reached the disk: every write that was to change something
 * says so. One that was refused changed nothing in either case. */
static void say_unknown(struct committer *committer, struct submission *submission, size_t first,
                        size_t end)
{
    for (size_t i = first; i < end; i++)
        if (submission->writes[i].status == STATUS_OK)
            write_fail(&submission->writes[i], STATUS_UNKNOWN,
                       submission_explain(submission, committer->error.text));
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
    atomic_store(&committer->writable, false);
    log_error("a write failed, so the store is read-only until it is restarted: %s",
              committer->error.text);
    each_decided(committer, say_unknown);
}

static void forget_changes(struct committer *committer, struct submission *submission, size_t first,
                           size_t end)
{
    (void)committer;
    for (size_t i = first; i < end; i++)
        submission_forget_changes(&submission->writes[i]);
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
        bytes += submission_size(round);
        round->done(round, round->arg); /* it is the connection's again */
        round = next;
    }
    size_t before = atomic_fetch_sub(&committer->waiting_bytes, bytes);
    if (before - bytes < FULL_BYTES && atomic_exchange(&committer->told_full, false) &&
        committer->room != NULL)
        committer->room(committer->room_arg);
}

static void decide_all(struct committer *committer, struct submission *submission)
{
    committer->deciding = submission;
    for (committer->decided = 0; committer->decided < submission->count;) {
        decide(committer, submission, &submission->writes[committer->decided++]);
        if (committer->decision.changed > FLUSH_BYTES)
            flush(committer);
    }
}

static void commit_round(struct committer *committer, struct submission *round)
{
    decision_begin(&committer->decision, round);
    committer->unwritten = round;
    committer->first_unwritten = 0;
    for (struct submission *at = round; at != NULL; at = at->next)
        decide_all(committer, at);
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

static void *run(void *arg)
{
    struct committer *committer = arg;
    pthread_mutex_lock(&committer->lock);
    for (;;) {
        while (committer->first == NULL && !committer->stopping)
            pthread_cond_wait(&committer->more, &committer->lock);
        if (committer->first == NULL)
            break;
        struct submission *round = take_round(committer);
        pthread_mutex_unlock(&committer->lock);
        commit_round(committer, round);
        pthread_mutex_lock(&committer->lock);
    }
    pthread_mutex_unlock(&committer->lock);
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
    committer->last = &committer->first;
    committer->writable = true;
    if (!hash_new_key(committer->decision.overlay.key)) {
        free(committer);
        return NULL;
    }
    pthread_mutex_init(&committer->lock, NULL);
    pthread_cond_init(&committer->more, NULL);
    if (pthread_create(&committer->thread, NULL, run, committer) != 0) {
        pthread_cond_destroy(&committer->more);
        pthread_mutex_destroy(&committer->lock);
        free(committer);
        return NULL;
    }
    pthread_setname_np(committer->thread, "committer");
    return committer;
}

void committer_free(struct committer *committer)
{
    pthread_mutex_lock(&committer->lock);
    committer->stopping = true;
    pthread_cond_signal(&committer->more);
    pthread_mutex_unlock(&committer->lock);
    pthread_join(committer->thread, NULL);
    pthread_cond_destroy(&committer->more);
    pthread_mutex_destroy(&committer->lock);
    decision_fini(&committer->decision);
    free(committer);
}

void committer_take(struct committer *committer, struct submission *submission)
{
    submission->next = NULL;
    atomic_fetch_add(&committer->waiting_bytes, submission_size(submission));
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
    return atomic_load(&committer->writable);
}
