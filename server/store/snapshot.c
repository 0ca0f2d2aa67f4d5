#include "store/snapshot.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>

struct snapshot {
    void *view;
    uint64_t id;
    int64_t taken;
    int64_t lease;
    int64_t ends;
    unsigned readers;
    bool gone;             /* off the list; the last reader gives the view back */
    struct snapshot *next; /* of those to be given back */
    size_t owner_len;
    char owner[];
};

struct snapshot_registry {
    struct snapshot_engine engine;
    size_t most;

    /* Guards all below. */
    pthread_mutex_t lock;
    uint64_t next_id;
    size_t taking;           /* being taken; they have their room already */
    size_t count;            /* on the list */
    struct snapshot *list[]; /* in the order of their ids */
};

struct snapshot_registry *snapshot_registry_new(const struct snapshot_engine *engine, size_t most,
                                                uint64_t first)
{
    assert(first != 0);
    struct snapshot_registry *registry =
        calloc(1, sizeof(*registry) + most * sizeof(registry->list[0]));
    if (registry == NULL)
        return NULL;
    registry->engine = *engine;
    registry->most = most;
    registry->next_id = first;
    pthread_mutex_init(&registry->lock, NULL);
    return registry;
}

/* The list; call with the lock held ------------------------------------------ */

static bool has_ended(const struct snapshot *snapshot, int64_t now)
{
    return now >= snapshot->ends;
}

/* Where the snapshot is; `count` when there is none of that number on lease. */
static size_t find(const struct snapshot_registry *registry, uint64_t id, int64_t now)
{
    size_t low = 0;
    size_t high = registry->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (registry->list[middle]->id < id)
            low = middle + 1;
        else
            high = middle;
    }
    bool found = low < registry->count && registry->list[low]->id == id &&
                 !has_ended(registry->list[low], now);
    return found ? low : registry->count;
}

/* Notes that the snapshot has left the list; what nobody reads joins those to be given back. */
static void let_go(struct snapshot *snapshot, struct snapshot **idle)
{
    snapshot->gone = true;
    if (snapshot->readers > 0)
        return;
    snapshot->next = *idle;
    *idle = snapshot;
}

static void take_off(struct snapshot_registry *registry, size_t at, struct snapshot **idle)
{
    let_go(registry->list[at], idle);
    registry->count--;
    memmove(&registry->list[at], &registry->list[at + 1],
            (registry->count - at) * sizeof(registry->list[0]));
}

static void take_ended_off(struct snapshot_registry *registry, int64_t now, struct snapshot **idle)
{
    size_t kept = 0;
    for (size_t i = 0; i < registry->count; i++) {
        if (has_ended(registry->list[i], now))
            let_go(registry->list[i], idle);
        else
            registry->list[kept++] = registry->list[i];
    }
    registry->count = kept;
}

/* Without the lock ---------------------------------------------------------- */

static void give_back(struct snapshot_registry *registry, struct snapshot *idle)
{
    while (idle != NULL) {
        struct snapshot *next = idle->next;
        registry->engine.give_back(registry->engine.engine, idle->view);
        free(idle);
        idle = next;
    }
}

void snapshot_registry_free(struct snapshot_registry *registry)
{
    struct snapshot *idle = NULL;
    if (registry == NULL)
        return;
    size_t count = registry->count;
    take_ended_off(registry, INT64_MAX, &idle);
    for (const struct snapshot *at = idle; at != NULL; at = at->next)
        count--;
    assert(count == 0); /* else somebody reads through one of them */
    give_back(registry, idle);
    pthread_mutex_destroy(&registry->lock);
    free(registry);
}

/* Takes a place on the list; false when there is none. */
static bool reserve(struct snapshot_registry *registry, int64_t now)
{
    struct snapshot *idle = NULL;
    pthread_mutex_lock(&registry->lock);
    take_ended_off(registry, now, &idle);
    bool has_room = registry->count + registry->taking < registry->most;
    registry->taking += has_room;
    pthread_mutex_unlock(&registry->lock);
    give_back(registry, idle);
    return has_room;
}

