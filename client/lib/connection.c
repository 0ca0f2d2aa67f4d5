#include "client/lib/connection.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "client/lib/clock.h"
#include "client/lib/dial.h"

#define DEFAULT_CONNECT_MS 10000
#define DEFAULT_QUIET_MS 60000
#define DEFAULT_ABSORB ((size_t)16 * 1024 * 1024)

/* One read. More would only wait longer in this buffer than in the socket's. */
#define RECEIVE_SIZE ((size_t)256 * 1024)

/* A buffer that grew for one huge line beyond this is given back when it is empty. */
#define KEEP_SIZE ((size_t)1024 * 1024)

struct leveret *leveret_new(const char *address)
{
    struct leveret *db = calloc(1, sizeof(*db));
    if (db == NULL)
        return NULL;
    db->fd = -1;
    db->connect_ms = DEFAULT_CONNECT_MS;
    db->quiet_ms = DEFAULT_QUIET_MS;
    db->absorb = DEFAULT_ABSORB;
    if (address == NULL)
        address = LEVERET_DEFAULT_ADDRESS;
    if (address_read(&db->address, address, &db->address_problem) == ADDRESS_NO_MEMORY) {
        leveret_free(db);
        return NULL;
    }
    return db;
}

void connection_forget_login(struct leveret *db)
{
    if (db->password != NULL)
        explicit_bzero(db->password, strlen(db->password));
    free(db->password);
    free(db->user);
    db->password = NULL;
    db->user = NULL;
}

void leveret_free(struct leveret *db)
{
    if (db == NULL)
        return;
    connection_drop(db);
    buffer_fini(&db->in);
    buffer_fini(&db->out);
    buffer_fini(&db->prefix);
    connection_forget_login(db);
    for (size_t i = 0; i < TLS_SETTINGS; i++)
        free(db->tls_settings[i]);
    answer_fini(&db->answer.line);
    address_fini(&db->address);
    free(db);
}

void leveret_set_timeouts(struct leveret *db, unsigned connect, unsigned quiet)
{
    db->connect_ms = connect;
    db->quiet_ms = quiet;
}

void leveret_set_absorb(struct leveret *db, size_t bytes)
{
    db->absorb = bytes;
}

const char *leveret_error_text(const struct leveret *db)
{
    return db->problem;
}

const char *leveret_error_code(const struct leveret *db)
{
    return db->code;
}

enum leveret_status connection_fail(struct leveret *db, enum leveret_status status,
                                    const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(db->problem, sizeof(db->problem), format, args);
    va_end(args);
    db->code[0] = '\0';
    return status;
}

void connection_drop(struct leveret *db)
{
    tls_close(db->tls, db->fd);
    if (db->fd >= 0)
        close(db->fd);
    db->tls = NULL;
    db->fd = -1;
    db->send_broken = false;
    db->ended = false;
    db->end_errno = 0;
    buffer_clear(&db->out);
    buffer_clear(&db->in);
    db->out_at = 0;
    db->in_at = 0;
    db->pending = 0;
    db->in_prefix = false;
    db->logged_in = false;
    db->decoder = (struct answer_decoder){0};
}

void leveret_disconnect(struct leveret *db)
{
    db->in_batch = false;
    db->tied = false;
    connection_drop(db);
}

/* Whether a connection on which nothing is outstanding still stands. Bytes that nobody asked for
 * (a server that says why it stops) mean the same as an end. */
static bool still_open(struct leveret *db)
{
    if (connection_unread(db) > 0)
        return false;
    if (db->tls != NULL) /* what came may be none of the server's words but TLS's own */
        return connection_receive(db) == LEVERET_OK && !db->ended && connection_unread(db) == 0;
    char byte;
    ssize_t got = recv(db->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR);
}

bool leveret_connected(struct leveret *db)
{
    if (db->fd < 0 || db->ended || db->send_broken)
        return false;
    return db->pending > 0 || still_open(db);
}

static enum leveret_status fail_tls(struct leveret *db, enum leveret_status status,
                                    const struct tls_problem *problem)
{
    connection_drop(db);
    (void)connection_fail(db, status, "%s port %s: %s", db->address.host, db->address.port,
                          problem->text);
    if (problem->distrust)
        snprintf(db->code, sizeof(db->code), "CERTIFICATE");
    return status;
}

static enum leveret_status begin_tls(struct leveret *db)
{
    struct tls_problem problem;
    db->tls = tls_open(db->tls_settings, db->address.host, &problem);
    if (db->tls == NULL)
        return fail_tls(db, LEVERET_MISUSE, &problem);
    if (!tls_greet(db->tls, db->fd, db->connect_ms, &problem))
        return fail_tls(db, LEVERET_UNREACHABLE, &problem);
    return LEVERET_OK;
}

enum leveret_status leveret_set_tls(struct leveret *db, enum leveret_tls setting, const char *value)
{
    if ((unsigned)setting >= TLS_SETTINGS)
        return connection_fail(db, LEVERET_MISUSE, "there is no such setting of TLS");
    char *copy = value == NULL ? NULL : strdup(value);
    if (value != NULL && copy == NULL)
        return connection_fail(db, LEVERET_NO_MEMORY, "no memory for a setting of TLS");
    free(db->tls_settings[setting]);
    db->tls_settings[setting] = copy;
    return LEVERET_OK;
}

