/*
 * Scans of the store on LevelDB: an iterator, the range it walks, and where in it it stands.
 */
#include "store/leveldb.h"

#include <stdio.h>
#include <stdlib.h>

#include "store/mapping.h"

/* A scan that goes past the cache gives the pages of the tables back each time it has delivered so
 * many bytes. */
#define GIVE_BACK_BYTES ((size_t)4 * 1024 * 1024)

/* What the kernel maps around the first byte that is read of a file (its fault_around_bytes). */
#define MAPPED_AROUND ((size_t)64 * 1024)

struct store_scan {
    leveldb_iterator_t *iterator;
    struct store *store;
    struct store_view view;
    struct range range;
    bool reverse;
    bool past_cache; /* too large for the cache */
    size_t passed;   /* bytes delivered since pages were given back */
    bool placed;     /* the iterator stands on a row, or behind the end */
    bool delivered;  /* and that row was delivered, so the next one is wanted */
};

/*
 * Whether the range is small enough to go through the cache. A larger scan would drive out what
 * others use and find nothing of its own there the next time. The size is that of the files, in
 * which blocks are compressed, so a range somewhat larger than the cache may pass.
 */
static bool fits_cache(struct store *store, const struct range *range)
{
    return store_size(store, range) <= store->cache_bytes;
}

static void fail(struct store_error *error, enum status status)
{
    error->status = status;
    snprintf(error->text, sizeof(error->text), "%s", status_meaning(status));
}

/* LevelDB's iterator is a view of its own from here on: it needs the snapshot no more. */
static bool open_iterator(struct store_scan *scan, struct store_view view)
{
    struct leveldb_reading reading;
    view.no_cache |= scan->past_cache;
    if (!leveldb_reading_begin(scan->store, view, &reading))
        return false;
    scan->iterator = leveldb_create_iterator(scan->store->db, reading.options);
    leveldb_reading_end(scan->store, &reading);
    return true;
}

struct store_scan *store_scan_open(struct store *store, struct range *take_range,
                                   struct store_view view, bool reverse, struct store_error *error)
{
    struct store_scan *scan = calloc(1, sizeof(*scan));
    if (scan == NULL) {
        range_fini(take_range);
        fail(error, STATUS_MEMORY);
        return NULL;
    }
    scan->store = store;
    scan->view = view;
    scan->range = *take_range;
    scan->reverse = reverse;
    scan->past_cache = !fits_cache(store, &scan->range);
    if (open_iterator(scan, view))
        return scan;
    fail(error, STATUS_SNAPSHOT);
    range_fini(&scan->range);
    free(scan);
    return NULL;
}

/* Many short scans give pages back together: for each alone that would cost far more than its rows.
 */
static void count_scan(struct store *store, size_t passed)
{
    size_t more = passed + MAPPED_AROUND;
    if (atomic_fetch_add(&store->passed, more) + more < GIVE_BACK_BYTES)
        return;
    atomic_store(&store->passed, 0);
    mapping_give_back();
}

void store_scan_close(struct store_scan *scan)
{
    if (scan == NULL)
        return;
    leveldb_iter_destroy(scan->iterator);
    if (scan->past_cache)
        count_scan(scan->store, scan->passed);
    range_fini(&scan->range);
    free(scan);
}

static struct slice current_key(const struct store_scan *scan)
{
    size_t len = 0;
    const char *key = leveldb_iter_key(scan->iterator, &len);
    return slice_of(key, len);
}

static struct slice current_value(const struct store_scan *scan)
{
    size_t len = 0;
    const char *value = leveldb_iter_value(scan->iterator, &len);
    return slice_of(value, len);
}

/* To the lowest row of the range. */
static void place_low(struct store_scan *scan)
{
    const struct range *range = &scan->range;
    leveldb_iter_seek(scan->iterator, range->low.data, range->low.len);
    if (range->low_open && leveldb_iter_valid(scan->iterator) &&
        !range_above_low(range, current_key(scan)))
        leveldb_iter_next(scan->iterator);
}

