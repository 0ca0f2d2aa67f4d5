/*
 * libleveret: the client's side of Leveret, a server for one ordered key-value store.
 *
 *     struct leveret *db = leveret_new("127.0.0.1:5383");
 *     struct leveret_bytes value;
 *     if (leveret_put(db, leveret_text("name"), leveret_text("goku")) != LEVERET_OK ||
 *         leveret_get(db, leveret_text("name"), &value) != LEVERET_OK)
 *         fprintf(stderr, "%s\n", leveret_error_text(db));
 *     else
 *         fwrite(value.data, 1, value.len, stdout);
 *     leveret_free(db);
 *
 * CONNECTIONS. leveret_new makes no connection; the first call that needs one does, and so does
 * the first call after one was lost. A request is never sent twice: when a connection fails under
 * a request the call says so, and whether a write happened is for the caller to find out.
 *
 * THREADS. An object belongs to one thread at a time. Different objects are independent, and the
 * library has no state of its own. No call raises SIGPIPE; signals do not end a wait.
 *
 * OWNERSHIP. Bytes given to a call are borrowed until it returns. Bytes, answers and texts that
 * come back belong to the object and die with the next call on it, except those calls that say
 * that they keep them. Nothing that comes back is to be freed but struct leveret,
 * struct leveret_scan and struct leveret_follow, each by its own call.
 */
#ifndef LEVERET_H
#define LEVERET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif

#define LEVERET_API __attribute__((visibility("default")))
#define LEVERET_MUST_CHECK __attribute__((warn_unused_result))

/* Where a server listens unless it is told otherwise. */
#define LEVERET_DEFAULT_ADDRESS "127.0.0.1:5383"

/* One server, as one thread sees it. */
struct leveret;

/* A running scan. */
struct leveret_scan;

/* A running change feed. */
struct leveret_follow;

/* One line of a reply. */
struct leveret_answer;

/* Any bytes, NUL included. NULL data means "absent" where a function says so, else empty. */
struct leveret_bytes {
    const void *data;
    size_t len;
};

static inline struct leveret_bytes leveret_bytes(const void *data, size_t len)
{
    struct leveret_bytes bytes = {data, len};
    return bytes;
}

/* The bytes of a C string, without its NUL. */
static inline struct leveret_bytes leveret_text(const char *text)
{
    return leveret_bytes(text, strlen(text));
}

/*
 * How a call ended. The first four are answers of the server, and the connection goes on. Behind
 * each of the others leveret_error_text has a sentence.
 */
enum leveret_status {
    LEVERET_OK,
    LEVERET_NOT_FOUND, /* the key is not there */
    LEVERET_CONFLICT,  /* a condition did not hold; nothing was changed */
    LEVERET_ERROR,     /* the server answered ERR; leveret_error_code has its stable word */

    LEVERET_END,         /* a scan has no more rows */
    LEVERET_AGAIN,       /* nothing is there yet; only from calls that do not wait */
    LEVERET_FULL,        /* not queued: too many replies wait to be taken, take some first */
    LEVERET_UNREACHABLE, /* no connection could be made; the request was not sent */
    LEVERET_LOST,        /* the connection ended; unanswered writes may or may not have happened */
    LEVERET_TIMEOUT,     /* the same, because nothing moved for the time that was set */
    LEVERET_PROTOCOL,    /* the peer does not speak the protocol; the connection was dropped */
    LEVERET_MISUSE,      /* an argument or the order of calls was wrong; nothing was done */
    LEVERET_NO_MEMORY,   /* the connection was dropped if a request or a reply was cut by it */
};

/* What a status means, as a short sentence; a static string. */
LEVERET_API const char *leveret_status_text(enum leveret_status status);

/*
 * ---- The object ----
 */

/*
 * `address` is HOST:PORT, HOST, [V6]:PORT, [V6] or unix:PATH, or one of the first four behind tls:
 * for TLS; NULL is LEVERET_DEFAULT_ADDRESS. It is copied. NULL when there is no memory. An address
 * that cannot be read shows when a connection is needed, as LEVERET_MISUSE.
 */
LEVERET_API LEVERET_MUST_CHECK struct leveret *leveret_new(const char *address);

/* Closes the connection and frees the object. Scans and feeds must have been closed. NULL is
 * allowed. */
LEVERET_API void leveret_free(struct leveret *db);