enum leveret_status connection_ensure(struct leveret *db)
{
    if (db->fd >= 0 && db->pending > 0) {
        if (!db->ended && !db->send_broken)
            return LEVERET_OK;
        return connection_fail(db, LEVERET_LOST, "the connection ended");
    }
    if (leveret_connected(db))
        return LEVERET_OK;
    connection_drop(db);
    if (db->in_batch)
        return connection_fail(db, LEVERET_LOST, "the connection ended, and the batch with it");
    if (db->tied)
        return connection_fail(db, LEVERET_LOST,
                               "the connection ended, and with it what USE, AUTH or BEGIN had set");
    if (db->address_problem != NULL)
        return connection_fail(db, LEVERET_MISUSE, "a bad address: %s", db->address_problem);
    db->code[0] = '\0';
    db->fd = dial(&db->address, db->connect_ms, db->problem, sizeof(db->problem));
    if (db->fd < 0)
        return LEVERET_UNREACHABLE;
    return db->address.tls ? begin_tls(db) : LEVERET_OK;
}

ssize_t connection_put(struct leveret *db, const void *data, size_t len)
{
    return db->tls != NULL ? tls_send(db->tls, db->fd, data, len)
                           : send(db->fd, data, len, MSG_NOSIGNAL);
}

void connection_send(struct leveret *db)
{
    while (connection_unsent(db) > 0 && !db->send_broken) {
        ssize_t sent = connection_put(db, db->out.data + db->out_at, db->out.len - db->out_at);
        if (sent >= 0) {
            db->out_at += (size_t)sent;
            db->moved_ms = clock_ms();
        } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
            break;
        } else if (errno != EINTR) {
            db->send_broken = true;
            db->end_errno = errno;
        }
    }
    if (db->send_broken || connection_unsent(db) == 0) {
        if (db->out.cap > KEEP_SIZE)
            buffer_fini(&db->out);
        buffer_clear(&db->out);
        db->out_at = 0;
    }
}

/* Moves what is unread to the front, but only when that is little work for the room it makes. */
static void make_room(struct leveret *db)
{
    if (connection_unread(db) == 0) {
        if (db->in.cap > KEEP_SIZE)
            buffer_fini(&db->in);
        buffer_clear(&db->in);
        db->in_at = 0;
    } else if (db->in_at > RECEIVE_SIZE && db->in_at >= connection_unread(db)) {
        buffer_consume(&db->in, db->in_at);
        db->in_at = 0;
    }
}

ssize_t connection_take(struct leveret *db, struct buffer *in)
{
    ssize_t got;
    if (db->tls != NULL)
        return tls_receive(db->tls, db->fd, in);
    if (!buffer_reserve(in, RECEIVE_SIZE)) {
        errno = ENOMEM;
        return -1;
    }
    do
        got = recv(db->fd, in->data + in->len, RECEIVE_SIZE, 0);
    while (got < 0 && errno == EINTR);
    if (got > 0)
        in->len += (size_t)got;
    return got;
}

enum leveret_status connection_receive(struct leveret *db)
{
    if (db->ended)
        return LEVERET_OK;
    make_room(db);
    ssize_t got = connection_take(db, &db->in);
    if (got > 0) {
        db->moved_ms = clock_ms();
    } else if (got == 0) {
        db->ended = true;
    } else if (errno == ENOMEM) {
        connection_drop(db);
        return connection_fail(db, LEVERET_NO_MEMORY, "no memory for a reply");
    } else if (errno != EAGAIN && errno != EWOULDBLOCK) {
        db->ended = true;
        db->end_errno = errno;
    }
    return LEVERET_OK;
}

static enum leveret_status fail_quiet(struct leveret *db)
{
    return connection_fail(db, LEVERET_TIMEOUT, "nothing moved for %u.%03u seconds",
                           db->quiet_ms / 1000, db->quiet_ms % 1000);
}

enum leveret_status connection_wait(struct leveret *db, bool reading)
{
    short events = reading ? POLLIN : 0;
    if (connection_unsent(db) > 0 && !db->send_broken)
        events |= POLLOUT;
    int ready = dial_wait(db->fd, events, db->quiet_ms);
    if (ready > 0)
        return LEVERET_OK;
    int error = errno;
    connection_drop(db);
    if (ready == 0)
        return fail_quiet(db);
    return connection_fail(db, LEVERET_LOST, "cannot wait for the server: %s", strerror(error));
}

enum leveret_status connection_check_quiet(struct leveret *db)
{
    if (db->quiet_ms == 0 || clock_ms() - db->moved_ms < db->quiet_ms)
        return LEVERET_AGAIN;
    connection_drop(db);
    return fail_quiet(db);
}

enum leveret_status connection_lost(struct leveret *db)
{
    size_t pending = db->pending;
    int error = db->end_errno;
    const char *reason = error == 0 ? "closed by the server" : strerror(error);
    if (db->tls != NULL && tls_reason(db->tls) != NULL)
        reason = tls_reason(db->tls); /* a static string of OpenSSL's */
    connection_drop(db);
    return connection_fail(db, LEVERET_LOST,
                           "the connection ended (%s) with %zu request%s unanswered", reason,
                           pending, pending == 1 ? "" : "s");
}
