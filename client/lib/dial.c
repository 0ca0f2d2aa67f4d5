#include "client/lib/dial.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "client/lib/clock.h"

/* A peer that vanished without a word is noticed after 30 + 3 * 10 seconds. */
#define KEEPALIVE_IDLE 30
#define KEEPALIVE_INTERVAL 10
#define KEEPALIVE_PROBES 3

int dial_wait(int fd, short events, unsigned timeout_ms)
{
    struct pollfd poller = {.fd = fd, .events = events};
    int64_t deadline = clock_ms() + timeout_ms;
    for (;;) {
        int left = -1;
        if (timeout_ms > 0) {
            int64_t rest = deadline - clock_ms();
            left = rest < 0 ? 0 : rest > INT32_MAX ? INT32_MAX : (int)rest;
        }
        int ready = poll(&poller, 1, left);
        if (ready > 0)
            return poller.revents;
        if (ready == 0)
            return 0;
        if (errno != EINTR)
            return -1;
    }
}

/* 0, or the errno of what went wrong. */
static int finish_connect(int fd, unsigned timeout_ms)
{
    int ready = dial_wait(fd, POLLOUT, timeout_ms);
    if (ready < 0)
        return errno;
    if (ready == 0)
        return ETIMEDOUT;
    int error = 0;
    socklen_t size = sizeof(error);
    if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) < 0)
        return errno;
    return error;
}

/* A full backlog makes a Unix socket answer EAGAIN instead of letting it wait for POLLOUT. */
static int connect_retrying(int fd, const struct sockaddr *address, socklen_t size,
                            unsigned timeout_ms)
{
    int64_t deadline = clock_ms() + timeout_ms;
    for (;;) {
        if (connect(fd, address, size) == 0)
            return 0;
        if (errno == EINPROGRESS || errno == EINTR)
            return finish_connect(fd, timeout_ms);
        if (errno != EAGAIN || (timeout_ms > 0 && clock_ms() >= deadline))
            return errno == EAGAIN ? ETIMEDOUT : errno;
        poll(NULL, 0, 10);
    }
}

static int dial_one(int family, const struct sockaddr *address, socklen_t size, unsigned timeout_ms)
{
    int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return -1;
    int error = connect_retrying(fd, address, size, timeout_ms);
    if (error == 0)
        return fd;
    close(fd);
    errno = error;
    return -1;
}

static int dial_unix(const struct address *address, unsigned timeout_ms, char *problem,
                     size_t problem_size)
{
    struct sockaddr_un where = {.sun_family = AF_UNIX};
    memcpy(where.sun_path, address->path, strlen(address->path));
    int fd = dial_one(AF_UNIX, (struct sockaddr *)&where, sizeof(where), timeout_ms);
    if (fd < 0)
        snprintf(problem, problem_size, "cannot connect to unix:%s: %s", address->path,
                 strerror(errno));
    return fd;
}

/* Best effort: a connection without these options works, only less well. */
static void tune_tcp(int fd)
{
    int on = 1;
    int idle = KEEPALIVE_IDLE;
    int interval = KEEPALIVE_INTERVAL;
    int probes = KEEPALIVE_PROBES;
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    (void)setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
    (void)setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof(idle));
    (void)setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &interval, sizeof(interval));
    (void)setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &probes, sizeof(probes));
}

static int dial_tcp(const struct address *address, unsigned timeout_ms, char *problem,
                    size_t problem_size)
{
    struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    struct addrinfo *found = NULL;
    int result = getaddrinfo(address->host, address->port, &hints, &found);
    if (result != 0) {
        snprintf(problem, problem_size, "cannot look up %s port %s: %s", address->host,
                 address->port, gai_strerror(result));
        return -1;
    }
    int fd = -1;
    for (struct addrinfo *at = found; at != NULL && fd < 0; at = at->ai_next)
        fd = dial_one(at->ai_family, at->ai_addr, at->ai_addrlen, timeout_ms);
    int error = errno;
    freeaddrinfo(found);
    if (fd < 0)
        snprintf(problem, problem_size, "cannot connect to %s port %s: %s", address->host,
                 address->port, strerror(error));
    else
        tune_tcp(fd);
    return fd;
}

int dial(const struct address *address, unsigned timeout_ms, char *problem, size_t problem_size)
{
    if (address->path != NULL)
        return dial_unix(address, timeout_ms, problem, problem_size);
    return dial_tcp(address, timeout_ms, problem, problem_size);
}