/*
 * Milliseconds, 0 for no limit. `connect` bounds one attempt to reach one address of the server
 * (10,000 unless set; looking up a name is not in it), the agreement on TLS, and each wait until it
 * agrees to a login and to a prefix. `quiet` bounds a wait in which not one byte moves in either
 * direction (60,000 unless set).
 */
LEVERET_API void leveret_set_timeouts(struct leveret *db, unsigned connect, unsigned quiet);

/*
 * How many bytes of replies may be held for the caller while requests are queued; 16 MiB unless
 * set. See "Pipelining".
 */
LEVERET_API void leveret_set_absorb(struct leveret *db, size_t bytes);

/*
 * TLS, version 1.2 or later, is for addresses that begin with tls: and always checks that the
 * server's certificate holds, was signed by an authority that is trusted, and is for the host of
 * the address. One that does not makes LEVERET_UNREACHABLE, with "CERTIFICATE" from
 * leveret_error_code. Files are in the PEM format, and are read whenever a connection is made.
 */
enum leveret_tls {
    LEVERET_TLS_CA,   /* the file of authorities to trust; NULL: those that the system trusts */
    LEVERET_TLS_CERT, /* the file of the client's own certificate, if the server wants one, */
    LEVERET_TLS_KEY,  /* and of its key */
    LEVERET_TLS_NAME, /* the name or IP address that the certificate must be for; NULL: the host */
};

/* Sets one of them for connections made from now on. The value is copied; NULL for none. A file
 * that cannot be used shows when a connection is made, as LEVERET_MISUSE. LEVERET_OK, NO_MEMORY, or
 * MISUSE for a setting that there is not. */
LEVERET_API LEVERET_MUST_CHECK enum leveret_status
leveret_set_tls(struct leveret *db, enum leveret_tls setting, const char *value);

/*
 * Who to be: the library logs in on each new connection, and waits until the server has agreed,
 * before it sends anything else; on one that stands, before the next request. Both are copied, and
 * the copies are wiped when they go; NULL for `user`: nobody from here on. Nothing is sent yet: the
 * call that needs the connection answers LEVERET_ERROR, with code WRONGPASS when the server does
 * not know the two, and drops the connection; the next call tries again. Where a login is needed
 * and none was set, calls answer LEVERET_ERROR with code NOAUTH; what a user may not do has code
 * DENIED. LEVERET_OK, NO_MEMORY, or MISUSE: replies are outstanding, or a scan, a feed or a batch
 * is open.
 */
LEVERET_API LEVERET_MUST_CHECK enum leveret_status
leveret_set_login(struct leveret *db, const char *user, const char *password);

/* The same at once. After all but LEVERET_OK the login is what it was before; the connection may
 * have been dropped, and the next call makes it again. */
LEVERET_API LEVERET_MUST_CHECK enum leveret_status
leveret_login(struct leveret *db, const char *user, const char *password);

/* Connects now, unless connected: to learn early. LEVERET_OK, LEVERET_UNREACHABLE (nobody there,
 * or too slow), LEVERET_MISUSE (a bad address), LEVERET_NO_MEMORY; with a prefix in use also what
 * leveret_use says, and with a login set what leveret_set_login says. */
LEVERET_API LEVERET_MUST_CHECK enum leveret_status leveret_connect(struct leveret *db);

/* Whether there is a connection that the server has not closed. Looks, and does not wait. */
LEVERET_API bool leveret_connected(struct leveret *db);

/*
 * Drops the connection and forgets what was unanswered; the next call connects again. What was
 * queued may have run or not. An open scan or feed ends with LEVERET_LOST.
 */
LEVERET_API void leveret_disconnect(struct leveret *db);

/* The latest failure as one sentence for people, without a full stop; "" before the first. For
 * LEVERET_ERROR it is the server's message. */
LEVERET_API const char *leveret_error_text(const struct leveret *db);

/* The latest LEVERET_ERROR's stable word, such as "BADARG"; "CERTIFICATE" when a server was not
 * trusted; "" after any other failure. */
LEVERET_API const char *leveret_error_code(const struct leveret *db);

