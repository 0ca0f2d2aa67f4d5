#include "net/listener.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "ops/log.h"

/* Connections the kernel holds for us before we accept them; it may hold fewer. */
#define BACKLOG 1024

/* Connections accepted before other events have their turn. */
#define ACCEPTS_A_TURN 64

/* Without a descriptor left, accept fails again at once and for as long as somebody waits, so the
 * listener looks away for this long. */
static const struct timeval rest_interval = {.tv_usec = 100 * 1000};

/* Logged so often: it comes and goes when peers come and go. */
#define COMPLAINT_MS (60 * 1000)

/* Longest prefix of an address. */
#define PREFIX_MOST 8

struct listener {
    struct listener *next;
    int fd;
    struct event *accept_event;
    struct event *rest_event;
    const struct listener_owner *owner;
    char address[PREFIX_MOST + ADDRESS_TEXT];
    char *path;                      /* of a Unix socket, to be removed at the end */
    atomic_int_least64_t complained; /* see log_is_due */
};

/* Accepting ---------------------------------------------------------------- */

/* True when there is no descriptor: of this process, or of the whole system. */
static bool is_scarce(int problem)
{
    return problem == EMFILE || problem == ENFILE;
}

static void rest(struct listener *listener, int problem)
{
    if (log_is_due(&listener->complained, COMPLAINT_MS))
        log_error("%s: cannot accept: %s; trying again", listener->address, strerror(problem));
    if (is_scarce(problem))
        listener->owner->turn_away(listener->owner->arg, listener->fd);
    event_del(listener->accept_event);
    event_add(listener->rest_event, &rest_interval);
}

static void on_rested(evutil_socket_t fd, short what, void *arg)
{
    struct listener *listener = arg;
    (void)fd;
    (void)what;
    event_add(listener->accept_event, NULL);
}

/* True for failures of one connection, which say nothing about the next. */
static bool is_passing(int problem)
{
    return problem == EINTR || problem == ECONNABORTED || problem == EPROTO || problem == EPERM;
}

static void on_acceptable(evutil_socket_t fd, short what, void *arg)
{
    struct listener *listener = arg;
    const struct listener_owner *owner = listener->owner;
    (void)what;
    for (int i = 0; i < ACCEPTS_A_TURN; i++) {
        struct sockaddr_storage peer = {0};
        socklen_t len = sizeof(peer);
        int taken = accept4(fd, (struct sockaddr *)&peer, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (taken >= 0) {
            owner->take(owner->arg, taken, &peer);
        } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
            return;
        } else if (!is_passing(errno)) {
            rest(listener, errno);
            return;
        }
    }
}

/* Opening ------------------------------------------------------------------ */

static void close_one(struct listener *listener)
{
    if (listener->accept_event != NULL)
        event_free(listener->accept_event);
    if (listener->rest_event != NULL)
        event_free(listener->rest_event);
    if (listener->path != NULL)
        unlink(listener->path);
    close(listener->fd);
    free(listener->path);
    free(listener);
}

/* Makes a listener of a listening socket, which it takes over also on failure. */
static struct listener *new_listener(int take_fd, struct event_base *base,
                                     const struct listener_owner *owner)
{
    struct listener *listener = calloc(1, sizeof(*listener));
    if (listener == NULL) {
        close(take_fd);
        return NULL;
    }
    listener->fd = take_fd;
    listener->owner = owner;
    listener->accept_event =
        event_new(base, take_fd, EV_READ | EV_PERSIST, on_acceptable, listener);
    listener->rest_event = event_new(base, -1, 0, on_rested, listener);
    if (listener->accept_event == NULL || listener->rest_event == NULL ||
        event_add(listener->accept_event, NULL) != 0) {
        close_one(listener);
        return NULL;
    }
    struct sockaddr_storage bound = {0};
    socklen_t len = sizeof(bound);
    getsockname(take_fd, (struct sockaddr *)&bound, &len);
    const char *prefix = owner->prefix == NULL ? "" : owner->prefix;
    int skip = snprintf(listener->address, PREFIX_MOST, "%s", prefix);
    address_format(&bound, listener->address + skip);
    return listener;
}

static bool fail(struct listener_error *error, const char *address, const char *problem)
{
    snprintf(error->text, sizeof(error->text), "cannot listen on %s: %s", address, problem);
    return false;
}

