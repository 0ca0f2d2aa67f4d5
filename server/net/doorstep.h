/*
 * A doorstep: where peers stand that are not let in, until they know why.
 *
 * A peer is told in the face that it speaks, and before it said anything nobody knows which that
 * is; and a socket that is closed with something unread is reset, which can overtake our words. So
 * a peer may stand there for a moment: it is told when it says something, or else soon, and is let
 * go when it hangs up, or else soon. There are few places, and no peer can hold one for long; when
 * all are taken the next one is told at once.
 *
 * All on the thread of the event loop.
 */
#ifndef LEVERET_NET_DOORSTEP_H
#define LEVERET_NET_DOORSTEP_H

#include <event2/event.h>

#include "protocol/status.h"

/* Peers that stand there at a time: each is a descriptor. */
#define DOORSTEP_PLACES 16

/* Why a peer is not let in. */
struct refusal {
    enum status status;
    const char *text;
    const char *redis; /* what Redis says in its place, its code first; NULL when it never does */
};

struct doorstep;

/* NULL when there is no memory. */
struct doorstep *doorstep_new(struct event_base *base);

/* Lets go whoever stands there. NULL is allowed. */
void doorstep_free(struct doorstep *doorstep);

/* Tells the peer why, and closes; takes the socket, which does not block, over. `refusal` outlives
 * the doorstep. */
void doorstep_refuse(struct doorstep *doorstep, int fd, const struct refusal *refusal);

/* The same without any wait, for when its descriptor is needed. */
void doorstep_dismiss(int fd, const struct refusal *refusal);

#endif
