/*
 * Snapshots: views of the store that clients hold by a number, each on a lease.
 *
 *     take ---> on lease ----- release, or nobody used it for the time of its lease ----> gone
 *                |    ^
 *                +----+ use: renews the lease
 *
 * What is gone is unknown from that moment on. The engine has its view back at once, or when the
 * last one who reads through it is done.
 *
 * Knows no engine: a view is opaque and goes back through a function. Knows no clock: times are
 * milliseconds on the caller's. Every function may be called on any thread; one mutex guards the
 * list, and it is not held while the engine works.
 */
#ifndef LEVERET_STORE_SNAPSHOT_H
#define LEVERET_STORE_SNAPSHOT_H

#include "protocol/bytes.h"
#include "protocol/status.h"

struct snapshot;
struct snapshot_registry;

struct snapshot_engine {
    void *(*take)(void *engine); /* NULL when there is no memory */
    void (*give_back)(void *engine, void *view);
    void *engine;
};

/*
 * Room for `most` snapshots. They are numbered from `first` (not 0) on, and no number comes twice;
 * start where no earlier registry of the same clients can have been. NULL when there is no memory.
 */
struct snapshot_registry *snapshot_registry_new(const struct snapshot_engine *engine, size_t most,
                                                uint64_t first);

/* Gives every view back. Nobody may be reading through one. NULL is allowed. */
void snapshot_registry_free(struct snapshot_registry *registry);

/* Takes a view for as long as it is used once in `lease`, in the name of its owner, which is
 * copied. STATUS_OK with its *id; STATUS_LIMIT when there are as many as may be; STATUS_MEMORY. */
MUST_CHECK enum status snapshot_take(struct snapshot_registry *registry, int64_t now, int64_t lease,
                                     struct slice owner, uint64_t *id);

/* True when a snapshot has that number and that owner. */
MUST_CHECK bool snapshot_is_of(struct snapshot_registry *registry, uint64_t id, int64_t now,
                               struct slice owner);

/* Renews the lease and keeps the view until snapshot_done. NULL when no snapshot has that number.
 */
MUST_CHECK struct snapshot *snapshot_use(struct snapshot_registry *registry, uint64_t id,
                                         int64_t now);
void *snapshot_view(const struct snapshot *snapshot);
void snapshot_done(struct snapshot_registry *registry, struct snapshot *snapshot);

/* Ends the lease. False when no snapshot has that number. */
MUST_CHECK bool snapshot_release(struct snapshot_registry *registry, uint64_t id, int64_t now);

/* Lets go of what ran out. Those do not count and cannot be used either way, but keep the engine
 * from cleaning up until then: call about once a second. */
void snapshot_expire(struct snapshot_registry *registry, int64_t now);

/* Tells of each snapshot, oldest first: how long ago it was taken, and how long it stays if nobody
 * uses it. One that ran out has 0 left, and is told of until it is let go, for it still keeps the
 * engine from cleaning up. `visit` must not call back into the registry. */
typedef void snapshot_visit_fn(void *arg, uint64_t id, int64_t age, int64_t left);
void snapshot_each(struct snapshot_registry *registry, int64_t now, snapshot_visit_fn *visit,
                   void *arg);

#endif