/* A listening socket bound to the address, or -1 with errno set. */
static int bind_socket(const struct sockaddr *address, socklen_t len)
{
    int fd = socket(address->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    int on = 1;
    if (fd < 0)
        return -1;
    if (address->sa_family != AF_UNIX)
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (address->sa_family == AF_INET6)
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
    if (bind(fd, address, len) == 0 && listen(fd, BACKLOG) == 0)
        return fd;
    int problem = errno;
    close(fd);
    errno = problem;
    return -1;
}

/* A host may have addresses of a kind that this machine does not; those are passed over as long as
 * one can be bound. */
static bool is_missing(int problem)
{
    return problem == EAFNOSUPPORT || problem == EADDRNOTAVAIL;
}

/* Closes those of `list` that come before `end`. */
static void close_until(struct listener *list, const struct listener *end)
{
    while (list != end) {
        struct listener *next = list->next;
        close_one(list);
        list = next;
    }
}

/* Opens a listener for each address; false with errno set, and none open, when one fails. */
static bool open_addresses(struct listener **list, const struct addrinfo *found,
                           struct event_base *base, const struct listener_owner *owner)
{
    struct listener *opened = *list;
    int problem = 0;
    for (; found != NULL; found = found->ai_next) {
        int fd = bind_socket(found->ai_addr, found->ai_addrlen);
        struct listener *listener = fd < 0 ? NULL : new_listener(fd, base, owner);
        if (listener != NULL) {
            listener->next = opened;
            opened = listener;
            continue;
        }
        problem = errno;
        if (!is_missing(problem)) {
            close_until(opened, *list);
            errno = problem;
            return false;
        }
    }
    errno = problem;
    bool any = opened != *list;
    *list = opened;
    return any;
}

bool listener_open_tcp(struct listener **list, const char *address, struct event_base *base,
                       const struct listener_owner *owner, struct listener_error *error)
{
    char host[NI_MAXHOST];
    char port[NI_MAXSERV];
    if (!address_split(address, host, sizeof(host), port, sizeof(port)))
        return fail(
            error, address,
            "an address is HOST:PORT, with a port up to 65535 and IPv6 hosts as [::1]:PORT");
    struct addrinfo hints = {
        .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE};
    struct addrinfo *found = NULL;
    int problem = getaddrinfo(host, port, &hints, &found);
    if (problem != 0)
        return fail(error, address, gai_strerror(problem));
    bool opened = open_addresses(list, found, base, owner);
    if (!opened)
        fail(error, address, strerror(errno));
    freeaddrinfo(found);
    return opened;
}

/* True when a server answers on the socket. */
static bool is_answered(const struct sockaddr_un *address)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return true; /* unknown, so hands off */
    int result = connect(fd, (const struct sockaddr *)address, sizeof(*address));
    int problem = errno;
    close(fd);
    return result == 0 || problem != ECONNREFUSED;
}

/* Removes a socket that nobody answers on; anything else at the path is left for bind to refuse. */
static void remove_stale(const struct sockaddr_un *address)
{
    struct stat about;
    if (lstat(address->sun_path, &about) == 0 && S_ISSOCK(about.st_mode) && !is_answered(address))
        unlink(address->sun_path);
}

bool listener_open_unix(struct listener **list, const char *path, struct event_base *base,
                        const struct listener_owner *owner, struct listener_error *error)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof(address.sun_path))
        return fail(error, path, "the path of a Unix socket has at most 107 bytes");
    strcpy(address.sun_path, path);
    remove_stale(&address);
    int fd = bind_socket((const struct sockaddr *)&address, sizeof(address));
    if (fd < 0)
        return fail(error, path, strerror(errno));
    struct listener *listener = new_listener(fd, base, owner);
    if (listener == NULL)
        return fail(error, path, strerror(ENOMEM));
    listener->path = strdup(path);
    listener->next = *list;
    *list = listener;
    return true;
}

bool listener_adopt(struct listener **list, int take_fd, struct event_base *base,
                    const struct listener_owner *owner, struct listener_error *error)
{
    struct listener *listener = new_listener(take_fd, base, owner);
    if (listener == NULL)
        return fail(error, "a socket that was passed", strerror(ENOMEM));
    listener->next = *list;
    *list = listener;
    return true;
}

void listener_close_all(struct listener *list)
{
    close_until(list, NULL);
}

struct listener *listener_next(const struct listener *listener)
{
    return listener->next;
}

const char *listener_address(const struct listener *listener)
{
    return listener->address;
}
