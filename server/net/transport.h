/*
 * A transport: bytes to and from a peer, without blocking, over a plain socket or encrypted by TLS
 * (see channel.h). Knows no request and no event loop.
 */
#ifndef LEVERET_NET_TRANSPORT_H
#define LEVERET_NET_TRANSPORT_H

#include "protocol/bytes.h"

struct channel;

/* Only a transport with a channel ever has anything but false or 0 from `opening` on. */
struct transport {
    int fd;                  /* owned; -1 when closed */
    struct channel *channel; /* owned; NULL: plain */
    bool opening;            /* the handshake is not over: nothing can be sent */
    bool inside;             /* there is more to receive, of which no event of the socket tells */
    bool blocked;            /* to receive, wait until the socket takes bytes */
    size_t held;             /* bytes held for what has not all arrived, or not all been sent */
};

enum transport_result {
    TRANSPORT_OK,
    TRANSPORT_AGAIN, /* nothing now; wait for the socket */
    TRANSPORT_MET,   /* nothing now, but the handshake is over */
    TRANSPORT_END,   /* the peer sends no more */
    TRANSPORT_LOST,  /* the connection is broken */
};

/* Takes a connected, non-blocking socket over, also on failure. False when there is no memory. */
MUST_CHECK bool transport_open(struct transport *transport, int fd, bool secure);

/* Receives up to `size` bytes into `bytes`; *count tells how many on TRANSPORT_OK. */
MUST_CHECK enum transport_result transport_recv(struct transport *transport, void *bytes,
                                                size_t size, size_t *count);

/* Bytes that have arrived and were not received yet; rather more than fewer with a channel. */
uint32_t transport_waiting(const struct transport *transport);

/* Sends some of the bytes; *count tells how many on TRANSPORT_OK. After TRANSPORT_AGAIN the next
 * call begins with the same bytes, wherever they are by then. */
MUST_CHECK enum transport_result transport_send(struct transport *transport, struct slice bytes,
                                                size_t *count);

/* Says that nothing more will be sent, when all was; the peer may still send. On TRANSPORT_AGAIN it
 * is to be called once more when the socket takes bytes; else the result is TRANSPORT_OK. */
MUST_CHECK enum transport_result transport_finish(struct transport *transport);

/* True when the peer has shown a certificate that stands for a user; its name goes behind *name, or
 * nothing when it has none. */
MUST_CHECK bool transport_peer_name(const struct transport *transport, struct buffer *name);

/* The handshake has failed: from here on the peer's bytes only come to be passed over. Why it did,
 * for the log; NULL when the peer just went away. Not to be sent to anyone. */
const char *transport_bare(struct transport *transport);

/* When it is closed, what the system still holds for the peer is dropped, and the peer is told of
 * that by a reset. */
void transport_abandon(struct transport *transport);

void transport_close(struct transport *transport);

#endif
