#include "store/hot.h"

#include <pthread.h>
#include <stdalign.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "store/hash.h"

/* A power of two: enough that a reader seldom meets a change. */
#define SHARDS 32

/* Of the bytes at most this part is for buckets, and at least half of that. */
#define BUCKETS_SHARE 8

/* A power of two, and of shards: a commit marks where each of its keys belongs, and few enough stay
 * in the cache of the committer's processor. */
#define MARKS 16384

/* A power of two. Threads count apart, so that none waits for the counters of another. */
#define COUNTERS 16

/*
 * A reader looks at `changes` before it looks at the shelf and after, and believes what it saw when
 * the number is even and the same.
 */
struct shard {
    alignas(64) pthread_mutex_t lock; /* held by who changes the shelf, and by nobody who reads */
    _Atomic uint64_t changes;         /* odd meanwhile */
    struct shelf shelf;
};

struct counter {
    alignas(64) _Atomic uint64_t hits;
    _Atomic uint64_t misses;
};

struct hot {
    struct shard shards[SHARDS];
    struct counter counters[COUNTERS];
    alignas(64) _Atomic uint64_t round; /* the one that the committer makes */
    size_t bytes;                       /* of the buckets, and of the rings behind them */
    struct shelf_bucket *buckets;
    uint64_t marks[MARKS]; /* the last round that changed a key of it; its shard's lock guards it */
};

/* Opening ------------------------------------------------------------------ */

/* A power of two for each shelf. */
static size_t choose_buckets(size_t bytes)
{
    size_t most = bytes / BUCKETS_SHARE / sizeof(struct shelf_bucket) / SHARDS;
    size_t count = 1;
    while (count * 2 <= most)
        count *= 2;
    return count;
}

static void make_shards(struct hot *hot, size_t buckets, size_t words)
{
    _Atomic uint64_t *rings = (_Atomic uint64_t *)(hot->buckets + SHARDS * buckets);
    for (size_t i = 0; i < SHARDS; i++) {
        struct shard *shard = &hot->shards[i];
        pthread_mutex_init(&shard->lock, NULL);
        shard->shelf = (struct shelf){
            .buckets = hot->buckets + i * buckets,
            .mask = buckets - 1,
            .ring = rings + i * words,
            .words = words,
        };
    }
}