/*
 * ---- One request at a time ----
 *
 * Each sends one request and waits for its reply. All may return LEVERET_ERROR and everything
 * behind it but END, AGAIN and FULL; LEVERET_MISUSE means that replies are still outstanding or a
 * scan or a feed is open. Out parameters are set on LEVERET_OK only, and may be NULL.
 *
 * A write that ends with LOST, TIMEOUT, PROTOCOL or NO_MEMORY, or with LEVERET_ERROR and code
 * UNKNOWN (the disk failed under it), may have happened or not: look before it is repeated. After
 * any other error it has not happened. Codes READONLY and FULL pass when the disk works or has room
 * again. A server that serves no more peers, or not this one, says so to the first request, with
 * code LIMIT or DENIED.
 */

/* LEVERET_OK and the value, or LEVERET_NOT_FOUND. */
LEVERET_API LEVERET_MUST_CHECK enum leveret_status
leveret_get(struct leveret *db, struct leveret_bytes key, struct leveret_bytes *value);

/* LEVERET_OK: the pair is stored (and on disk, unless the server's --sync says later or never). */
LEVERET_API LEVERET_MUST_CHECK enum leveret_status
leveret_put(struct leveret *db, struct leveret_bytes key, struct leveret_bytes value);

/* The same only if the key is absent, is there, or holds exactly `old`. LEVERET_CONFLICT when that
 * does not hold at the moment of writing; nothing was changed. */
LEVERET_API LEVERET_MUST_CHECK enum leveret_status
leveret_put_new(struct leveret *db, struct leveret_bytes key, struct leveret_bytes value);
LEVERET_API LEVERET_MUST_CHECK enum leveret_status
leveret_put_over(struct leveret *db, struct leveret_bytes key, struct leveret_bytes value);
LEVERET_API LEVERET_MUST_CHECK enum leveret_status leveret_put_if(struct leveret *db,
                                                                  struct leveret_bytes key,
                                                                  struct leveret_bytes value,
                                                                  struct leveret_bytes old);

/* LEVERET_OK: the key held exactly `old` and is deleted; LEVERET_CONFLICT: it did not and is not.
 */
LEVERET_API LEVERET_MUST_CHECK enum leveret_status
leveret_del_if(struct leveret *db, struct leveret_bytes key, struct leveret_bytes old);

/* Adds `delta` to the decimal number under the key (an absent one counts as 0). LEVERET_OK and the
 * sum; LEVERET_ERROR with code NOT_NUMBER or OVERFLOW when there is none. */
LEVERET_API LEVERET_MUST_CHECK enum leveret_status
leveret_incr(struct leveret *db, struct leveret_bytes key, int64_t delta, int64_t *sum);

/* LEVERET_OK; *existed tells whether the key was there. In a batch that is not known yet, and
 * *existed is false. */
LEVERET_API LEVERET_MUST_CHECK enum leveret_status
leveret_del(struct leveret *db, struct leveret_bytes key, bool *existed);

/* LEVERET_OK; *exists tells whether the key is there. */
LEVERET_API LEVERET_MUST_CHECK enum leveret_status
leveret_exists(struct leveret *db, struct leveret_bytes key, bool *exists);

/* LEVERET_OK when the server answers. */
LEVERET_API LEVERET_MUST_CHECK enum leveret_status leveret_ping(struct leveret *db);

/* LEVERET_OK: every write that was acknowledged before, on any connection, is on disk, however the
 * server runs. */
LEVERET_API LEVERET_MUST_CHECK enum leveret_status leveret_sync(struct leveret *db);

/* What the server's engine tells of itself under that name, such as "leveldb.stats". LEVERET_ERROR
 * with code BADARG for a name that it does not know. */
LEVERET_API LEVERET_MUST_CHECK enum leveret_status
leveret_property(struct leveret *db, const char *name, struct leveret_bytes *text);

/*
 * ---- Batches ----
 *
 * Between leveret_begin and leveret_commit the writes above (but not leveret_incr) are noted and
 * answer LEVERET_OK; nothing happens yet and nobody sees them. A request that is refused meanwhile
 * spoils the batch. When the connection is lost, the batch is lost with it, and every call answers
 * LEVERET_LOST until leveret_commit, which says so too, leveret_abort or leveret_begin: no write of
 * the batch can slip out alone. Closing a scan early, too, drops the connection.
 */

/* LEVERET_ERROR with code BATCH when a batch is open already. */
LEVERET_API LEVERET_MUST_CHECK enum leveret_status leveret_begin(struct leveret *db);

