/*
 * The only door to the store. Knows no connection and no reply; nobody outside this folder knows
 * what engine is behind it.
 *
 * Every question takes a callback. Reads call back before the call returns, on the caller's
 * thread; commits call back later, on the store's own thread. Keys and values are kept exactly as
 * given, in unsigned bytewise order of keys. Every function may be called on any thread.
 */
#ifndef LEVERET_STORE_STORE_H
#define LEVERET_STORE_STORE_H

#include "protocol/bytes.h"
#include "protocol/status.h"
#include "store/compaction.h"
#include "store/range.h"
#include "store/submission.h"

struct store;
struct store_scan;

struct store_options {
    const char *path;       /* the directory */
    bool create_if_missing; /* begin a store where there is none, and make the directory */
    bool error_if_exists;   /* refuse a store that is there */
    bool paranoid_checks;   /* refuse damage, rather than open with what can be read; every
                             read verifies */
    uint64_t sync_within;   /* seconds from a commit's being done until it is on disk */
    uint64_t min_free;      /* bytes of the disk; with less free no more is put, see STATUS_FULL */
    size_t write_buffer;    /* bytes collected in memory before they become a table */
    size_t cache;           /* bytes of blocks kept in memory */
    size_t hot_values;      /* bytes for values that are read often; 0: none are kept */
    int bloom_bits;         /* bits a key in the filters that spare reads; 0 for none */
    int max_open_files;
    size_t block_size;          /* bytes of rows that are read at once from a table */
    int block_restart_interval; /* one key of so many is stored whole, the others as its change */
    size_t max_file_size;       /* bytes at which compaction begins the next table */
    bool compression;           /* of tables, by snappy */
    size_t max_snapshots;
    uint64_t feed_history; /* bytes of changes kept for followers; 0 for none: nobody follows */
};

/* As seconds: every commit is on disk before it is done, or when the system sees fit. */
#define STORE_SYNC_ALWAYS 0
#define STORE_SYNC_NEVER UINT64_MAX

/* What went wrong: a status to answer with, and a sentence. */
struct store_error {
    enum status status;
    char text[320];
};

/*
 * Opens the directory, or explains in *error. A directory that another process has open, that
 * cannot be read, that holds something other than a LevelDB, or that is ordered by another
 * comparator is refused untouched; so is one that the options do not want begun, or not opened.
 */
MUST_CHECK bool store_open(struct store **out, const struct store_options *options,
                           struct store_error *error);

/* The store is about to be closed: compactions end behind the piece they are at. */
void store_begin_close(struct store *store);

/* Finishes every commit, gives compactions back, lets go of every snapshot, then closes. No scan
 * may be open. */
void store_close(struct store *store);

/* To be called about once a second: lets go of snapshots that ran out. */
void store_tick(struct store *store);

/* The store as it is when this is called, for reads of its holder until it is closed, which must be
 * soon: what was written since stays on disk beside what it replaced. NULL with *error. Reads of it
 * end with STATUS_REOPENED when the store was reopened since. */
struct store_moment;
struct store_moment *store_moment_open(struct store *store, struct store_error *error);
void store_moment_close(struct store *store, struct store_moment *moment); /* NULL is allowed */

/* How to read. All zeroes is the store as it is now, read in the usual way. */
struct store_view {
    uint64_t snapshot;                 /* its number; 0 for none */
    const struct store_moment *moment; /* when there is no snapshot; NULL is now */
    bool verify;   /* hold what comes from disk against its checksums: STATUS_CORRUPT; and look at
                      each row of a scan whether there was damage before it */
    bool no_cache; /* leave what others read often in memory */
};

/* STATUS_OK with the value, which dies when the callback returns; STATUS_NOT_FOUND; or an error
 * whose text is in *error. */
typedef void store_get_fn(void *arg, enum status status, struct slice value,
                          const struct store_error *error);
void store_get(struct store *store, struct store_view view, struct slice key, store_get_fn *done,
               void *arg);

