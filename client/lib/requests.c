/* Pipelining as callers see it: requests of their own, and the lines of the replies. */
#include <limits.h>
#include <poll.h>

#include "client/lib/clock.h"
#include "client/lib/pipeline.h"
#include "client/lib/session.h"

static enum leveret_status check_no_stream(struct leveret *db)
{
    if (!db->streaming)
        return LEVERET_OK;
    return connection_fail(db, LEVERET_MISUSE, "a scan or a feed is open on this connection");
}

/* These leave something with the connection that the library could not make again. */
static bool ties(struct slice name)
{
    return slice_equal_fold(name, SLICE("USE")) || slice_equal_fold(name, SLICE("AUTH")) ||
           slice_equal_fold(name, SLICE("BEGIN"));
}

enum leveret_status leveret_request(struct leveret *db, const struct leveret_bytes *words,
                                    size_t count)
{
    enum leveret_status status = check_no_stream(db);
    if (status == LEVERET_OK)
        status = session_request(db, words, count);
    if (status == LEVERET_OK)
        db->tied |= ties(slice_of(words[0].data, words[0].len));
    return status;
}

/* The server passes over such a line: see "Grammar" in PROTOCOL.md. */
static bool gets_no_reply(struct slice line)
{
    if (line.len > 0 && line.data[0] == '#')
        return true;
    if (line.len > 0 && line.data[line.len - 1] == '\r')
        line.len--;
    for (size_t i = 0; i < line.len; i++)
        if (line.data[i] != ' ')
            return false;
    return true;
}

/* The same for a line. A name in quotes may be any. */
static bool line_ties(struct slice line)
{
    while (line.len > 0 && line.data[0] == ' ')
        line = slice_of(line.data + 1, line.len - 1);
    size_t end = 0;
    while (end < line.len && line.data[end] != ' ' && line.data[end] != '\r')
        end++;
    return line.data[0] == '"' || line.data[0] == '\'' || ties(slice_of(line.data, end));
}

enum leveret_status leveret_line(struct leveret *db, struct leveret_bytes bytes)
{
    struct slice line = slice_of(bytes.data, bytes.len);
    enum leveret_status status = check_no_stream(db);
    if (status != LEVERET_OK || gets_no_reply(line))
        return status;
    if (memchr(line.data, '\n', line.len) != NULL)
        return connection_fail(db, LEVERET_MISUSE, "a request is one line");
    status = session_make_way(db);
    if (status == LEVERET_OK)
        status = pipeline_add_line(db, line);
    if (status == LEVERET_OK)
        db->tied |= line_ties(line);
    return status;
}

enum leveret_status leveret_flush(struct leveret *db)
{
    return db->fd >= 0 ? pipeline_flush(db) : LEVERET_OK;
}

size_t leveret_pending(const struct leveret *db)
{
    return db->pending;
}

enum leveret_status leveret_next(struct leveret *db, const struct leveret_answer **answer)
{
    enum leveret_status status = check_no_stream(db);
    return status == LEVERET_OK ? pipeline_next(db, answer) : status;
}

enum leveret_status leveret_try_next(struct leveret *db, const struct leveret_answer **answer)
{
    enum leveret_status status = check_no_stream(db);
    return status == LEVERET_OK ? pipeline_try_next(db, answer) : status;
}

int leveret_poll_fd(const struct leveret *db)
{
    return db->fd;
}

short leveret_poll_events(const struct leveret *db)
{
    return connection_unsent(db) > 0 ? POLLIN | POLLOUT : POLLIN;
}

int leveret_poll_timeout(const struct leveret *db)
{
    if (db->quiet_ms == 0 || db->pending == 0)
        return -1;
    int64_t left = db->moved_ms + db->quiet_ms - clock_ms();
    return left < 0 ? 0 : left > INT_MAX ? INT_MAX : (int)left;
}

enum leveret_status leveret_pump(struct leveret *db)
{
    if (db->fd < 0)
        return LEVERET_OK;
    connection_send(db);
    enum leveret_status status = LEVERET_OK;
    if (connection_unread(db) <= db->absorb)
        status = connection_receive(db);
    if (status == LEVERET_OK && (db->ended || db->send_broken))
        return connection_fail(db, LEVERET_LOST, "the connection ended");
    return status;
}
