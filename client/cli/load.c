#include "client/cli/load.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "client/cli/complain.h"
#include "client/lib/connection.h"

#define MOST_EVENTS 256
#define SECOND UINT64_C(1000000000)

/*
 * One connection. libleveret makes it, so that addresses, prefixes and failures are as everywhere;
 * then the loader alone moves its bytes, with as little work for a request as can be.
 */
struct client {
    struct leveret *db;
    int fd;
    struct work_requests requests;
    size_t to_send; /* bytes of the requests on their way, and how many of them are sent */
    size_t sent;
    bool wants_room; /* EPOLLOUT is awaited */
    size_t awaited;  /* replies */
    uint64_t since;  /* when these requests began to be sent */
    char first;      /* the first byte of the line that is being received; 0 before it */
};

struct load {
    const struct load_plan *plan;
    struct load_outcome *outcome;
    struct client *clients;
    int epoll;
    uint64_t left;     /* requests not sent yet */
    uint64_t deadline; /* after which none is sent; 0 for none */
    uint64_t awaited;  /* replies, of all connections */
    uint64_t random;
    size_t problem_len;
    struct buffer received;
};

static uint64_t now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * SECOND + (uint64_t)time.tv_nsec;
}

static double cpu_used(void)
{
    struct rusage usage;
    (void)getrusage(RUSAGE_SELF, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static bool fail(struct load *load, enum exit_status status, const char *problem)
{
    complain("%s", problem);
    load->outcome->status = exit_worse(load->outcome->status, status);
    return false;
}

/* Xorshift. */
static uint64_t next_random(struct load *load)
{
    load->random ^= load->random << 13;
    load->random ^= load->random >> 7;
    load->random ^= load->random << 17;
    return load->random;
}

static uint64_t next_key(struct load *load)
{
    const struct load_plan *plan = load->plan;
    if (plan->hot == 0)
        return next_random(load) % plan->keys;
    return next_random(load) % plan->hot * (plan->keys / plan->hot);
}

/* Sends what the socket takes, and has epoll tell when it takes more if that was not all. */
static bool client_send(struct load *load, struct client *client)
{
    while (client->sent < client->to_send || connection_unsent(client->db) > 0) {
        ssize_t sent = connection_put(client->db, client->requests.text.data + client->sent,
                                      client->to_send - client->sent);
        if (sent < 0 && errno == EAGAIN)
            break;
        if (sent < 0 && errno != EINTR)
            return fail(load, EXIT_CONNECTION, strerror(errno));
        client->sent += sent < 0 ? 0 : (size_t)sent;
    }
    bool wants_room = client->sent < client->to_send || connection_unsent(client->db) > 0;
    if (wants_room == client->wants_room)
        return true;
    client->wants_room = wants_room;
    struct epoll_event event = {.events = EPOLLIN | (wants_room ? EPOLLOUT : 0),
                                .data.ptr = client};
    if (epoll_ctl(load->epoll, EPOLL_CTL_MOD, client->fd, &event) != 0)
        return fail(load, EXIT_CONNECTION, strerror(errno));
    return true;
}

/* The next requests, if there are any to be sent. */
static bool client_ask(struct load *load, struct client *client)
{
    size_t count = client->requests.count;
    uint64_t time = now();
    if (load->deadline == 0) {
        count = load->left < count ? (size_t)load->left : count;
        load->left -= count;
    } else if (time >= load->deadline) {
        count = 0;
    }
    if (count == 0)
        return true;
    for (size_t i = 0; i < count && load->plan->work->has_key; i++)
        work_set_key(&client->requests, i, next_key(load));
    client->to_send = count * client->requests.length;
    client->sent = 0;
    client->awaited = count;
    client->since = time;
    load->awaited += count;
    return client_send(load, client);
}

/* The first error is kept, from as many pieces as it comes in. Another connection's that comes
 * between them is taken for a part of it, which people can read. */
static void keep_problem(struct load *load, const char *text, size_t len)
{
    struct load_outcome *outcome = load->outcome;
    size_t room = sizeof(outcome->problem) - 1 - load->problem_len;
    if (outcome->errors > 0)
        return;
    memcpy(outcome->problem + load->problem_len, text, len < room ? len : room);
    load->problem_len += len < room ? len : room;
}

/* An ending whose first byte is known has arrived. False when none is awaited, or it is none. */
static bool count_reply(struct load *load, struct client *client, uint64_t time)
{
    struct load_outcome *outcome = load->outcome;
    if (client->awaited == 0 || strchr("ONCE", client->first) == NULL)
        return fail(load, EXIT_CONNECTION, "the server does not speak the protocol");
    outcome->not_found += client->first == 'N';
    outcome->errors += client->first == 'C' || client->first == 'E';
    outcome->replies++;
    latency_add(&outcome->latency, time - client->since);
    client->awaited--;
    load->awaited--;
    return true;
}

/* Goes over received bytes line by line. Only the first byte of a line is looked at: a line that
 * starts with " or # goes before the one that ends the reply. */
static bool take(struct load *load, struct client *client, const char *bytes, size_t len)
{
    uint64_t time = now();
    for (const char *at = bytes, *end = bytes + len; at < end;) {
        const char *lf = memchr(at, '\n', (size_t)(end - at));
        if (client->first == '\0')
            client->first = *at;
        if (client->first == 'E' || client->first == 'C')
            keep_problem(load, at, (size_t)((lf == NULL ? end : lf) - at));
        if (lf == NULL)
            return true;
        if (client->first != '"' && client->first != '#' && !count_reply(load, client, time))
            return false;
        client->first = '\0';
        at = lf + 1;
    }
    return true;
}

static bool client_receive(struct load *load, struct client *client)
{
    buffer_clear(&load->received);
    ssize_t got = connection_take(client->db, &load->received);
    if (got < 0 && errno == EAGAIN)
        return true;
    if (got < 0)
        return fail(load, EXIT_CONNECTION, strerror(errno));
    if (load->received.len > 0 && !take(load, client, load->received.data, load->received.len))
        return false;
    if (got == 0)
        return fail(load, EXIT_CONNECTION, "the server closed a connection");
    return client->awaited > 0 || client_ask(load, client);
}

static bool serve_events(struct load *load, const struct epoll_event *events, int count)
{
    for (int i = 0; i < count; i++) {
        struct client *client = events[i].data.ptr;
        if ((events[i].events & EPOLLOUT) != 0 && !client_send(load, client))
            return false;
        if ((events[i].events & ~(uint32_t)EPOLLOUT) != 0 && !client_receive(load, client))
            return false;
    }
    return true;
}

/* Asks over every connection, and goes on until nothing is awaited. */
static void pump(struct load *load)
{
    struct epoll_event events[MOST_EVENTS];
    int patience = load->plan->target.quiet_ms == 0 ? -1 : (int)load->plan->target.quiet_ms;
    for (unsigned i = 0; i < load->plan->clients; i++)
        if (!client_ask(load, &load->clients[i]))
            return;
    while (load->awaited > 0) {
        int count = epoll_wait(load->epoll, events, MOST_EVENTS, patience);
        if (count == 0) {
            fail(load, EXIT_CONNECTION, "no reply came in time");
            return;
        }
        if (count < 0 && errno != EINTR) {
            fail(load, EXIT_CONNECTION, strerror(errno));
            return;
        }
        if (!serve_events(load, events, count))
            return;
    }
}

static bool client_open(struct load *load, struct client *client)
{
    const struct load_plan *plan = load->plan;
    client->db = target_open(&plan->target);
    if (client->db == NULL ||
        !work_init(&client->requests, plan->work, plan->pipeline, plan->value_size))
        return fail(load, EXIT_REFUSED, "no memory");
    enum leveret_status status = leveret_connect(client->db);
    if (status == LEVERET_OK && plan->prefix != NULL)
        status = leveret_use(client->db, leveret_text(plan->prefix));
    if (status != LEVERET_OK)
        return fail(load, exit_from_status(status), leveret_error_text(client->db));
    client->fd = leveret_poll_fd(client->db);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = client};
    if (epoll_ctl(load->epoll, EPOLL_CTL_ADD, client->fd, &event) != 0)
        return fail(load, EXIT_CONNECTION, strerror(errno));
    return true;
}

static bool open_all(struct load *load)
{
    load->epoll = epoll_create1(EPOLL_CLOEXEC);
    load->clients = calloc(load->plan->clients, sizeof(*load->clients));
    if (load->epoll < 0 || load->clients == NULL)
        return fail(load, EXIT_REFUSED, strerror(errno));
    for (unsigned i = 0; i < load->plan->clients; i++)
        if (!client_open(load, &load->clients[i]))
            return false;
    return true;
}

static void close_all(struct load *load)
{
    for (unsigned i = 0; load->clients != NULL && i < load->plan->clients; i++) {
        work_fini(&load->clients[i].requests);
        leveret_free(load->clients[i].db);
    }
    free(load->clients);
    buffer_fini(&load->received);
    if (load->epoll >= 0)
        close(load->epoll);
}

void load_run(const struct load_plan *plan, struct load_outcome *outcome)
{
    struct load load = {
        .plan = plan, .outcome = outcome, .left = plan->requests, .random = plan->seed};
    *outcome = (struct load_outcome){0};
    if (open_all(&load)) {
        double cpu = cpu_used();
        uint64_t start = now();
        load.deadline = plan->seconds == 0 ? 0 : start + plan->seconds * SECOND;
        pump(&load);
        outcome->seconds = (double)(now() - start) / (double)SECOND;
        outcome->cpu = cpu_used() - cpu;
    }
    close_all(&load);
    if (outcome->errors > 0)
        outcome->status = exit_worse(outcome->status, EXIT_REFUSED);
}