/* Commit only if the key then holds exactly `value`, or is absent. LEVERET_ERROR with code BATCH
 * outside a batch. */
LEVERET_API LEVERET_MUST_CHECK enum leveret_status
leveret_check(struct leveret *db, struct leveret_bytes key, struct leveret_bytes value);
LEVERET_API LEVERET_MUST_CHECK enum leveret_status leveret_check_absent(struct leveret *db,
                                                                        struct leveret_bytes key);

/* LEVERET_OK: all of the batch is written. LEVERET_CONFLICT: a condition did not hold.
 * LEVERET_ERROR: refused, with code BATCH when it was spoiled or none is open. The batch is over
 * then, and but for LEVERET_OK nothing is changed; code UNKNOWN, LOST, TIMEOUT, PROTOCOL and
 * NO_MEMORY leave open which it was. After MISUSE it is still open. */
LEVERET_API LEVERET_MUST_CHECK enum leveret_status leveret_commit(struct leveret *db);

/* Forgets the batch. LEVERET_ERROR with code BATCH when none is open. */
LEVERET_API LEVERET_MUST_CHECK enum leveret_status leveret_abort(struct leveret *db);

/*
 * ---- Snapshots ----
 *
 * A snapshot is the store as it was at one moment, for every connection of the same user, and of
 * administrators. The server keeps it until it is released or was not used for its lease; whatever
 * was deleted or replaced since stays on disk as long. A call that names one that is no longer
 * there, as none is when the server had to reopen its store after a disk error, answers
 * LEVERET_ERROR with code SNAPSHOT.
 */

/* Takes a snapshot. `ttl` is its lease, seconds that each use starts anew; 0: as the server likes
 * (60). LEVERET_OK and its number, never 0; LEVERET_ERROR with code LIMIT when there are too many.
 */
LEVERET_API LEVERET_MUST_CHECK enum leveret_status
leveret_snapshot(struct leveret *db, unsigned ttl, uint64_t *snapshot);

/* Lets go of a snapshot. */
LEVERET_API LEVERET_MUST_CHECK enum leveret_status leveret_release(struct leveret *db,
                                                                   uint64_t snapshot);

/* leveret_get at a snapshot, or with 0 as it is now. Of the flags, LEVERET_VERIFY and
 * LEVERET_NOCACHE are for it; any other is MISUSE. */
LEVERET_API LEVERET_MUST_CHECK enum leveret_status leveret_get_at(struct leveret *db,
                                                                  struct leveret_bytes key,
                                                                  uint64_t snapshot, unsigned flags,
                                                                  struct leveret_bytes *value);

/*
 * ---- A part of the keys ----
 *
 * Inside a prefix, every key of every call stands without it, and so does every key that comes
 * back: a database within the database. The object remembers its prefix and tells it to each new
 * connection, and waits until the server has agreed, before it sends anything else: no request of
 * this object ever runs outside. When the server does not agree, the call at hand fails with
 * LEVERET_ERROR and nothing of it was sent.
 */

/*
 * From here on inside `prefix`; empty: all keys again. It replaces the one before; for one inside
 * it, give both together. LEVERET_OK: the server has agreed. LEVERET_ERROR: it refused, with code
 * LIMIT for a prefix too long, or BATCH while one is open. After all but LEVERET_OK the prefix is
 * what it was before.
 */
LEVERET_API LEVERET_MUST_CHECK enum leveret_status leveret_use(struct leveret *db,
                                                               struct leveret_bytes prefix);

/* The prefix in use, empty for none; lives until the next leveret_use. */
LEVERET_API struct leveret_bytes leveret_prefix(const struct leveret *db);

/*
 * ---- Ranges ----
 */

enum leveret_range_flags {
    LEVERET_REVERSE = 1,  /* from the highest key down; the bounds keep their meaning */
    LEVERET_KEYS = 2,     /* rows of keys only */
    LEVERET_VALUES = 4,   /* rows of values only */
    LEVERET_VERIFY = 8,   /* compare all that is read from disk with its checksum */
    LEVERET_NOCACHE = 16, /* leave the server's cache to others */
};

/*
 * The keys that begin with `prefix` (empty: all), narrowed by bounds. Start from zeroes:
 *
 *     struct leveret_range range = {.prefix = leveret_text("book:"), .limit = 10};
 */
