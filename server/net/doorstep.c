#include "net/doorstep.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ops/clock.h"
#include "protocol/reply_resp.h"
#include "protocol/request.h"

/* How long a peer that says nothing waits to be told. Long enough for the first request of a
 * program to arrive, short enough for a person not to notice. */
static const struct timeval silence = {.tv_usec = 200 * 1000};

/* How long one that was told may take to hang up. */
static const struct timeval farewell = {.tv_sec = 1};

/* What is read of a peer that was told, before it is closed all the same: reading is what keeps our
 * words from being overtaken, but nobody may keep the loop busy with it. */
#define MOST_UNHEARD ((size_t)64 * 1024)

/* What is looked at of a peer's first request. */
#define PEEKED 256

struct visitor {
    int fd; /* -1 when nobody stands there */
    struct event *event;
    const struct refusal *refusal; /* NULL once it was told */
    int64_t leaves;                /* clock_ms */
    size_t unheard;                /* bytes read of it since */
};

struct doorstep {
    struct event_base *base;
    struct visitor visitors[DOORSTEP_PLACES];
};

/* Telling ------------------------------------------------------------------ */

static void format(struct reply *reply, const struct refusal *refusal)
{
    if (reply->face == &reply_resp && refusal->redis != NULL)
        reply_fail(reply, "%s", refusal->redis);
    else
        reply_error(reply, refusal->status, "%s", refusal->text);
}

/* Says why, in the face of what the peer has said so far, and that this is all. */
static void tell(int fd, const struct refusal *refusal)
{
    char said[PEEKED];
    struct buffer text = {0};
    struct reply reply = {.face = &reply_line, .out = &text};
    ssize_t count = recv(fd, said, sizeof(said), MSG_PEEK);
    const char *end = count > 1 ? memchr(said + 1, '\n', (size_t)count - 1) : NULL;
    if (count > 0 && request_face_of(said[0]) == REQUEST_RESP)
        reply.face = &reply_resp;
    reply.crlf = end != NULL && end[-1] == '\r';
    format(&reply, refusal);
    if (!text.failed)
        (void)!send(fd, text.data, text.len, MSG_NOSIGNAL);
    shutdown(fd, SHUT_WR);
    reply_fini(&reply);
    buffer_fini(&text);
}

/* Reads once and forgets; false when no more will come. */
static bool pass_over(int fd, size_t *unheard)
{
    char bytes[4096];
    ssize_t count = recv(fd, bytes, sizeof(bytes), 0);
    if (count > 0)
        *unheard += (size_t)count;
    return count > 0 || (count < 0 && (errno == EAGAIN || errno == EINTR));
}

void doorstep_dismiss(int fd, const struct refusal *refusal)
{
    size_t unheard = 0;
    tell(fd, refusal);
    (void)pass_over(fd, &unheard);
    close(fd);
}

/* Visitors ----------------------------------------------------------------- */

static void let_go(struct visitor *visitor)
{
    event_free(visitor->event);
    close(visitor->fd);
    visitor->fd = -1;
}

/* It said something, or was silent for long enough. What it said is still there to be read after it
 * was told. */
static void on_visitor(evutil_socket_t fd, short what, void *arg)
{
    struct visitor *visitor = arg;
    if (visitor->refusal != NULL) {
        tell(fd, visitor->refusal);
        visitor->refusal = NULL;
        visitor->leaves = clock_ms() + farewell.tv_sec * 1000;
        event_add(visitor->event, &farewell);
    } else if ((what & EV_TIMEOUT) != 0 || !pass_over(fd, &visitor->unheard) ||
               visitor->unheard > MOST_UNHEARD || clock_ms() >= visitor->leaves) {
        let_go(visitor);
    }
}

static struct visitor *free_place(struct doorstep *doorstep)
{
    for (size_t i = 0; i < DOORSTEP_PLACES; i++)
        if (doorstep->visitors[i].fd < 0)
            return &doorstep->visitors[i];
    return NULL;
}

void doorstep_refuse(struct doorstep *doorstep, int fd, const struct refusal *refusal)
{
    struct visitor *visitor = free_place(doorstep);
    struct event *event = NULL;
    if (visitor != NULL)
        event = event_new(doorstep->base, fd, EV_READ | EV_PERSIST, on_visitor, visitor);
    if (event == NULL || event_add(event, &silence) != 0) {
        if (event != NULL)
            event_free(event);
        doorstep_dismiss(fd, refusal);
        return;
    }
    *visitor = (struct visitor){.fd = fd, .event = event, .refusal = refusal, .leaves = INT64_MAX};
}

/* Life --------------------------------------------------------------------- */

struct doorstep *doorstep_new(struct event_base *base)
{
    struct doorstep *doorstep = calloc(1, sizeof(*doorstep));
    if (doorstep == NULL)
        return NULL;
    doorstep->base = base;
    for (size_t i = 0; i < DOORSTEP_PLACES; i++)
        doorstep->visitors[i].fd = -1;
    return doorstep;
}

void doorstep_free(struct doorstep *doorstep)
{
    if (doorstep == NULL)
        return;
    for (size_t i = 0; i < DOORSTEP_PLACES; i++)
        if (doorstep->visitors[i].fd >= 0)
            let_go(&doorstep->visitors[i]);
    free(doorstep);
}
