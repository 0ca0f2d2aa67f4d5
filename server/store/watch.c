#include "store/watch.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "store/hash.h"

#define SMALLEST_TABLE 256

/* One key of one watcher. */
struct watched {
    struct watched *next_in_bucket;
    struct watched *next_of_watcher;
    struct watcher *watcher;
    struct slice key;
    char bytes[];
};

struct watches {
    uint64_t key[2];
    atomic_size_t count;   /* of watched keys; changed under the lock */
    atomic_size_t holders; /* the store, and every watcher */

    /* Guards the table and what hangs in it. */
    pthread_mutex_t lock;
    struct watched **buckets;
    size_t cap; /* a power of two */
};

struct watcher {
    struct watches *watches;
    struct watched *first; /* the watcher's own thread changes this list, under the lock */
    size_t bytes;
    atomic_bool touched;
};

struct watches *watches_new(void)
{
    struct watches *watches = calloc(1, sizeof(*watches));
    if (watches == NULL)
        return NULL;
    atomic_init(&watches->holders, 1);
    watches->cap = SMALLEST_TABLE;
    watches->buckets = calloc(watches->cap, sizeof(*watches->buckets));
    if (watches->buckets == NULL || !hash_new_key(watches->key)) {
        free(watches->buckets);
        free(watches);
        return NULL;
    }
    pthread_mutex_init(&watches->lock, NULL);
    return watches;
}

void watches_free(struct watches *watches)
{
    if (watches == NULL || atomic_fetch_sub(&watches->holders, 1) > 1)
        return;
    pthread_mutex_destroy(&watches->lock);
    free(watches->buckets);
    free(watches);
}

/* The table; the lock is held ------------------------------------------------- */

static struct watched **bucket_of(struct watches *watches, struct slice key)
{
    return &watches->buckets[hash_bytes(watches->key, key) & (watches->cap - 1)];
}

static void hang_in(struct watches *watches, struct watched *watched)
{
    struct watched **bucket = bucket_of(watches, watched->key);
    watched->next_in_bucket = *bucket;
    *bucket = watched;
}

static void take_out(struct watches *watches, const struct watched *watched)
{
    struct watched **at = bucket_of(watches, watched->key);
    while (*at != watched)
        at = &(*at)->next_in_bucket;
    *at = watched->next_in_bucket;
}

/* A table that cannot grow still works, only slower. */
static void grow(struct watches *watches)
{
    size_t old_cap = watches->cap;
    struct watched **old = watches->buckets;
    struct watched **larger = calloc(2 * old_cap, sizeof(*larger));
    if (larger == NULL)
        return;
    watches->buckets = larger;
    watches->cap = 2 * old_cap;
    for (size_t i = 0; i < old_cap; i++) {
        for (struct watched *at = old[i]; at != NULL;) {
            struct watched *next = at->next_in_bucket;
            hang_in(watches, at);
            at = next;
        }
    }
    free(old);
}

/* Watchers -------------------------------------------------------------------- */

struct watcher *watcher_new(struct watches *watches)
{
    struct watcher *watcher = calloc(1, sizeof(*watcher));
    if (watcher == NULL)
        return NULL;
    watcher->watches = watches;
    atomic_fetch_add(&watches->holders, 1);
    return watcher;
}

void watcher_free(struct watcher *watcher)
{
    if (watcher == NULL)
        return;
    struct watches *watches = watcher->watches;
    pthread_mutex_lock(&watches->lock);
    while (watcher->first != NULL) {
        struct watched *next = watcher->first->next_of_watcher;
        take_out(watches, watcher->first);
        atomic_fetch_sub(&watches->count, 1);
        free(watcher->first);
        watcher->first = next;
    }
    pthread_mutex_unlock(&watches->lock);
    free(watcher);
    watches_free(watches);
}

/* Hangs it in, unless the watcher watches the key already. */
static bool hang_in_once(struct watches *watches, struct watched *watched)
{
    for (struct watched *at = *bucket_of(watches, watched->key); at != NULL;
         at = at->next_in_bucket)
        if (at->watcher == watched->watcher && slice_equal(at->key, watched->key))
            return false;
    if (atomic_load(&watches->count) >= 2 * watches->cap)
        grow(watches);
    hang_in(watches, watched);
    watched->next_of_watcher = watched->watcher->first;
    watched->watcher->first = watched;
    atomic_fetch_add(&watches->count, 1);
    return true;
}

bool watcher_add(struct watcher *watcher, struct slice key)
{
    struct watches *watches = watcher->watches;
    struct watched *watched = malloc(sizeof(*watched) + key.len);
    if (watched == NULL)
        return false;
    *watched = (struct watched){.watcher = watcher, .key = slice_of(watched->bytes, key.len)};
    if (key.len > 0)
        memcpy(watched->bytes, key.data, key.len);
    pthread_mutex_lock(&watches->lock);
    bool is_new = hang_in_once(watches, watched);
    pthread_mutex_unlock(&watches->lock);
    if (is_new)
        watcher->bytes += sizeof(*watched) + key.len;
    else
        free(watched);
    return true;
}

bool watcher_is_touched(const struct watcher *watcher)
{
    return atomic_load(&watcher->touched);
}

void watcher_touch(struct watcher *watcher)
{
    atomic_store(&watcher->touched, true);
}

size_t watcher_bytes(const struct watcher *watcher)
{
    return watcher->bytes;
}

bool watcher_has(const struct watcher *watcher, watcher_key_fn *is_it, void *arg)
{
    for (const struct watched *at = watcher->first; at != NULL; at = at->next_of_watcher)
        if (is_it(arg, at->key))
            return true;
    return false;
}

/* Touching -------------------------------------------------------------------- */

static void touch_key(struct watches *watches, struct slice key)
{
    for (struct watched *at = *bucket_of(watches, key); at != NULL; at = at->next_in_bucket)
        if (slice_equal(at->key, key))
            atomic_store(&at->watcher->touched, true);
}

static void touch_write(struct watches *watches, const struct submission *submission,
                        const struct write *write)
{
    struct changes changes = submission_changes(submission, write);
    struct slice key;
    struct slice value;
    while (changes_next(&changes, &key, &value))
        touch_key(watches, key);
}

void watches_touch(struct watches *watches, const struct submission *submission, size_t first,
                   size_t end)
{
    if (atomic_load(&watches->count) == 0)
        return;
    pthread_mutex_lock(&watches->lock);
    for (size_t i = first; i < end; i++)
        if (submission->writes[i].status == STATUS_OK)
            touch_write(watches, submission, &submission->writes[i]);
    pthread_mutex_unlock(&watches->lock);
}

void watches_touch_all(struct watches *watches)
{
    pthread_mutex_lock(&watches->lock);
    for (size_t i = 0; i < watches->cap; i++)
        for (struct watched *at = watches->buckets[i]; at != NULL; at = at->next_in_bucket)
            atomic_store(&at->watcher->touched, true);
    pthread_mutex_unlock(&watches->lock);
}