struct leveret_range {
    struct leveret_bytes prefix;
    struct leveret_bytes from;    /* no key below this one; NULL data: no such bound */
    struct leveret_bytes after;   /* no key below or equal to it; not together with `from` */
    struct leveret_bytes to;      /* no key above or equal to it */
    struct leveret_bytes through; /* no key above it; not together with `to` */
    uint64_t limit;               /* at most so many rows; 0: all */
    uint64_t bytes;               /* of a scan: no more rows once they hold so many; 0: all */
    uint64_t snapshot;            /* as it was then; 0: as it is now */
    unsigned flags;               /* enum leveret_range_flags */
};

/* How many rows a scan of that range would have. KEYS, VALUES and `bytes` do not matter. */
LEVERET_API LEVERET_MUST_CHECK enum leveret_status
leveret_count(struct leveret *db, const struct leveret_range *range, uint64_t *count);

/* About how many bytes of the server's disk the range takes. Only its prefix and bounds matter. */
LEVERET_API LEVERET_MUST_CHECK enum leveret_status
leveret_size(struct leveret *db, const struct leveret_range *range, uint64_t *bytes);

/* Rewrites the range on the server's disk without what was deleted or replaced; NULL: all of it.
 * Only its prefix and bounds matter. It may take long; the server tells of its progress, so the
 * quiet time does not run out. */
LEVERET_API LEVERET_MUST_CHECK enum leveret_status
leveret_compact(struct leveret *db, const struct leveret_range *range);

/*
 * Deletes the range, a prefix and bounds; anything else in it is MISUSE. LEVERET_OK and how many
 * keys were deleted, or, in a dry run, would be. Others write meanwhile, and what is cut off
 * halfway can be repeated. As leveret_compact, it may take long.
 */
LEVERET_API LEVERET_MUST_CHECK enum leveret_status
leveret_del_range(struct leveret *db, const struct leveret_range *range, bool dry_run,
                  uint64_t *deleted);

/*
 * Starts a scan, one consistent view from its first row to its last. Rows stream: the client holds
 * one of them and what the socket brought with it, whatever the size of the result. Until the
 * scan is closed no other call that sends is allowed on `db` (LEVERET_MISUSE); another object of
 * the same server is free. On LEVERET_OK *scan is the caller's to close. The range is not kept.
 * Errors: UNREACHABLE, LOST, TIMEOUT, MISUSE, NO_MEMORY; with a prefix in use also ERROR and
 * PROTOCOL. What the server says of the range shows at the first row.
 */
LEVERET_API LEVERET_MUST_CHECK enum leveret_status
leveret_scan_open(struct leveret *db, const struct leveret_range *range,
                  struct leveret_scan **scan);

/*
 * The same for the children one level down, for keys that are paths: what follows the prefix is
 * cut behind the first delimiter (":" when its data is NULL), and each different result is a row
 * of a key. Costs the server one seek a child. Of the range only `prefix`, `after` (a child),
 * `limit` and `snapshot` may be set; else MISUSE.
 */
LEVERET_API LEVERET_MUST_CHECK enum leveret_status
leveret_list_open(struct leveret *db, const struct leveret_range *range,
                  struct leveret_bytes delimiter, struct leveret_scan **scan);

/*
 * The next row; it dies with the next call. The absent part of a row of one part has NULL data;
 * either out parameter may be NULL. LEVERET_OK: a row. LEVERET_END: no more, and as many rows came
 * as the server says it sent. LEVERET_ERROR: refused, or cut off by the server (see
 * leveret_scan_more). LOST, TIMEOUT, PROTOCOL, NO_MEMORY: the connection failed. All but
 * LEVERET_OK are final, and repeated by later calls.
 */
LEVERET_API LEVERET_MUST_CHECK enum leveret_status leveret_scan_next(struct leveret_scan *scan,
                                                                     struct leveret_bytes *key,
                                                                     struct leveret_bytes *value);

/* How many rows have come so far. */
LEVERET_API uint64_t leveret_scan_rows(const struct leveret_scan *scan);

/*
 * After LEVERET_END or LEVERET_ERROR: true when rows remain, because of `limit` or `bytes`, or
 * because the server ended the scan early. To go on, scan again with .after = *key, or, in reverse,
 * .to = *key. The key lives until the scan is closed.
 */
