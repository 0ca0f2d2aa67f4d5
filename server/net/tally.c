#include "net/tally.h"

#include <assert.h>
#include <stdlib.h>

#include "store/hash.h"

/* A name that is there. Rows of one bucket are a chain, and so are those that are free again. */
struct row {
    uint64_t name;
    uint32_t count;
    uint32_t next;
};

struct tally {
    uint64_t key[2];
    struct row *rows; /* the first is never used: 0 is no row */
    uint32_t most;
    uint32_t used; /* rows that were ever in use */
    uint32_t free; /* those of them that are not, as a chain */
    uint32_t *buckets;
    uint32_t mask;
};

/* Half as many buckets as names, or a few more: chains stay short. */
static uint32_t count_buckets(uint32_t most)
{
    uint32_t count = 1;
    while (count < most / 2)
        count *= 2;
    return count;
}

struct tally *tally_new(uint32_t most)
{
    struct tally *tally = calloc(1, sizeof(*tally));
    if (tally == NULL)
        return NULL;
    uint32_t buckets = count_buckets(most);
    tally->most = most;
    tally->mask = buckets - 1;
    tally->rows = calloc((size_t)most + 1, sizeof(struct row));
    tally->buckets = calloc(buckets, sizeof(uint32_t));
    if (tally->rows != NULL && tally->buckets != NULL && hash_new_key(tally->key))
        return tally;
    tally_free(tally);
    return NULL;
}

void tally_free(struct tally *tally)
{
    if (tally == NULL)
        return;
    free(tally->rows);
    free(tally->buckets);
    free(tally);
}

static uint32_t *bucket_of(struct tally *tally, uint64_t name)
{
    struct slice bytes = slice_of((const char *)&name, sizeof(name));
    return &tally->buckets[hash_bytes(tally->key, bytes) & tally->mask];
}

/* Puts every row that is in use into the chain of its bucket. */
static void link_rows(struct tally *tally)
{
    for (uint32_t row = 1; row <= tally->used; row++) {
        if (tally->rows[row].count == 0)
            continue;
        uint32_t *bucket = bucket_of(tally, tally->rows[row].name);
        tally->rows[row].next = *bucket;
        *bucket = row;
    }
}

bool tally_reserve(struct tally *tally, uint32_t most)
{
    if (most <= tally->most)
        return true;
    uint32_t count = count_buckets(most);
    uint32_t *buckets = calloc(count, sizeof(uint32_t));
    struct row *rows = NULL;
    if (buckets != NULL)
        rows = realloc(tally->rows, ((size_t)most + 1) * sizeof(struct row));
    if (rows == NULL) {
        free(buckets);
        return false;
    }
    free(tally->buckets);
    tally->rows = rows;
    tally->buckets = buckets;
    tally->mask = count - 1;
    tally->most = most;
    link_rows(tally);
    return true;
}

static uint32_t take_row(struct tally *tally)
{
    uint32_t row = tally->free;
    if (row != TALLY_NONE) {
        tally->free = tally->rows[row].next;
        return row;
    }
    return tally->used == tally->most ? TALLY_NONE : ++tally->used;
}

uint32_t tally_add(struct tally *tally, uint64_t name, uint32_t *count)
{
    uint32_t *bucket = bucket_of(tally, name);
    uint32_t row = *bucket;
    while (row != TALLY_NONE && tally->rows[row].name != name)
        row = tally->rows[row].next;
    if (row == TALLY_NONE) {
        row = take_row(tally);
        if (row == TALLY_NONE)
            return TALLY_NONE;
        tally->rows[row] = (struct row){.name = name, .next = *bucket};
        *bucket = row;
    }
    *count = ++tally->rows[row].count;
    return row;
}

void tally_remove(struct tally *tally, uint32_t row)
{
    assert(row != TALLY_NONE && row <= tally->used && tally->rows[row].count > 0);
    if (--tally->rows[row].count > 0)
        return;
    uint32_t *at = bucket_of(tally, tally->rows[row].name);
    while (*at != row)
        at = &tally->rows[*at].next;
    *at = tally->rows[row].next;
    tally->rows[row].next = tally->free;
    tally->free = row;
}
