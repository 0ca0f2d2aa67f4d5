#include "tests/fault/mob.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/lib/deadline.h"

/* Room in the kernel for what a deaf peer does not read; it makes somewhat more of it. */
#define LITTLE_ROOM 4096

/* How long the thread waits for events before it looks whether it should end. */
#define LONGEST_WAIT 20

#define EVENTS_AT_ONCE 256

struct peer {
    int fd;       /* -1 when it was let go */
    size_t said;  /* of the opening */
    size_t again; /* of what is said over and over */
    bool opened;
};

struct mob {
    struct mob_script script;
    struct sockaddr_in address;
    struct peer *peers;
    size_t count;
    int epoll;
    pthread_t thread;
    atomic_bool stopping;
    atomic_size_t opened; /* or let go before */
    atomic_size_t gone;
    atomic_size_t came;
    int64_t next_pause; /* deadline_now */
};

/* For this process, whose peers are descriptors too. */
static void raise_descriptors(void)
{
    struct rlimit limit;
    cr_assert(getrlimit(RLIMIT_NOFILE, &limit) == 0);
    limit.rlim_cur = limit.rlim_max;
    cr_assert(setrlimit(RLIMIT_NOFILE, &limit) == 0);
}

static uint32_t wanted_events(const struct mob *mob, const struct peer *peer)
{
    const struct mob_script *script = &mob->script;
    uint32_t events = EPOLLRDHUP;
    bool says = peer->said < script->opening.len ||
                (script->again.len > 0 && (script->pause_ms == 0 || peer->again > 0));
    if (says || script->storms || !peer->opened)
        events |= EPOLLOUT;
    if (script->reading == MOB_READS)
        events |= EPOLLIN;
    return events;
}

static void watch(struct mob *mob, struct peer *peer, int how)
{
    struct epoll_event event = {.events = wanted_events(mob, peer), .data.ptr = peer};
    epoll_ctl(mob->epoll, how, peer->fd, &event);
}