LEVERET_API bool leveret_scan_more(const struct leveret_scan *scan, struct leveret_bytes *key);

/*
 * Ends the scan, wherever it is, and frees it. NULL is allowed. The protocol has no word to stop a
 * scan, so when rows were still to come this drops the connection, at once and without reading
 * them, and the next call on the object makes a new one.
 */
LEVERET_API void leveret_scan_close(struct leveret_scan *scan);

/*
 * ---- The change feed ----
 */

enum leveret_change_kind {
    LEVERET_CHANGE_NONE, /* nothing new: everything up to and including `sequence` has come */
    LEVERET_CHANGE_PUT,
    LEVERET_CHANGE_DEL,
};

/* One change of a key, or the news that there was none. Bytes die with the next call. */
struct leveret_change {
    enum leveret_change_kind kind;
    struct leveret_bytes key;      /* of PUT and DEL; else NULL data, as is what is absent below */
    struct leveret_bytes value;    /* of PUT */
    struct leveret_bytes sequence; /* of the write that made it; all changes of a batch share one */
};

/*
 * Starts a feed of every committed change of a key that begins with `prefix`, in the order of
 * commits. With NULL data for `from` it begins with the next write; with the sequence of an earlier
 * change, at that write, whose changes come once more, for they may not all have come before.
 * Until the feed is closed no other call that sends is allowed on `db` (LEVERET_MISUSE). On
 * LEVERET_OK *follow is the caller's to close. Errors: as leveret_scan_open. What the server says
 * of `from` shows at the first change.
 */
LEVERET_API LEVERET_MUST_CHECK enum leveret_status
leveret_follow_open(struct leveret *db, struct leveret_bytes prefix, struct leveret_bytes from,
                    struct leveret_follow **follow);

/*
 * Waits for the next change. The first is of the kind NONE and names where the feed begins; more
 * of it come when there was nothing else for 10 seconds, so the quiet time should be longer.
 * LEVERET_ERROR: the feed ended; with code LOST because changes that are owed are no longer to be
 * had, at the start, since this side read too slowly, or since the server had to reopen its store
 * after a disk error: read everything anew. After the codes
 * TIMEOUT and SHUTDOWN, and after LEVERET_LOST, TIMEOUT, PROTOCOL and NO_MEMORY, which say that the
 * connection failed: close, then follow again from leveret_follow_sequence. All but LEVERET_OK are
 * final, and repeated by later calls.
 */
LEVERET_API LEVERET_MUST_CHECK enum leveret_status
leveret_follow_next(struct leveret_follow *follow, struct leveret_change *change);

/* The latest sequence that came, to resume from; NULL data before the first. Copy it to keep it
 * after the next call. */
LEVERET_API struct leveret_bytes leveret_follow_sequence(const struct leveret_follow *follow);

/* Ends the feed and frees it; NULL is allowed. The protocol has no word to stop one, so this drops
 * the connection, and the next call on the object makes a new one. */
LEVERET_API void leveret_follow_close(struct leveret_follow *follow);

/*
 * ---- Pipelining: any request, any number in flight ----
 *
 * Queue requests, then take the lines of their replies in order:
 *
 *     leveret_request(db, words, 3);
 *     ...
 *     while (leveret_pending(db) > 0 && leveret_next(db, &answer) == LEVERET_OK)
 *         ...
 *
 * This cannot deadlock: while a request waits for room in the socket, replies are absorbed.
 * Memory is bounded: on the way out by 64 KiB and the longest request, on the way in by twice the
 * leveret_set_absorb bytes, 512 KiB and the longest line. When both are used up, leveret_request
 * answers LEVERET_FULL and queues nothing; take replies, then try again.
 *
 * A USE, an AUTH or a BEGIN of your own is state of the connection that is not made again: after
 * one, when that connection is lost, every call that sends answers LEVERET_LOST until
 * leveret_disconnect.
 */

/*
 * Queues one request of `count` words, a command's name first; any bytes are allowed in any word.
 * It leaves at the latest when leveret_next has to wait, or with leveret_flush.
 * LEVERET_OK: queued. LEVERET_FULL: see above. LEVERET_LOST: not queued; replies that came before
 * the end can still be taken by leveret_next. LEVERET_UNREACHABLE, TIMEOUT, NO_MEMORY: not queued;
 * with a prefix in use or a login set also ERROR and PROTOCOL.
 * LEVERET_MISUSE: no words, a request longer than the protocol allows, or a scan or a feed is open.
 */
