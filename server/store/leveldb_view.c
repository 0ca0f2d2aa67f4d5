/*
 * Views of the store on LevelDB: the store as it is now and as it was at each snapshot, and the
 * options to read them by. They are made once, so that a read makes nothing.
 */
#include "store/leveldb.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "ops/clock.h"

static bool fail(struct store_error *error, enum status status)
{
    error->status = status;
    snprintf(error->text, sizeof(error->text), "%s", status_meaning(status));
    return false;
}

/* Views --------------------------------------------------------------------- */

static void fill(const struct store *store, struct leveldb_view *view)
{
    for (unsigned way = 0; way < LEVELDB_WAYS; way++) {
        view->ways[way] = leveldb_readoptions_create();
        leveldb_readoptions_set_verify_checksums(view->ways[way],
                                                 store->verify || (way & LEVELDB_VERIFY) != 0);
        leveldb_readoptions_set_fill_cache(view->ways[way], (way & LEVELDB_PAST_CACHE) == 0);
        leveldb_readoptions_set_snapshot(view->ways[way], view->snapshot);
    }
}

static void empty(struct leveldb_view *view)
{
    for (unsigned way = 0; way < LEVELDB_WAYS; way++)
        if (view->ways[way] != NULL)
            leveldb_readoptions_destroy(view->ways[way]);
}

static void let_go(struct database_hold *hold, leveldb_t *db)
{
    struct leveldb_view *view = (struct leveldb_view *)hold; /* its first member */
    leveldb_release_snapshot(db, view->snapshot);
}

static struct leveldb_view *view_new(struct store *store, struct store_error *error)
{
    struct leveldb_view *view = calloc(1, sizeof(*view));
    leveldb_t *db = NULL;
    if (view == NULL)
        (void)fail(error, STATUS_MEMORY);
    else
        db = database_enter(store->database, error);
    if (db == NULL) {
        free(view);
        return NULL;
    }
    view->snapshot = leveldb_create_snapshot(db);
    fill(store, view);
    view->hold.let_go = let_go;
    database_keep(store->database, &view->hold);
    database_leave(store->database);
    return view;
}

static void view_free(struct store *store, struct leveldb_view *view)
{
    database_drop(store->database, &view->hold);
    empty(view);
    free(view);
}

static void *take(void *engine)
{
    struct store_error error;
    return view_new(engine, &error);
}

static void give_back(void *engine, void *taken)
{
    view_free(engine, taken);
}

struct store_moment {
    struct leveldb_view view; /* and nothing else */
};

struct store_moment *store_moment_open(struct store *store, struct store_error *error)
{
    return (struct store_moment *)view_new(store, error);
}

void store_moment_close(struct store *store, struct store_moment *moment)
{
    if (moment != NULL)
        view_free(store, &moment->view);
}

/* Microseconds since 1970. Snapshots are numbered from there on, and come slower than one in a
 * microsecond: so a number from before a restart is never that of a snapshot from after it. */
static uint64_t first_number(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

bool leveldb_views_open(struct store *store, size_t max_snapshots)
{
    struct snapshot_engine engine = {.take = take, .give_back = give_back, .engine = store};
    fill(store, &store->now);
    store->snapshots = snapshot_registry_new(&engine, max_snapshots, first_number());
    return store->snapshots != NULL;
}

void leveldb_views_close(struct store *store)
{
    snapshot_registry_free(store->snapshots);
    empty(&store->now);
}

/* Reading ------------------------------------------------------------------- */

/* Inside. */
static bool choose(struct store *store, struct store_view view, struct leveldb_reading *reading,
                   struct store_error *error)
{
    const struct leveldb_view *chosen = view.moment == NULL ? &store->now : &view.moment->view;
    reading->snapshot = NULL;
    if (view.snapshot != 0) {
        reading->snapshot = snapshot_use(store->snapshots, view.snapshot, clock_ms());
        if (reading->snapshot == NULL)
            return fail(error, STATUS_SNAPSHOT);
        chosen = snapshot_view(reading->snapshot);
    }
    unsigned way = (view.verify ? LEVELDB_VERIFY : 0u) | (view.no_cache ? LEVELDB_PAST_CACHE : 0u);
    reading->options = chosen->ways[way];
    if (!chosen->hold.gone)
        return true;
    if (reading->snapshot != NULL) /* it was taken as the store was reopened */
        snapshot_done(store->snapshots, reading->snapshot);
    return fail(error, view.snapshot != 0 ? STATUS_SNAPSHOT : STATUS_REOPENED);
}

/* A view of the past ends when the database is closed: who has one need not wait. */
static leveldb_t *enter(struct store *store, struct store_view view, struct store_error *error)
{
    if (view.snapshot == 0 && view.moment == NULL)
        return database_enter(store->database, error);
    leveldb_t *db = database_try(store->database);
    if (db == NULL)
        (void)fail(error, view.snapshot != 0 ? STATUS_SNAPSHOT : STATUS_REOPENED);
    return db;
}

bool leveldb_reading_begin(struct store *store, struct store_view view,
                           struct leveldb_reading *reading, struct store_error *error)
{
    reading->db = enter(store, view, error);
    if (reading->db == NULL)
        return false;
    if (choose(store, view, reading, error))
        return true;
    database_leave(store->database);
    return false;
}

void leveldb_reading_end(struct store *store, struct leveldb_reading *reading)
{
    if (reading->snapshot != NULL)
        snapshot_done(store->snapshots, reading->snapshot);
    database_leave(store->database);
}

/* Snapshots ----------------------------------------------------------------- */

bool store_snapshot(struct store *store, uint64_t ttl, struct slice owner, uint64_t *id,
                    struct store_error *error)
{
    if (database_enter(store->database, error) == NULL)
        return false;
    error->status = snapshot_take(store->snapshots, clock_ms(), (int64_t)ttl * 1000, owner, id);
    database_leave(store->database);
    if (error->status == STATUS_OK)
        return true;
    snprintf(error->text, sizeof(error->text), "%s",
             error->status == STATUS_LIMIT
                 ? "as many snapshots are held as may be (--max-snapshots)"
                 : status_meaning(error->status));
    return false;
}

bool store_snapshot_is_of(struct store *store, uint64_t id, struct slice owner)
{
    return snapshot_is_of(store->snapshots, id, clock_ms(), owner);
}

bool store_release(struct store *store, uint64_t id)
{
    return snapshot_release(store->snapshots, id, clock_ms());
}

void store_tick(struct store *store)
{
    snapshot_expire(store->snapshots, clock_ms());
}

/* From milliseconds to the seconds that the door speaks of. */
struct visit {
    store_snapshot_fn *tell;
    void *arg;
};

static void tell(void *arg, uint64_t id, int64_t age, int64_t left)
{
    const struct visit *visit = arg;
    visit->tell(visit->arg, id, (uint64_t)age / 1000, ((uint64_t)left + 999) / 1000);
}

void store_each_snapshot(struct store *store, store_snapshot_fn *visit, void *arg)
{
    snapshot_each(store->snapshots, clock_ms(), tell, &(struct visit){.tell = visit, .arg = arg});
}