struct store_hot_facts {
    uint64_t held; /* bytes that hot values take, of those that they may */
    uint64_t hits; /* reads of the store as it is now, in the usual way, that found one */
    uint64_t misses;
};

/* All zeroes when none are kept. */
void store_tell_hot(struct store *store, struct store_hot_facts *facts);

/*
 * A scan over a consistent view: that of its snapshot, or else that of its opening. It holds a
 * position, not rows. It renews the lease of its snapshot while it is read, and goes on unharmed
 * when that is released.
 *
 * Takes the range over, also when it fails. NULL with *error: STATUS_SNAPSHOT, STATUS_MEMORY.
 */
struct store_scan *store_scan_open(struct store *store, struct range *take_range,
                                   struct store_view view, bool reverse, struct store_error *error);
void store_scan_close(struct store_scan *scan);

enum store_scan_state {
    STORE_SCAN_PAUSED, /* the row callback wanted no more for now */
    STORE_SCAN_END,
    STORE_SCAN_FAILED,
};

/* Takes one row, whose bytes die when it returns. False: no more rows for now. */
typedef bool store_row_fn(void *arg, struct slice key, struct slice value);
typedef void store_scan_fn(void *arg, enum store_scan_state state, const struct store_error *error);

/*
 * Delivers the rows behind the last one until `row` returns false or they end, then calls `done`
 * once. When that says STORE_SCAN_FAILED, rows before those that were delivered now may be missing,
 * and a value that was replaced may have come back among them: they must not be passed on, unless
 * there was but one row or the scan verifies, which delivers nothing from behind damage.
 */
void store_scan_next(struct store_scan *scan, store_row_fn *row, store_scan_fn *done, void *arg);

/* Of a forward scan: moves on, so that the next row is the first at or behind `key`. */
void store_scan_seek(struct store_scan *scan, struct slice key);

/* The key of the last delivered row, valid until the scan moves; no data when there was none. */
struct slice store_scan_key(const struct store_scan *scan);

/* About how many bytes the range takes on disk, without looking at its rows. What was written last
 * may not count yet. False with *error. */
MUST_CHECK bool store_size(struct store *store, const struct range *range, uint64_t *bytes,
                           struct store_error *error);

/* Appends what the engine says under this name. STATUS_NOT_FOUND when it knows no such name; else
 * not STATUS_OK with *error. */
MUST_CHECK enum status store_property(struct store *store, struct slice name, struct buffer *out,
                                      struct store_error *error);

/* The levels of the engine's tables, lowest number first, rounded to whole MiB and seconds. */
#define STORE_LEVELS 7

struct store_levels {
    struct {
        uint64_t files;
        uint64_t bytes;
        uint64_t seconds; /* that compactions into the level took, since it was opened */
        uint64_t read;    /* bytes that they read, and wrote */
        uint64_t written;
    } each[STORE_LEVELS];
    uint64_t memory; /* bytes of memory that the engine takes, about, its cache among them */
};

/* Never waits: false, and all zeroes, while the store is being opened again. */
MUST_CHECK bool store_tell_levels(struct store *store, struct store_levels *levels);

/*
 * A snapshot: the store as it is now, for anybody who knows its number, until nobody used it for
 * `ttl` seconds or it is released. What was written since stays on disk beside what it replaced.
 * Whose it is the owner's name tells, which is copied. False with *error: STATUS_LIMIT,
 * STATUS_MEMORY.
 */
MUST_CHECK bool store_snapshot(struct store *store, uint64_t ttl, struct slice owner, uint64_t *id,
                               struct store_error *error);

/* True when a snapshot has that number and that owner. */
MUST_CHECK bool store_snapshot_is_of(struct store *store, uint64_t id, struct slice owner);

/* False when no snapshot has that number. Who reads at it now, may. */
MUST_CHECK bool store_release(struct store *store, uint64_t id);

/* Tells of each snapshot, oldest first: seconds since it was taken, and until it runs out if
 * nobody uses it. `visit` must not call back into the store. */
typedef void store_snapshot_fn(void *arg, uint64_t id, uint64_t age, uint64_t left);
void store_each_snapshot(struct store *store, store_snapshot_fn *visit, void *arg);

