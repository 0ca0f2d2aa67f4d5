#include "tests/lib/wire.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "tests/lib/channel.h"
#include "tests/lib/deadline.h"
#include "tests/lib/report.h"

struct wire {
    struct channel channel;
    bool ended;         /* the peer closed or reset */
    bool broken;        /* it was a reset */
    struct buffer in;   /* what arrived and was not taken yet, from `taken` on */
    size_t taken;       /* bytes at the start of `in` that were handed out */
    struct buffer last; /* the start of what was sent last, for messages */
};

static struct wire *wire_new(int fd, bool secure)
{
    struct wire *wire = calloc(1, sizeof(*wire));
    cr_assert(wire != NULL);
    channel_open(&wire->channel, fd, secure);
    return wire;
}

struct wire *wire_open_tcp(const char *host, int port)
{
    char service[16];
    int real = strcmp(host, "127.0.0.1") == 0 ? channel_port(port) : port;
    snprintf(service, sizeof(service), "%d", real);
    struct addrinfo hints = {.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV,
                             .ai_socktype = SOCK_STREAM};
    struct addrinfo *address = NULL;
    cr_assert(getaddrinfo(host, service, &hints, &address) == 0, "no address %s", host);
    int fd = socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    cr_assert(fd >= 0 && connect(fd, address->ai_addr, address->ai_addrlen) == 0,
              "cannot connect to %s port %d: %s", host, port, strerror(errno));
    freeaddrinfo(address);
    int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    return wire_new(fd, real != port);
}

struct wire *wire_open_unix(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    cr_assert(strlen(path) < sizeof(address.sun_path), "the path %s is too long", path);
    memcpy(address.sun_path, path, strlen(path));
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    cr_assert(fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0,
              "cannot connect to %s: %s", path, strerror(errno));
    return wire_new(fd, false);
}

void wire_close(struct wire *wire)
{
    if (wire == NULL)
        return;
    channel_close(&wire->channel);
    buffer_fini(&wire->in);
    buffer_fini(&wire->last);
    free(wire);
}

