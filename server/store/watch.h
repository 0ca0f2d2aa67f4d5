/*
 * Watches: keys that somebody wants to know unchanged, until a write of theirs is decided.
 *
 *     watcher_add(key) ... read the key ... submit a write with the watcher ... decided: touched?
 *
 * The committer touches the watchers of a key after every write of it is in the store and before
 * anybody is told. So whoever watches a key and then reads it either sees the new value or is
 * touched. A write of the same round is not in the store yet; the committer looks for those itself.
 */
#ifndef LEVERET_STORE_WATCH_H
#define LEVERET_STORE_WATCH_H

#include "protocol/bytes.h"
#include "store/submission.h"

struct watches;

/* NULL when the system refuses. What is freed stays until the last watcher has gone: connections
 * that were closed with the server may outlive the store. NULL is allowed. */
struct watches *watches_new(void);
void watches_free(struct watches *watches);

/* One who watches. Each of these on one thread at a time. NULL when there is no memory. */
struct watcher *watcher_new(struct watches *watches);
void watcher_free(struct watcher *watcher);

/* Watches the key from now on; a copy is kept, one however often it is added. False when there is
 * no memory. */
MUST_CHECK bool watcher_add(struct watcher *watcher, struct slice key);

/* Whether a watched key was written since it was added. Any thread. */
bool watcher_is_touched(const struct watcher *watcher);

/* As if a watched key had been written. Any thread. */
void watcher_touch(struct watcher *watcher);

/* Memory that the watched keys take, in bytes. */
size_t watcher_bytes(const struct watcher *watcher);

/* Whether `is_it` holds for one of the watched keys. */
typedef bool watcher_key_fn(void *arg, struct slice key);
bool watcher_has(const struct watcher *watcher, watcher_key_fn *is_it, void *arg);

/* Touches those who watch what these writes of the submission changed. Costs one look at a number
 * while nobody watches anything. */
void watches_touch(struct watches *watches, const struct submission *submission, size_t first,
                   size_t end);

/* Touches all who watch anything. */
void watches_touch_all(struct watches *watches);

#endif