LEVERET_API LEVERET_MUST_CHECK enum leveret_status
leveret_request(struct leveret *db, const struct leveret_bytes *words, size_t count);

/*
 * The same for a request as a person types it: words and quotes, without a line ending. A line
 * that gets no reply (empty, only spaces, a # remark) is not sent, and leveret_pending does not
 * count it. LEVERET_MISUSE also when the line holds an LF.
 */
LEVERET_API LEVERET_MUST_CHECK enum leveret_status leveret_line(struct leveret *db,
                                                                struct leveret_bytes line);

/* Sends what is queued and absorbs what arrives meanwhile. OK, FULL, LOST or TIMEOUT, as above. */
LEVERET_API LEVERET_MUST_CHECK enum leveret_status leveret_flush(struct leveret *db);

/* How many queued requests have not had the last line of their reply taken. */
LEVERET_API size_t leveret_pending(const struct leveret *db);

enum leveret_kind {
    LEVERET_ROW,    /* one to four parts: see leveret_answer_part */
    LEVERET_REMARK, /* a line for people: see leveret_answer_text */
    LEVERET_ENDING, /* the last line of one request's reply */
};

/*
 * Waits for the next line of the oldest unanswered request's reply. LEVERET_OK and the line, which
 * dies with the next call on `db`; an ERR is such a line too. LOST, TIMEOUT, PROTOCOL, NO_MEMORY:
 * the connection was dropped, nothing is pending any more. MISUSE: nothing is pending, or a scan
 * or a feed is open.
 */
LEVERET_API LEVERET_MUST_CHECK enum leveret_status
leveret_next(struct leveret *db, const struct leveret_answer **answer);

/* The same without waiting: LEVERET_AGAIN when no whole line is there, and LEVERET_TIMEOUT when
 * moreover nothing has moved for the quiet time. */
LEVERET_API LEVERET_MUST_CHECK enum leveret_status
leveret_try_next(struct leveret *db, const struct leveret_answer **answer);

LEVERET_API enum leveret_kind leveret_answer_kind(const struct leveret_answer *answer);

/* Part `index` of a row, counted from 0, or of a CONFLICT; false when there is none. */
LEVERET_API bool leveret_answer_part(const struct leveret_answer *answer, size_t index,
                                     struct leveret_bytes *part);

/* Of an ending: OK, NOT_FOUND, CONFLICT or ERROR. */
LEVERET_API enum leveret_status leveret_answer_status(const struct leveret_answer *answer);

/* Of an ending `OK "value"`: the value, else false. */
LEVERET_API bool leveret_answer_value(const struct leveret_answer *answer,
                                      struct leveret_bytes *value);

/* Of an ending `OK n`: the number, else false. */
LEVERET_API bool leveret_answer_count(const struct leveret_answer *answer, uint64_t *count);

/* Of an ending: the key after which rows remain, else false. */
LEVERET_API bool leveret_answer_more(const struct leveret_answer *answer,
                                     struct leveret_bytes *key);

/* Of an ERR: its stable word. */
LEVERET_API struct leveret_bytes leveret_answer_code(const struct leveret_answer *answer);

/* Of an ERR its message, of a remark its text; else empty. */
LEVERET_API struct leveret_bytes leveret_answer_text(const struct leveret_answer *answer);

/*
 * For programs with a poll loop of their own: wait until the descriptor is ready for
 * leveret_poll_events, then call leveret_pump, then leveret_try_next until LEVERET_AGAIN.
 */

/* The socket, or -1 without a connection. It may change whenever a call connects. */
LEVERET_API int leveret_poll_fd(const struct leveret *db);

/* What to wait for: POLLIN, with POLLOUT while requests wait to leave. */
LEVERET_API short leveret_poll_events(const struct leveret *db);

/* How long to wait at most before calling leveret_try_next: milliseconds for poll, -1 without end.
 */
LEVERET_API int leveret_poll_timeout(const struct leveret *db);

/* Sends and absorbs once each, without waiting. LEVERET_OK, or LEVERET_LOST: take what came
 * with leveret_next. */
LEVERET_API LEVERET_MUST_CHECK enum leveret_status leveret_pump(struct leveret *db);

#ifdef __cplusplus
}
#endif

#endif
