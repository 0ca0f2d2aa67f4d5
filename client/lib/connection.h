/*
 * The connection under every call: a socket that is opened when it is needed, what waits to be
 * sent, what has arrived, and the latest failure. Knows no command, and of replies only that some
 * are outstanding.
 *
 * Only its own functions touch the socket's bytes, so nobody above knows whether they go over TLS.
 */
#ifndef LEVERET_CLIENT_LIB_CONNECTION_H
#define LEVERET_CLIENT_LIB_CONNECTION_H

#include "client/leveret.h"
#include "client/lib/address.h"
#include "client/lib/tls.h"
#include "protocol/answer.h"
#include "protocol/bytes.h"

struct leveret_answer {
    struct answer line;
    enum leveret_kind kind;
    bool has_value; /* an ending whose second word was quoted: a value and not a count */
};

struct leveret {
    struct address address;
    const char *address_problem; /* why `address` cannot be used; NULL when it can */
    unsigned connect_ms;
    unsigned quiet_ms;
    size_t absorb; /* replies beyond this many bytes are not read ahead */

    char *tls_settings[TLS_SETTINGS];
    struct tls *tls;  /* NULL: not connected, or in the clear */
    int fd;           /* -1: not connected */
    bool send_broken; /* the peer takes no more; what it said before is still read */
    bool ended;       /* nothing more will arrive */
    int end_errno;    /* why, 0 for an orderly end */

    int64_t moved_ms; /* when a byte last moved, or the first request was queued; see clock.h */

    struct buffer out; /* requests; bytes before out_at have left */
    size_t out_at;
    struct buffer in; /* replies; bytes before in_at have been decoded */
    size_t in_at;
    size_t pending; /* requests queued or sent whose ending was not decoded */
    struct answer_decoder decoder;
    struct leveret_answer answer; /* the latest line; borrows from `in` */

    bool streaming;       /* a scan or a feed is open: the connection is its alone */
    bool tied;            /* a request of the caller's left something that a new one lacks */
    bool in_batch;        /* one was begun: no new connection may take its writes */
    struct buffer prefix; /* of leveret_use: to be told to each new connection */
    bool in_prefix;       /* the server has agreed to it on this one */
    char *user;           /* of leveret_set_login: to be told to each new connection; or NULL */
    char *password;       /* wiped when it goes */
    bool logged_in;       /* the server knows who it is on this one */
    char problem[512];
    char code[32];
};

/* Records a failure's sentence and returns `status`. */
enum leveret_status connection_fail(struct leveret *db, enum leveret_status status,
                                    const char *format, ...) __attribute__((format(printf, 3, 4)));

/*
 * Makes sure that a request can be queued. Connects when there is no connection, or when an idle
 * one turns out to be closed. OK, MISUSE, UNREACHABLE, NO_MEMORY, or LOST when the connection broke
 * under requests that are still pending, or under a batch.
 */
MUST_CHECK enum leveret_status connection_ensure(struct leveret *db);

/* Wipes the password, and frees it and the user. */
void connection_forget_login(struct leveret *db);

/* Closes the socket and forgets everything in flight. */
void connection_drop(struct leveret *db);

static inline size_t connection_unsent(const struct leveret *db)
{
    return db->out.len - db->out_at + (db->tls == NULL || db->send_broken ? 0 : tls_held(db->tls));
}

static inline size_t connection_unread(const struct leveret *db)
{
    return db->in.len - db->in_at;
}

/* As send and recv on the connection that stands; what was received is appended, up to 256 KiB. */
MUST_CHECK ssize_t connection_put(struct leveret *db, const void *data, size_t len);
MUST_CHECK ssize_t connection_take(struct leveret *db, struct buffer *in);

/* Sends what the socket takes at once. A peer that takes no more is noted, not reported: its last
 * words come first. */
void connection_send(struct leveret *db);

/* Reads once what is there, up to 256 KiB. The end is noted, not reported. NO_MEMORY, or OK. */
MUST_CHECK enum leveret_status connection_receive(struct leveret *db);

/*
 * Waits until bytes can move: out, when some wait, and in, when `reading`. OK, or TIMEOUT after
 * the quiet time, when the connection has been dropped.
 */
MUST_CHECK enum leveret_status connection_wait(struct leveret *db, bool reading);

/* TIMEOUT with a sentence, and the connection dropped, when nothing moved for the quiet time; else
 * AGAIN. */
enum leveret_status connection_check_quiet(struct leveret *db);

/* LOST with a sentence about how the connection ended; drops it. */
enum leveret_status connection_lost(struct leveret *db);

#endif