static void come(struct mob *mob, struct peer *peer)
{
    int little = LITTLE_ROOM;
    *peer = (struct peer){.fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
    if (peer->fd < 0)
        abort();
    if (mob->script.reading != MOB_READS)
        setsockopt(peer->fd, SOL_SOCKET, SO_RCVBUF, &little, sizeof(little));
    const struct sockaddr *address = (const struct sockaddr *)&mob->address;
    if (connect(peer->fd, address, sizeof(mob->address)) != 0 && errno != EINPROGRESS)
        abort();
    atomic_fetch_add(&mob->came, 1);
    watch(mob, peer, EPOLL_CTL_ADD);
}

static void count_opened(struct mob *mob, struct peer *peer)
{
    if (!peer->opened)
        atomic_fetch_add(&mob->opened, 1);
    peer->opened = true;
}

static void go(struct mob *mob, struct peer *peer)
{
    count_opened(mob, peer);
    close(peer->fd);
    peer->fd = -1;
    atomic_fetch_add(&mob->gone, 1);
}

/* Says more of the bytes; true when all were said. */
static bool say(const struct peer *peer, struct slice bytes, size_t *said)
{
    ssize_t sent = send(peer->fd, bytes.data + *said, bytes.len - *said, MSG_NOSIGNAL);
    if (sent > 0)
        *said += (size_t)sent;
    return *said == bytes.len;
}

static void say_more(struct mob *mob, struct peer *peer)
{
    const struct mob_script *script = &mob->script;
    if (peer->said < script->opening.len && !say(peer, script->opening, &peer->said))
        return;
    if (!peer->opened && script->half_closes)
        shutdown(peer->fd, SHUT_WR);
    count_opened(mob, peer);
    if (script->again.len > 0 && say(peer, script->again, &peer->again))
        peer->again = 0;
}

/* False at the end of the stream. */
static bool take(const struct peer *peer, size_t most)
{
    static char bytes[64 * 1024];
    ssize_t got = recv(peer->fd, bytes, most < sizeof(bytes) ? most : sizeof(bytes), 0);
    return got > 0 || (got < 0 && errno == EAGAIN);
}

static void serve(struct mob *mob, struct peer *peer, uint32_t events)
{
    if (mob->script.storms && (events & (EPOLLOUT | EPOLLERR | EPOLLHUP)) != 0) {
        close(peer->fd);
        come(mob, peer);
        return;
    }
    if ((events & EPOLLOUT) != 0)
        say_more(mob, peer);
    bool ended = (events & (EPOLLERR | EPOLLHUP)) != 0;
    if ((events & EPOLLIN) != 0)
        ended |= !take(peer, SIZE_MAX);
    else
        ended |= (events & EPOLLRDHUP) != 0;
    if (ended)
        go(mob, peer);
    else
        watch(mob, peer, EPOLL_CTL_MOD);
}

/* What peers do now and then. */
static void pause_is_over(struct mob *mob)
{
    for (size_t i = 0; i < mob->count; i++) {
        struct peer *peer = &mob->peers[i];
        if (peer->fd < 0 || !peer->opened)
            continue;
        if (mob->script.reading == MOB_SIPS)
            (void)take(peer, 1);
        if (mob->script.again.len > 0)
            say_more(mob, peer);
        watch(mob, peer, EPOLL_CTL_MOD);
    }
    mob->next_pause = deadline_now() + mob->script.pause_ms;
}

static void *drive(void *arg)
{
    struct mob *mob = arg;
    struct epoll_event events[EVENTS_AT_ONCE];
    for (size_t i = 0; i < mob->count; i++)
        come(mob, &mob->peers[i]);
    while (!atomic_load(&mob->stopping)) {
        int wait = LONGEST_WAIT;
        if (mob->script.pause_ms > 0 && deadline_left(mob->next_pause) < wait)
            wait = deadline_left(mob->next_pause);
        int count = epoll_wait(mob->epoll, events, EVENTS_AT_ONCE, wait);
        for (int i = 0; i < count; i++)
            serve(mob, events[i].data.ptr, events[i].events);
        if (mob->script.pause_ms > 0 && deadline_now() >= mob->next_pause)
            pause_is_over(mob);
    }
    return NULL;
}

struct mob *mob_start(int port, size_t count, const struct mob_script *script)
{
    struct mob *mob = calloc(1, sizeof(*mob));
    raise_descriptors();
    cr_assert(mob != NULL);
    mob->script = *script;
    mob->address.sin_family = AF_INET;
    mob->address.sin_port = htons((uint16_t)port);
    mob->address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    mob->peers = calloc(count, sizeof(struct peer));
    mob->count = count;
    mob->epoll = epoll_create1(EPOLL_CLOEXEC);
    mob->next_pause = deadline_now() + script->pause_ms;
    cr_assert(mob->peers != NULL && mob->epoll >= 0);
    cr_assert(pthread_create(&mob->thread, NULL, drive, mob) == 0);
    int64_t deadline = deadline_in(DEADLINE_SECONDS);
    while (!script->storms && atomic_load(&mob->opened) < count) {
        cr_assert(deadline_left(deadline) > 0, "%zu of %zu came in", atomic_load(&mob->opened),
                  count);
        poll(NULL, 0, 1);
    }
    return mob;
}

size_t mob_gone(const struct mob *mob)
{
    return atomic_load(&mob->gone);
}

size_t mob_came(const struct mob *mob)
{
    return atomic_load(&mob->came);
}

void mob_await_gone(const struct mob *mob, size_t count)
{
    int64_t deadline = deadline_in(DEADLINE_SECONDS);
    while (mob_gone(mob) < count) {
        cr_assert(deadline_left(deadline) > 0, "%zu were let go, not %zu", mob_gone(mob), count);
        poll(NULL, 0, 1);
    }
}

void mob_stop(struct mob *mob)
{
    if (mob == NULL)
        return;
    atomic_store(&mob->stopping, true);
    pthread_join(mob->thread, NULL);
    for (size_t i = 0; i < mob->count; i++)
        if (mob->peers[i].fd >= 0)
            close(mob->peers[i].fd);
    close(mob->epoll);
    free(mob->peers);
    free(mob);
}