/* Fills the place, or with NULL leaves it. The number, or 0. */
static uint64_t settle(struct snapshot_registry *registry, struct snapshot *snapshot)
{
    uint64_t id = 0;
    pthread_mutex_lock(&registry->lock);
    registry->taking--;
    if (snapshot != NULL) {
        id = snapshot->id = registry->next_id++;
        registry->list[registry->count++] = snapshot;
    }
    pthread_mutex_unlock(&registry->lock);
    return id;
}

static struct snapshot *new_snapshot(struct slice owner)
{
    struct snapshot *snapshot = malloc(sizeof(*snapshot) + owner.len);
    if (snapshot == NULL)
        return NULL;
    *snapshot = (struct snapshot){.owner_len = owner.len};
    if (owner.len > 0)
        memcpy(snapshot->owner, owner.data, owner.len);
    return snapshot;
}

enum status snapshot_take(struct snapshot_registry *registry, int64_t now, int64_t lease,
                          struct slice owner, uint64_t *id)
{
    if (!reserve(registry, now))
        return STATUS_LIMIT;
    struct snapshot *snapshot = new_snapshot(owner);
    void *view = snapshot == NULL ? NULL : registry->engine.take(registry->engine.engine);
    if (view == NULL) {
        free(snapshot);
        settle(registry, NULL);
        return STATUS_MEMORY;
    }
    snapshot->view = view;
    snapshot->taken = now;
    snapshot->lease = lease;
    snapshot->ends = now + lease;
    *id = settle(registry, snapshot);
    return STATUS_OK;
}

bool snapshot_is_of(struct snapshot_registry *registry, uint64_t id, int64_t now,
                    struct slice owner)
{
    pthread_mutex_lock(&registry->lock);
    size_t at = find(registry, id, now);
    const struct snapshot *found = at < registry->count ? registry->list[at] : NULL;
    bool is_of = found != NULL && slice_equal(slice_of(found->owner, found->owner_len), owner);
    pthread_mutex_unlock(&registry->lock);
    return is_of;
}

struct snapshot *snapshot_use(struct snapshot_registry *registry, uint64_t id, int64_t now)
{
    struct snapshot *snapshot = NULL;
    pthread_mutex_lock(&registry->lock);
    size_t at = find(registry, id, now);
    if (at < registry->count) {
        snapshot = registry->list[at];
        snapshot->readers++;
        if (snapshot->ends < now + snapshot->lease)
            snapshot->ends = now + snapshot->lease;
    }
    pthread_mutex_unlock(&registry->lock);
    return snapshot;
}

void *snapshot_view(const struct snapshot *snapshot)
{
    return snapshot->view;
}

void snapshot_done(struct snapshot_registry *registry, struct snapshot *snapshot)
{
    struct snapshot *idle = NULL;
    pthread_mutex_lock(&registry->lock);
    snapshot->readers--;
    if (snapshot->gone)
        let_go(snapshot, &idle);
    pthread_mutex_unlock(&registry->lock);
    give_back(registry, idle);
}

bool snapshot_release(struct snapshot_registry *registry, uint64_t id, int64_t now)
{
    struct snapshot *idle = NULL;
    pthread_mutex_lock(&registry->lock);
    size_t at = find(registry, id, now);
    bool found = at < registry->count;
    if (found)
        take_off(registry, at, &idle);
    pthread_mutex_unlock(&registry->lock);
    give_back(registry, idle);
    return found;
}

void snapshot_expire(struct snapshot_registry *registry, int64_t now)
{
    struct snapshot *idle = NULL;
    pthread_mutex_lock(&registry->lock);
    take_ended_off(registry, now, &idle);
    pthread_mutex_unlock(&registry->lock);
    give_back(registry, idle);
}

void snapshot_each(struct snapshot_registry *registry, int64_t now, snapshot_visit_fn *visit,
                   void *arg)
{
    pthread_mutex_lock(&registry->lock);
    for (size_t i = 0; i < registry->count; i++) {
        const struct snapshot *at = registry->list[i];
        visit(arg, at->id, now - at->taken, has_ended(at, now) ? 0 : at->ends - now);
    }
    pthread_mutex_unlock(&registry->lock);
}
