#include "client/cli/source.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include "protocol/limits.h"

#define READ_SIZE ((size_t)256 * 1024)

void source_init(struct source *source, int fd)
{
    *source = (struct source){.fd = fd};
}

void source_fini(struct source *source)
{
    buffer_fini(&source->bytes);
}

static enum source_result last_line(struct source *source, struct slice rest, struct slice *line)
{
    if (!source->ended)
        return SOURCE_MORE;
    if (rest.len == 0)
        return SOURCE_END;
    source->at = source->bytes.len;
    source->line++;
    *line = rest;
    return SOURCE_LINE;
}

enum source_result source_next(struct source *source, struct slice *line)
{
    struct slice rest = slice_of(source->bytes.data + source->at, source->bytes.len - source->at);
    bool crlf = false;
    size_t used = 0;
    if (rest.len == 0)
        return last_line(source, rest, line);
    switch (line_find(&source->finder, rest, LIMIT_LINE, line, &crlf, &used)) {
    case LINE_MORE:
        return last_line(source, rest, line);
    case LINE_TOO_LONG:
        source->line++;
        return SOURCE_TOO_LONG;
    case LINE_FOUND:
        break;
    }
    source->at += used;
    source->line++;
    return SOURCE_LINE;
}

static bool fail(struct source *source, int error)
{
    source->ended = true;
    source->error = error;
    return false;
}

bool source_fill(struct source *source)
{
    buffer_consume(&source->bytes, source->at);
    source->at = 0;
    if (!buffer_reserve(&source->bytes, READ_SIZE))
        return fail(source, ENOMEM);
    for (;;) {
        ssize_t got = read(source->fd, source->bytes.data + source->bytes.len, READ_SIZE);
        if (got > 0) {
            source->bytes.len += (size_t)got;
            return true;
        }
        if (got == 0)
            return fail(source, 0);
        if (errno == EAGAIN)
            return true; /* the descriptor was made non-blocking by another process */
        if (errno != EINTR)
            return fail(source, errno);
    }
}

bool source_wait(const struct source *source, const struct leveret *db)
{
    struct pollfd pollers[2] = {{.fd = -1}, {.fd = -1}};
    if (source != NULL && !source->ended)
        pollers[0] = (struct pollfd){.fd = source->fd, .events = POLLIN};
    if (leveret_pending(db) > 0)
        pollers[1] = (struct pollfd){.fd = leveret_poll_fd(db), .events = leveret_poll_events(db)};
    return poll(pollers, 2, leveret_poll_timeout(db)) > 0 && pollers[0].revents != 0;
}