/* To the highest: past the upper end, then back. Without an end, or past the last key of all,
 * there is nothing to step back from. */
static void place_high(struct store_scan *scan)
{
    const struct range *range = &scan->range;
    if (!range->endless)
        leveldb_iter_seek(scan->iterator, range->high.data, range->high.len);
    if (range->endless || !leveldb_iter_valid(scan->iterator))
        leveldb_iter_seek_to_last(scan->iterator);
    if (leveldb_iter_valid(scan->iterator) && !range_below_high(range, current_key(scan)))
        leveldb_iter_prev(scan->iterator);
}

static void place(struct store_scan *scan)
{
    if (scan->reverse)
        place_high(scan);
    else
        place_low(scan);
    scan->placed = true;
}

/* To the row to deliver next. */
static void advance(struct store_scan *scan)
{
    if (!scan->placed)
        place(scan);
    else if (scan->delivered && scan->reverse)
        leveldb_iter_prev(scan->iterator);
    else if (scan->delivered)
        leveldb_iter_next(scan->iterator);
    scan->delivered = false;
}

/* Tells the row that the iterator stands on; false when it is behind the end. */
static bool stands_on_row(const struct store_scan *scan, struct slice *key)
{
    if (!leveldb_iter_valid(scan->iterator))
        return false;
    *key = current_key(scan);
    return scan->reverse ? range_above_low(&scan->range, *key)
                         : range_below_high(&scan->range, *key);
}

/* LevelDB passes over what it cannot read, goes on behind it, and tells only when it is asked. */
static bool met_damage(const struct store_scan *scan, struct store_error *error)
{
    char *message = NULL;
    leveldb_iter_get_error(scan->iterator, &message);
    if (message == NULL)
        return false;
    leveldb_take_message(error, message);
    return true;
}

/* What was delivered since the last time may miss rows: nobody is told that it is whole unless it
 * is. */
static void finish(struct store_scan *scan, enum store_scan_state state, store_scan_fn *done,
                   void *arg)
{
    struct store_error error = {.status = STATUS_OK};
    bool damaged = met_damage(scan, &error);
    done(arg, damaged ? STORE_SCAN_FAILED : state, &error);
}

/* Whether the row that the iterator came to is to be delivered. Who verifies gets none from behind
 * damage; the others are told at the end of the turn, because asking at each row costs them. */
static bool is_wanted(const struct store_scan *scan, struct slice *key)
{
    struct store_error error;
    return stands_on_row(scan, key) && !(scan->view.verify && met_damage(scan, &error));
}

/* Who reads on at a snapshot wants to keep it. It may be gone; the rows are here either way. */
static void renew(struct store_scan *scan)
{
    struct leveldb_reading reading;
    if (scan->view.snapshot != 0 && leveldb_reading_begin(scan->store, scan->view, &reading))
        leveldb_reading_end(scan->store, &reading);
}

static void count_passed(struct store_scan *scan, size_t bytes)
{
    scan->passed += bytes;
    if (!scan->past_cache || scan->passed < GIVE_BACK_BYTES)
        return;
    scan->passed = 0;
    mapping_give_back();
}

void store_scan_next(struct store_scan *scan, store_row_fn *row, store_scan_fn *done, void *arg)
{
    bool goes_on = true;
    renew(scan);
    while (goes_on) {
        struct slice key;
        advance(scan);
        if (!is_wanted(scan, &key)) {
            finish(scan, STORE_SCAN_END, done, arg);
            return;
        }
        struct slice value = current_value(scan);
        scan->delivered = true;
        goes_on = row(arg, key, value);
        count_passed(scan, key.len + value.len);
    }
    finish(scan, STORE_SCAN_PAUSED, done, arg);
}

void store_scan_seek(struct store_scan *scan, struct slice key)
{
    leveldb_iter_seek(scan->iterator, key.data, key.len);
    scan->placed = true;
    scan->delivered = false;
}

struct slice store_scan_key(const struct store_scan *scan)
{
    return scan->delivered ? current_key(scan) : slice_of(NULL, 0);
}
