/*
 * A transport: bytes to and from a peer, without blocking. Plain sockets today; an encrypted one
 * fits behind the same functions. Knows no request and no event loop.
 */
#ifndef LEVERET_NET_TRANSPORT_H
#define LEVERET_NET_TRANSPORT_H

#include "protocol/bytes.h"

struct transport {
    int fd; /* owned; -1 when closed */
};

enum transport_result {
    TRANSPORT_OK,
    TRANSPORT_AGAIN, /* nothing now; wait for the socket */
    TRANSPORT_END,   /* the peer sends no more */
    TRANSPORT_LOST,  /* the connection is broken */
};

/* Receives up to `size` bytes into `bytes`; *count tells how many on TRANSPORT_OK. */
MUST_CHECK enum transport_result transport_recv(struct transport *transport, void *bytes,
                                                size_t size, size_t *count);

/* Bytes that have arrived and were not received yet. */
uint32_t transport_waiting(const struct transport *transport);

/* Sends some of the bytes; *count tells how many on TRANSPORT_OK. */
MUST_CHECK enum transport_result transport_send(struct transport *transport, struct slice bytes,
                                                size_t *count);

/* Says that nothing more will be sent; the peer may still send. */
void transport_finish(struct transport *transport);

/* When it is closed, what the system still holds for the peer is dropped, and the peer is told of
 * that by a reset. */
void transport_abandon(struct transport *transport);

void transport_close(struct transport *transport);

#endif
