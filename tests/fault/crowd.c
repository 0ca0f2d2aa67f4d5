#include "tests/fault/crowd.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/lib/deadline.h"

#define INPUT_SIZE 65536

struct member {
    int fd; /* -1: not connected */
    struct buffer in;
    struct buffer out;
};

struct crowd {
    struct crowd_ears ears;
    struct member members[CROWD_SIZE];
};

struct crowd *crowd_new(const struct crowd_ears *ears)
{
    struct crowd *crowd = calloc(1, sizeof(*crowd));
    if (crowd == NULL)
        abort();
    crowd->ears = *ears;
    for (unsigned i = 0; i < CROWD_SIZE; i++)
        crowd->members[i].fd = -1;
    return crowd;
}

static void disconnect(struct member *member)
{
    if (member->fd >= 0)
        close(member->fd);
    member->fd = -1;
    buffer_fini(&member->in);
    buffer_fini(&member->out);
}

void crowd_free(struct crowd *crowd)
{
    for (unsigned i = 0; i < CROWD_SIZE; i++)
        disconnect(&crowd->members[i]);
    free(crowd);
}

static void end(struct crowd *crowd, unsigned client)
{
    disconnect(&crowd->members[client]);
    crowd->ears.end(crowd->ears.arg, client);
}

void crowd_join(struct crowd *crowd, unsigned client, int port)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int on = 1;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        abort();
    disconnect(&crowd->members[client]);
    crowd->members[client].fd = fd;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    if (connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0)
        end(crowd, client);
}

void crowd_leave(struct crowd *crowd, unsigned client)
{
    struct member *member = &crowd->members[client];
    struct linger now = {.l_onoff = 1, .l_linger = 0};
    if (member->fd >= 0)
        setsockopt(member->fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
    disconnect(member);
}

bool crowd_has(const struct crowd *crowd, unsigned client)
{
    return crowd->members[client].fd >= 0;
}

unsigned crowd_count(const struct crowd *crowd)
{
    unsigned count = 0;
    for (unsigned i = 0; i < CROWD_SIZE; i++)
        count += crowd_has(crowd, i);
    return count;
}

void crowd_say(struct crowd *crowd, unsigned client, struct slice bytes)
{
    if (crowd_has(crowd, client))
        buffer_append_slice(&crowd->members[client].out, bytes);
}

size_t crowd_unsent(const struct crowd *crowd, unsigned client)
{
    return crowd->members[client].out.len;
}

/* Hands the whole lines on. The listener may make the client leave or join anew; then what it had
 * heard before is gone. */
static void tell_lines(struct crowd *crowd, unsigned client)
{
    struct member *member = &crowd->members[client];
    struct buffer heard = member->in;
    size_t told = 0;
    int fd = member->fd;
    member->in = (struct buffer){0};
    while (member->fd == fd && told < heard.len) {
        const char *lf = memchr(heard.data + told, '\n', heard.len - told);
        if (lf == NULL)
            break;
        struct slice line = slice_of(heard.data + told, (size_t)(lf - heard.data) - told);
        told += line.len + 1;
        line.len -= line.len > 0 && line.data[line.len - 1] == '\r';
        crowd->ears.line(crowd->ears.arg, client, line);
    }
    if (member->fd == fd)
        buffer_append(&member->in, heard.data + told, heard.len - told);
    buffer_fini(&heard);
}

static void hear(struct crowd *crowd, unsigned client)
{
    struct member *member = &crowd->members[client];
    if (!buffer_reserve(&member->in, INPUT_SIZE))
        abort();
    ssize_t got = recv(member->fd, member->in.data + member->in.len, INPUT_SIZE, MSG_DONTWAIT);
    if (got > 0) {
        member->in.len += (size_t)got;
        tell_lines(crowd, client);
    } else if (got == 0 || (errno != EAGAIN && errno != EINTR)) {
        end(crowd, client);
    }
}

/* A connection that broke is left to hear(): what had come before is read first. */
static void speak(struct member *member)
{
    ssize_t sent = send(member->fd, member->out.data, member->out.len, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent > 0)
        buffer_consume(&member->out, (size_t)sent);
    else if (errno != EAGAIN && errno != EINTR)
        buffer_fini(&member->out);
}

static void serve(struct crowd *crowd, int ms)
{
    struct pollfd entries[CROWD_SIZE];
    for (unsigned i = 0; i < CROWD_SIZE; i++) {
        struct member *member = &crowd->members[i];
        short events = member->out.len > 0 ? POLLIN | POLLOUT : POLLIN;
        entries[i] = (struct pollfd){.fd = member->fd, .events = events};
    }
    if (poll(entries, CROWD_SIZE, ms) <= 0)
        return;
    for (unsigned i = 0; i < CROWD_SIZE; i++) {
        if (entries[i].revents & POLLOUT)
            speak(&crowd->members[i]);
        if (entries[i].revents & (POLLIN | POLLHUP | POLLERR) &&
            crowd->members[i].fd == entries[i].fd)
            hear(crowd, i);
    }
}

void crowd_run(struct crowd *crowd, int ms)
{
    int64_t until = deadline_now() + ms;
    int left = ms;
    do {
        serve(crowd, left);
        left = deadline_left(until);
    } while (left > 0 && crowd_count(crowd) > 0);
}
