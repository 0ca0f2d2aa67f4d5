/*
 * Scans of the store on LevelDB: an iterator, the range it walks, and where in it it stands.
 */
#include "store/leveldb.h"

#include <stdio.h>
#include <stdlib.h>

#include "store/leveldb_error.h"
#include "store/mapping.h"

/* A scan that goes past the cache gives the pages of the tables back each time it has delivered so
 * many bytes. */
#define GIVE_BACK_BYTES ((size_t)4 * 1024 * 1024)

/* What the kernel maps around the first byte that is read of a file (its fault_around_bytes). */
#define MAPPED_AROUND ((size_t)64 * 1024)

struct store_scan {
    struct database_hold hold; /* on the iterator */
    leveldb_iterator_t *iterator;
    struct store *store;
    struct store_view view;
    struct range range;
    bool reverse;
    bool past_cache;    /* too large for the cache */
    size_t passed;      /* bytes delivered since pages were given back */
    bool placed;        /* the iterator stands on a row, or behind the end */
    bool delivered;     /* and that row was delivered, so the next one is wanted */
    struct buffer last; /* its key, when the rows were paused behind it */
};

/*
 * Whether the range is small enough to go through the cache: a larger scan would drive out what
 * others use and, where it is larger than all of it, find nothing of its own there the next time.
 * The size is that of the files, in which blocks are compressed, to about a half: hence the half.
 */
static bool fits_cache(struct store *store, leveldb_t *db, const struct range *range)
{
    return leveldb_size(db, buffer_slice(&range->low),
                        range->endless ? LEVELDB_BEHIND_ALL : buffer_slice(&range->high)) <=
           store->cache_bytes / 2;
}

static void fail(struct store_error *error, enum status status)
{
    error->status = status;
    snprintf(error->text, sizeof(error->text), "%s", status_meaning(status));
}

static void let_go(struct database_hold *hold, leveldb_t *db)
{
    struct store_scan *scan = (struct store_scan *)hold; /* its first member */
    (void)db;
    leveldb_iter_destroy(scan->iterator);
    scan->iterator = NULL;
}

/* LevelDB's iterator is a view of its own from here on: it needs the snapshot no more. */
static bool open_iterator(struct store_scan *scan, struct store_view view,
                          struct store_error *error)
{
    struct store *store = scan->store;
    struct leveldb_reading reading;
    leveldb_t *db = database_enter(store->database, error);
    if (db == NULL)
        return false;
    scan->past_cache = !fits_cache(store, db, &scan->range);
    view.no_cache |= scan->past_cache;
    bool begun = leveldb_reading_begin(store, view, &reading, error);
    if (begun) {
        scan->iterator = leveldb_create_iterator(reading.db, reading.options);
        scan->hold.let_go = let_go;
        database_keep(store->database, &scan->hold);
        leveldb_reading_end(store, &reading);
    }
    database_leave(store->database);
    return begun;
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
    if (open_iterator(scan, view, error))
        return scan;
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
    database_drop(scan->store->database, &scan->hold);
    if (scan->past_cache)
        count_scan(scan->store, scan->passed);
    buffer_fini(&scan->last);
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

/* From a row between two parts of the range to the first one behind it that is in one, or before it
 * in a scan backwards: one seek for each part that has no rows. Where there are no more parts the
 * row is outside of the bounds, too. */
static void leap(struct store_scan *scan)
{
    struct slice edge;
    while (leveldb_iter_valid(scan->iterator) && range_skips(&scan->range, current_key(scan))) {
        bool found = scan->reverse ? range_part_before(&scan->range, current_key(scan), &edge)
                                   : range_part_behind(&scan->range, current_key(scan), &edge);
        if (!found)
            return;
        leveldb_iter_seek(scan->iterator, edge.data, edge.len);
        if (scan->reverse)
            leveldb_iter_prev(scan->iterator);
    }
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
    if (scan->range.parts != NULL)
        leap(scan);
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
    leveldb_error_take(error, message);
    return true;
}

/* Keeps the key for the time outside, in which the iterator may go. */
static bool keep_last(struct store_scan *scan, struct store_error *error)
{
    buffer_clear(&scan->last);
    buffer_reserve(&scan->last, 1); /* so that the empty key is not taken for no key */
    buffer_append_slice(&scan->last, current_key(scan));
    if (scan->last.failed)
        fail(error, STATUS_MEMORY);
    return !scan->last.failed;
}

/* What was delivered since the last time may miss rows: nobody is told that it is whole unless it
 * is. */
static enum store_scan_state finish(struct store_scan *scan, enum store_scan_state state,
                                    struct store_error *error)
{
    bool kept = state != STORE_SCAN_PAUSED || keep_last(scan, error);
    return met_damage(scan, error) || !kept ? STORE_SCAN_FAILED : state;
}

/* Whether the row that the iterator came to is to be delivered. Who verifies gets none from behind
 * damage; the others are told at the end of the turn, because asking at each row costs them: only
 * at the first, which may be the only one. */
static bool is_wanted(const struct store_scan *scan, bool first, struct slice *key)
{
    struct store_error error;
    bool asks = first || scan->view.verify;
    return stands_on_row(scan, key) && !(asks && met_damage(scan, &error));
}

/* Who reads on at a snapshot wants to keep it. It may be gone; the rows are here either way. */
static void renew(struct store_scan *scan)
{
    struct leveldb_reading reading;
    struct store_error error;
    if (scan->view.snapshot != 0 &&
        leveldb_reading_begin(scan->store, scan->view, &reading, &error))
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

/* Inside. */
static enum store_scan_state deliver(struct store_scan *scan, store_row_fn *row, void *arg,
                                     struct store_error *error)
{
    bool goes_on = true;
    renew(scan);
    for (bool first = true; goes_on; first = false) {
        struct slice key;
        advance(scan);
        if (!is_wanted(scan, first, &key))
            return finish(scan, STORE_SCAN_END, error);
        struct slice value = current_value(scan);
        scan->delivered = true;
        goes_on = row(arg, key, value);
        count_passed(scan, key.len + value.len);
    }
    return finish(scan, STORE_SCAN_PAUSED, error);
}

/* Enters, unless the iterator is gone. */
static bool enter(struct store_scan *scan)
{
    if (database_try(scan->store->database) == NULL)
        return false;
    if (!scan->hold.gone)
        return true;
    database_leave(scan->store->database);
    return false;
}

void store_scan_next(struct store_scan *scan, store_row_fn *row, store_scan_fn *done, void *arg)
{
    struct store_error error = {.status = STATUS_OK};
    enum store_scan_state state = STORE_SCAN_FAILED;
    if (enter(scan)) {
        state = deliver(scan, row, arg, &error);
        database_leave(scan->store->database);
    } else {
        fail(&error, STATUS_REOPENED);
    }
    done(arg, state, &error);
}

void store_scan_seek(struct store_scan *scan, struct slice key)
{
    if (!enter(scan))
        return; /* the next row will not come either */
    leveldb_iter_seek(scan->iterator, key.data, key.len);
    scan->placed = true;
    scan->delivered = false;
    database_leave(scan->store->database);
}

struct slice store_scan_key(const struct store_scan *scan)
{
    return scan->delivered ? buffer_slice(&scan->last) : slice_of(NULL, 0);
}