struct hot *hot_new(size_t bytes)
{
    bytes = bytes < sizeof(struct hot) ? 0 : bytes - sizeof(struct hot);
    size_t buckets = choose_buckets(bytes);
    size_t index = SHARDS * buckets * sizeof(struct shelf_bucket);
    size_t words = (bytes < index ? 0 : bytes - index) / sizeof(uint64_t) / SHARDS;
    struct hot *hot = aligned_alloc(alignof(struct hot), sizeof(*hot));
    if (hot == NULL)
        return NULL;
    memset(hot, 0, sizeof(*hot));
    hot->round = 1; /* behind the one that marks of zeroes are of */
    hot->bytes = index + SHARDS * words * sizeof(uint64_t);
    hot->buckets =
        mmap(NULL, hot->bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (hot->buckets == MAP_FAILED) {
        free(hot);
        return NULL;
    }
    make_shards(hot, buckets, words);
    return hot;
}

void hot_free(struct hot *hot)
{
    if (hot == NULL)
        return;
    for (size_t i = 0; i < SHARDS; i++)
        pthread_mutex_destroy(&hot->shards[i].lock);
    munmap(hot->buckets, hot->bytes);
    free(hot);
}

/* Shards ---------------------------------------------------------------------- */

/* The shelf takes the bits above. */
static struct shard *shard_of(struct hot *hot, uint64_t hash)
{
    return &hot->shards[hash % SHARDS];
}

/* Of keys of one shard. */
static uint64_t *mark_of(struct hot *hot, uint64_t hash)
{
    return &hot->marks[hash % MARKS];
}

/* Around a change of the shelf; the lock is held. */
static void begin(struct shard *shard)
{
    uint64_t changes = atomic_load_explicit(&shard->changes, memory_order_relaxed);
    atomic_store_explicit(&shard->changes, changes + 1, memory_order_relaxed);
}

static void end(struct shard *shard)
{
    uint64_t changes = atomic_load_explicit(&shard->changes, memory_order_relaxed);
    shelf_store(&shard->changes, changes + 1);
}

/* Readers ---------------------------------------------------------------------- */

static struct counter *counter(struct hot *hot)
{
    static atomic_uint threads;
    static _Thread_local unsigned number;
    if (number == 0)
        number = atomic_fetch_add(&threads, 1) % COUNTERS + 1;
    return &hot->counters[number - 1];
}

static void count(_Atomic uint64_t *count)
{
    atomic_fetch_add_explicit(count, 1, memory_order_relaxed);
}

bool hot_find(struct hot *hot, struct slice key, char value[SHELF_LONGEST], size_t *len,
              struct hot_ticket *ticket)
{
    uint64_t hash = hash_quick(key);
    const struct shard *shard = shard_of(hot, hash);
    uint64_t changes = shelf_load(&shard->changes);
    if (changes % 2 == 0 && shelf_find(&shard->shelf, hash, key, value, len) &&
        atomic_load_explicit(&shard->changes, memory_order_relaxed) == changes) {
        count(&counter(hot)->hits);
        return true;
    }
    count(&counter(hot)->misses);
    *ticket = (struct hot_ticket){
        .hash = hash,
        .round = shelf_load(&hot->round),
        .wanted = shelf_note_miss(shelf_bucket(&shard->shelf, hash), hash),
    };
    return false;
}

void hot_keep(struct hot *hot, const struct hot_ticket *ticket, struct slice key,
              struct slice value)
{
    struct shard *shard = shard_of(hot, ticket->hash);
    if (!ticket->wanted || !shelf_fits(&shard->shelf, key, value))
        return;
    pthread_mutex_lock(&shard->lock);
    if (*mark_of(hot, ticket->hash) < ticket->round) {
        begin(shard);
        shelf_add(&shard->shelf, ticket->hash, key, value);
        end(shard);
    }
    pthread_mutex_unlock(&shard->lock);
}

void hot_tell(struct hot *hot, struct store_hot_facts *facts)
{
    const char *rings = (const char *)hot->shards[0].shelf.ring;
    *facts = (struct store_hot_facts){
        .held = sizeof(*hot) + (uint64_t)(rings - (const char *)hot->buckets),
    };
    for (size_t i = 0; i < SHARDS; i++) {
        pthread_mutex_lock(&hot->shards[i].lock);
        facts->held += hot->shards[i].shelf.used * sizeof(uint64_t);
        pthread_mutex_unlock(&hot->shards[i].lock);
    }
    for (size_t i = 0; i < COUNTERS; i++) {
        facts->hits += atomic_load(&hot->counters[i].hits);
        facts->misses += atomic_load(&hot->counters[i].misses);
    }
}

/* The committer ------------------------------------------------------------ */

/* What was asked for stays wanted: it comes back at the next miss. A shelf on which there is
 * nothing is not looked at: who only writes pays for no cache line of its index. */
void hot_shut(struct hot *hot, struct slice key)
{
    uint64_t hash = hash_quick(key);
    struct shard *shard = shard_of(hot, hash);
    pthread_mutex_lock(&shard->lock);
    *mark_of(hot, hash) = atomic_load_explicit(&hot->round, memory_order_relaxed);
    if (shard->shelf.used > 0 && shelf_has(&shard->shelf, hash)) {
        begin(shard);
        if (shelf_drop(&shard->shelf, hash, key))
            (void)shelf_note_miss(shelf_bucket(&shard->shelf, hash), hash);
        end(shard);
    }
    pthread_mutex_unlock(&shard->lock);
}

void hot_open(struct hot *hot)
{
    shelf_store(&hot->round, atomic_load_explicit(&hot->round, memory_order_relaxed) + 1);
}

void hot_clear(struct hot *hot)
{
    for (size_t i = 0; i < SHARDS; i++) {
        struct shard *shard = &hot->shards[i];
        pthread_mutex_lock(&shard->lock);
        for (size_t at = i; at < MARKS; at += SHARDS)
            hot->marks[at] = atomic_load(&hot->round);
        begin(shard);
        shelf_clear(&shard->shelf);
        end(shard);
        pthread_mutex_unlock(&shard->lock);
    }
    hot_open(hot);
}