/*
 * Hands the job to the maintenance thread, which calls job->done when it is through with it and
 * with those before it. A job cannot be taken back. Never blocks.
 *
 * What is deleted or replaced goes when its table is merged with another; one in which a row and
 * its deletion lie together may be the lowest already and stay as it is.
 */
void store_compact(struct store *store, struct compaction *job);

/* What there is to compact, and how far that is. */
void store_tell_compactions(struct store *store, struct compaction_facts *facts);

/* Watches keys for a write to come; see watch.h. NULL when there is no memory. */
struct watcher *store_watch(struct store *store);

/*
 * Hands the writes to the committer, which calls submission->done when each has its result. The
 * submission is the store's until then and the caller's again after. Never blocks.
 */
void store_commit(struct store *store, struct submission *submission);

/* True while more bytes wait for the committer than it should hold. Do not read from connections
 * that write until `room` is called, on the committer's thread, once for each time it was full. */
bool store_is_full(struct store *store);
typedef void store_room_fn(void *arg);
void store_on_room(struct store *store, store_room_fn *room, void *arg);

/*
 * Following: every change of keys of a range, in the order of the commits, and each only after
 * reads show it. A write has one place in that order, its sequence: a text to be kept and handed
 * in again. Sequences of another run of the daemon are known as such.
 */
struct store_follow;

/* There is more for a follower that had caught up. Called on the committer's thread; may only pass
 * the news on. */
typedef void store_wake_fn(void *arg);

/*
 * Follows from the write with the sequence `from` on, that write included, or without data from now
 * on. Takes the range over, also when it fails. NULL with *error: STATUS_LOST when not all of that
 * is in the history, STATUS_BADARG for what is no sequence or one to come, STATUS_LIMIT when no
 * history is kept.
 */
struct store_follow *store_follow_open(struct store *store, struct range *take_range,
                                       struct slice from, store_wake_fn *wake, void *arg,
                                       struct store_error *error);

/* After this no wake comes. NULL is allowed. */
void store_follow_close(struct store_follow *follow);

enum store_follow_state {
    STORE_FOLLOW_PAUSED,    /* the callback wanted no more, or others should have their turn */
    STORE_FOLLOW_CAUGHT_UP, /* `wake` will be called once */
    STORE_FOLLOW_FAILED,    /* STATUS_LOST: it was slower than the history is long */
};

/* Takes one change; the value of a deletion has no data. What it is given dies when it returns.
 * False: no more changes for now. */
typedef bool store_change_fn(void *arg, struct slice key, struct slice value,
                             struct slice sequence);
typedef void store_follow_fn(void *arg, enum store_follow_state state,
                             const struct store_error *error);

/* Delivers some of the changes behind the last one, then calls `done` once. Not while it has
 * caught up and was not woken. */
void store_follow_next(struct store_follow *follow, store_change_fn *change, store_follow_fn *done,
                       void *arg);

/* Everything up to this sequence and including it was delivered. Dies with the next call. */
struct slice store_follow_sequence(struct store_follow *follow);

struct store_feed_facts {
    char last[48];      /* the sequence of the newest write */
    uint64_t held;      /* bytes of history */
    uint64_t followers; /* now */
};

/* False when no history is kept. */
MUST_CHECK bool store_feed_facts(struct store *store, struct store_feed_facts *facts);

/* Whether this thread went to the engine since it asked this the last time: what is answered from
 * memory, such as a hot value, did not. */
bool store_was_asked(void);

/* False from a failed write on until the store was reopened; see committer.h. */
bool store_is_writable(struct store *store);

/* Whether there are commits that are not done; *rounds counts those that were begun together, and
 * stands still only while one round goes on or nothing is to be done. */
bool store_is_committing(struct store *store, uint64_t *rounds);

struct store_health {
    bool writable;
    char because[320];  /* why it is not; else empty */
    uint64_t disk_free; /* bytes */
    uint64_t reopened;  /* so many times since the start */
};

void store_tell_health(struct store *store, struct store_health *health);

#endif
