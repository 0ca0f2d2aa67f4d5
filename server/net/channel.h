/*
 * A channel: one peer's bytes, encrypted by TLS, behind the contract of a transport. Knows no
 * event loop, and belongs to one thread.
 */
#ifndef LEVERET_NET_CHANNEL_H
#define LEVERET_NET_CHANNEL_H

#include "net/transport.h"

struct channel;

/* The server's end on a connected, non-blocking socket, which stays the caller's. NULL when there
 * is no memory. */
struct channel *channel_new(int fd);

/* Says nothing to the peer. NULL is allowed. */
void channel_free(struct channel *channel);

/*
 * These do what the functions of a transport do, and set `opening`, `inside`, `blocked` and `held`
 * of the transport, whose channel it is.
 */
MUST_CHECK enum transport_result channel_recv(struct transport *transport, void *bytes, size_t size,
                                              size_t *count);
MUST_CHECK enum transport_result channel_send(struct transport *transport, struct slice bytes,
                                              size_t *count);
MUST_CHECK enum transport_result channel_finish(struct transport *transport);
bool channel_peer_name(const struct channel *channel, struct buffer *name);
const char *channel_problem(const struct channel *channel);

#endif