void wire_reset(struct wire *wire)
{
    struct linger now = {.l_onoff = 1, .l_linger = 0};
    setsockopt(wire->channel.fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
    wire_close(wire);
}

/* What is waiting to be handed out. */
static struct slice waiting(const struct wire *wire)
{
    return slice_of(wire->in.data + wire->taken, wire->in.len - wire->taken);
}

static void take(struct wire *wire, size_t count)
{
    wire->taken += count;
}

/* Moves what waits to the start, once the part handed out is the larger one. */
static void compact(struct wire *wire)
{
    if (wire->taken * 2 < wire->in.len)
        return;
    buffer_consume(&wire->in, wire->taken);
    wire->taken = 0;
}

/* Reads what can be read now. */
static void absorb(struct wire *wire)
{
    compact(wire);
    cr_assert(buffer_reserve(&wire->in, 65536));
    ssize_t got = channel_recv(&wire->channel, wire->in.data + wire->in.len, 65536);
    if (got > 0)
        wire->in.len += (size_t)got;
    wire->ended |= got == 0 || got == CHANNEL_BROKEN;
    wire->broken |= got == CHANNEL_BROKEN;
}

/* Waits for `events`, no longer than `ms`. What happened; 0 when nothing did. */
static int await(const struct wire *wire, short events, int ms)
{
    struct pollfd entry = {.fd = wire->channel.fd, .events = events};
    if ((events & POLLIN) != 0 && channel_has_more(&wire->channel))
        return POLLIN;
    return poll(&entry, 1, ms) > 0 ? entry.revents : 0;
}

/* Reads more, or returns false at the end of the stream. Too long a silence ends the test. */
static bool more(struct wire *wire)
{
    int64_t deadline = deadline_in(DEADLINE_SECONDS);
    size_t before = waiting(wire).len;
    while (!wire->ended && waiting(wire).len == before) {
        int left = deadline_left(deadline);
        cr_assert(left > 0, "no reply came to %s; waiting are %s",
                  report_show(buffer_slice(&wire->last)), report_show(waiting(wire)));
        if (await(wire, POLLIN, left) != 0)
            absorb(wire);
    }
    return waiting(wire).len > before;
}

static void remember(struct wire *wire, struct slice bytes)
{
    buffer_clear(&wire->last);
    buffer_append(&wire->last, bytes.data, bytes.len < 200 ? bytes.len : 200);
}

/* Sends what the socket takes now; how much. Sets `ended` when the connection broke. */
static size_t send_some(struct wire *wire, struct slice bytes)
{
    ssize_t sent = channel_send(&wire->channel, bytes);
    wire->ended |= sent == CHANNEL_BROKEN;
    wire->broken |= sent == CHANNEL_BROKEN;
    return sent < 0 ? 0 : (size_t)sent;
}

void wire_send(struct wire *wire, struct slice bytes)
{
    int64_t deadline = deadline_in(DEADLINE_SECONDS);
    remember(wire, bytes);
    for (size_t sent = 0; sent < bytes.len;) {
        int events = await(wire, wire->ended ? POLLOUT : POLLIN | POLLOUT, deadline_left(deadline));
        cr_assert(events != 0, "the peer takes no more than %zu of %zu bytes", sent, bytes.len);
        if (events & POLLIN)
            absorb(wire);
        if (events & POLLOUT)
            sent += send_some(wire, slice_of(bytes.data + sent, bytes.len - sent));
        cr_assert(!wire->broken, "the connection broke after %zu of %zu bytes; waiting are %s",
                  sent, bytes.len, report_show(waiting(wire)));
    }
}

void wire_say(struct wire *wire, const char *text)
{
    wire_send(wire, slice_from_string(text));
}

size_t wire_push(struct wire *wire, struct slice bytes, int patience_ms)
{
    size_t sent = 0;
    remember(wire, bytes);
    while (sent < bytes.len && !wire->broken) {
        if (await(wire, POLLOUT, patience_ms) == 0)
            break;
        sent += send_some(wire, slice_of(bytes.data + sent, bytes.len - sent));
    }
    return sent;
}

void wire_finish(struct wire *wire)
{
    cr_assert(channel_finish(&wire->channel) || errno == ENOTCONN, "cannot half-close: %s",
              strerror(errno));
}

void wire_expect_bytes(struct wire *wire, struct slice bytes)
{
    while (waiting(wire).len < bytes.len && slice_has_prefix(bytes, waiting(wire)) && more(wire))
        ;
    struct slice got = waiting(wire);
    if (got.len > bytes.len)
        got.len = bytes.len;
    if (!slice_equal(got, bytes))
        report_equal(report_show(buffer_slice(&wire->last)), waiting(wire), bytes);
    take(wire, bytes.len);
}

void wire_expect(struct wire *wire, const char *text)
{
    wire_expect_bytes(wire, slice_from_string(text));
}

void wire_expect_close(struct wire *wire)
{
    while (waiting(wire).len == 0 && more(wire))
        ;
    cr_assert(waiting(wire).len == 0, "after %s, expected the connection to close and got %s",
              report_show(buffer_slice(&wire->last)), report_show(waiting(wire)));
    cr_assert(!wire->broken, "after %s, expected an orderly close and got a reset",
              report_show(buffer_slice(&wire->last)));
}

void wire_expect_gone(struct wire *wire)
{
    do
        take(wire, waiting(wire).len);
    while (more(wire));
}

void wire_ask(struct wire *wire, const char *request, const char *reply)
{
    wire_say(wire, request);
    wire_expect(wire, reply);
}

struct slice wire_line(struct wire *wire)
{
    size_t searched = 0;
    for (;;) {
        struct slice got = waiting(wire);
        const char *lf = NULL;
        if (got.len > searched)
            lf = memchr(got.data + searched, '\n', got.len - searched);
        if (lf != NULL) {
            struct slice line = slice_of(got.data, (size_t)(lf - got.data) + 1);
            take(wire, line.len);
            return line;
        }
        searched = got.len;
        cr_assert(more(wire), "after %s, the connection ended inside a line: %s",
                  report_show(buffer_slice(&wire->last)), report_show(waiting(wire)));
    }
}

struct slice wire_take(struct wire *wire, size_t count)
{
    while (waiting(wire).len < count)
        cr_assert(more(wire), "after %s, the connection ended before %zu bytes came: %s",
                  report_show(buffer_slice(&wire->last)), count, report_show(waiting(wire)));
    struct slice bytes = slice_of(waiting(wire).data, count);
    take(wire, count);
    return bytes;
}

bool wire_has_line(struct wire *wire)
{
    while (waiting(wire).len == 0 || memchr(waiting(wire).data, '\n', waiting(wire).len) == NULL)
        if (!more(wire))
            return false;
    return true;
}

static bool is_ending(struct slice line)
{
    return line.data[0] != '"' && line.data[0] != '#';
}

/* The length of the reply that `got` starts with, searching on at *at; 0 when it is not whole. */
static size_t reply_length(struct slice got, size_t *at)
{
    while (*at < got.len) {
        const char *lf = memchr(got.data + *at, '\n', got.len - *at);
        if (lf == NULL)
            return 0;
        struct slice line = slice_of(got.data + *at, (size_t)(lf - got.data) + 1 - *at);
        *at += line.len;
        if (is_ending(line))
            return *at;
    }
    return 0;
}

struct slice wire_reply(struct wire *wire)
{
    size_t at = 0;
    size_t len = 0;
    while ((len = reply_length(waiting(wire), &at)) == 0)
        cr_assert(more(wire), "after %s, the connection ended inside a reply: %s",
                  report_show(buffer_slice(&wire->last)), report_show(waiting(wire)));
    struct slice reply = slice_of(waiting(wire).data, len);
    take(wire, len);
    return reply;
}

uint64_t wire_skip_reply(struct wire *wire, struct slice *ending)
{
    uint64_t rows = 0;
    for (;;) {
        struct slice line = wire_line(wire);
        if (is_ending(line)) {
            line.len -= line.len > 1 && line.data[line.len - 2] == '\r' ? 2 : 1;
            *ending = line;
            return rows;
        }
        rows += line.data[0] == '"';
    }
}

struct slice wire_measured(struct wire *wire, size_t (*measure)(struct slice waiting))
{
    size_t len = 0;
    while (waiting(wire).len == 0 || (len = measure(waiting(wire))) == 0)
        if (!more(wire))
            break;
    struct slice bytes = slice_of(waiting(wire).data, len);
    take(wire, len);
    return bytes;
}

struct slice wire_rest(struct wire *wire)
{
    while (more(wire))
        ;
    struct slice rest = waiting(wire);
    take(wire, rest.len);
    return rest;
}

bool wire_ready(struct wire *wire)
{
    if (waiting(wire).len == 0 && !wire->ended && await(wire, POLLIN, 0) != 0)
        absorb(wire);
    return waiting(wire).len > 0 || wire->ended;
}
