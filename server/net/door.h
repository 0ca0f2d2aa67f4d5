/*
 * The door: what becomes of a peer that connects. It is handed to a worker, or told why not.
 *
 *     listener --> door --> admission --yes--> a worker, each in its turn
 *                    |          +-----no-----> doorstep
 *                    +-- no descriptor left: told and closed at once
 *
 * All on the thread of the listeners' event loop.
 */
#ifndef LEVERET_NET_DOOR_H
#define LEVERET_NET_DOOR_H

#include <event2/event.h>

#include "net/admission.h"
#include "net/crew.h"

struct door;

/* NULL when the system refuses. */
struct door *door_new(const struct admission_options *options, struct event_base *base);

/* After the workers, who let connections leave through it. NULL is allowed. */
void door_free(struct door *door);

/* Lets in by these options from now on; their number of connections was reserved at the admission.
 */
void door_change(struct door *door, const struct admission_options *options);

/* Who counts the connections; the door's own. */
struct admission *door_admission(struct door *door);

/* Those who serve, borrowed; before the first connection comes. */
void door_staff(struct door *door, const struct crew *crew);

/* For listener_open_tcp and listener_open_unix, with the door as their argument. */
void door_take(void *door, int fd, const struct sockaddr_storage *peer);
void door_turn_away(void *door, int listening);

/* The same where TLS is spoken. Who is refused there is closed without a word: to say why would
 * take a handshake. */
void door_take_secure(void *door, int fd, const struct sockaddr_storage *peer);
void door_turn_away_secure(void *door, int listening);

#endif
