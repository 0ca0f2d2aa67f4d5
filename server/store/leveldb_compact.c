/*
 * Compactions of the store on LevelDB: the maintenance thread's engine.
 */
#include "store/leveldb.h"

#include <semaphore.h>
#include <stdio.h>

#include "store/mapping.h"
#include "store/patience.h"

/* With less room than this for tables nothing is rewritten: LevelDB takes tables of several levels
 * as a whole. */
#define LEAST_ROOM ((uint64_t)8 * 1024 * 1024)

static uint64_t engine_size(void *engine, struct slice low, struct slice high)
{
    struct store *store = engine;
    struct store_error error;
    leveldb_t *db = database_enter(store->database, &error);
    if (db == NULL)
        return 0;
    uint64_t bytes = leveldb_size(db, low, high.data == NULL ? LEVELDB_BEHIND_ALL : high);
    database_leave(store->database);
    return bytes;
}

static void set_problem(struct compaction *job, enum status status, const char *problem)
{
    job->status = status;
    snprintf(job->problem, sizeof(job->problem), "%.255s", problem);
}

/* A piece is written anew before the old one goes. */
static uint64_t engine_allow(void *engine, struct compaction *job)
{
    struct store *store = engine;
    struct store_health health;
    store_tell_health(store, &health);
    if (!store_is_writable(store)) {
        set_problem(job, STATUS_READONLY, health.because);
        return 0;
    }
    uint64_t room = store->min_free == 0 ? UINT64_MAX
                    : health.disk_free > store->min_free / 2
                        ? health.disk_free - store->min_free / 2
                        : 0;
    if (room >= LEAST_ROOM)
        return room;
    set_problem(job, STATUS_FULL, "the disk is too full to write tables anew");
    return 0;
}

/* LevelDB first writes what is in memory to a table, then merges each level that holds keys of the
 * range into the next, up to the lowest that does. The lowest itself is not rewritten. To it, no
 * start and no end are NULL. */
static void compact(struct store *store, struct slice low, struct slice high)
{
    struct store_error error;
    leveldb_t *db = database_enter(store->database, &error);
    if (db == NULL)
        return; /* engine_check will tell */
    patience_begin();
    leveldb_compact_range(db, low.len == 0 ? NULL : low.data, low.len, high.data, high.len);
    patience_end();
    database_leave(store->database);
    mapping_give_back(); /* it has read through all those tables */
}

static void engine_compact(void *engine, struct slice low, struct slice high)
{
    struct store *store = engine;
    pthread_mutex_lock(&store->compacting);
    if (store_is_writable(store)) /* else there is nothing to gain, and the database may close */
        compact(store, low, high);
    pthread_mutex_unlock(&store->compacting);
}

static void engine_flush(void *engine)
{
    engine_compact(engine, LEVELDB_BEHIND_ALL, LEVELDB_BEHIND_ALL);
}

/* On the committer's thread. */
static void probed(struct submission *probe, void *done)
{
    (void)probe;
    sem_post(done);
}

static void wait_for_probe(struct store *store, struct submission *probe)
{
    sem_t done;
    sem_init(&done, 0, 0);
    probe->done = probed;
    probe->arg = &done;
    store_commit(store, probe);
    while (sem_wait(&done) != 0) /* a signal came first */
        continue;
    sem_destroy(&done);
}

/* LevelDB does not say that a compaction failed, but refuses every write from then on. So a write
 * of nothing finds out, and the committer is not left to meet it later. */
static void engine_check(void *engine, struct compaction *job)
{
    struct submission *probe = submission_new();
    if (probe == NULL || !submission_reserve(probe)) {
        set_problem(job, STATUS_MEMORY, status_meaning(STATUS_MEMORY));
        submission_free(probe);
        return;
    }
    submission_begin(probe, WRITE_ANSWERS_OK);
    submission_barrier(probe);
    submission_end(probe);
    wait_for_probe(engine, probe);
    const struct write *write = &probe->writes[0];
    if (write->status != STATUS_OK)
        set_problem(job, write->status == STATUS_UNKNOWN ? STATUS_IO : write->status,
                    write->problem);
    submission_free(probe);
}

struct maintenance *leveldb_start_maintenance(struct store *store)
{
    return maintenance_new(&(struct maintenance_engine){
        .size = engine_size,
        .allow = engine_allow,
        .compact = engine_compact,
        .flush = engine_flush,
        .check = engine_check,
        .engine = store,
    });
}

void store_begin_close(struct store *store)
{
    maintenance_stop(store->maintenance);
}

void store_compact(struct store *store, struct compaction *job)
{
    maintenance_take(store->maintenance, job);
}

void store_tell_compactions(struct store *store, struct compaction_facts *facts)
{
    maintenance_tell(store->maintenance, facts);
}
