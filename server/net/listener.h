/*
 * A listener: a bound socket that accepts connections and hands each to whoever takes them. It
 * knows nobody's rights. All on the thread of its event loop.
 */
#ifndef LEVERET_NET_LISTENER_H
#define LEVERET_NET_LISTENER_H

#include <event2/event.h>

#include "net/address.h"

struct listener;

/* Whom a listener tells; outlives it. */
struct listener_owner {
    const char *prefix; /* what its address begins with when it is told; NULL: nothing */
    /* Takes a connected, non-blocking socket over. */
    void (*take)(void *arg, int fd, const struct sockaddr_storage *peer);
    /* There is no descriptor for those who wait at the listening socket. The listener rests for a
     * moment after this. */
    void (*turn_away)(void *arg, int listening);
    void *arg;
};

/* What went wrong, as a sentence. */
struct listener_error {
    char text[256];
};

/*
 * Opens listeners on HOST:PORT, one for each address the host has, or on the Unix socket at a
 * path, and puts them before *list. A Unix socket that a dead server left behind is replaced; one
 * that somebody answers on is not. False with *error set, and *list as it was, when that fails.
 */
MUST_CHECK bool listener_open_tcp(struct listener **list, const char *address,
                                  struct event_base *base, const struct listener_owner *owner,
                                  struct listener_error *error);
MUST_CHECK bool listener_open_unix(struct listener **list, const char *path,
                                   struct event_base *base, const struct listener_owner *owner,
                                   struct listener_error *error);

/* Puts a listener on a socket that listens already and does not block before *list. Takes the
 * socket over, also when it fails; what it is bound to stays when it is closed. */
MUST_CHECK bool listener_adopt(struct listener **list, int take_fd, struct event_base *base,
                               const struct listener_owner *owner, struct listener_error *error);

/* Closes all of the list; removes the files of Unix sockets. */
void listener_close_all(struct listener *list);

/* The next of the list, and the address that one is bound to. */
struct listener *listener_next(const struct listener *listener);
const char *listener_address(const struct listener *listener);

#endif
