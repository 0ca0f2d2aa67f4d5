/*
 * Addresses: the listeners that the configuration asks for, and those on sockets that were passed
 * to the daemon when it was started.
 */
#ifndef LEVERET_ADDRESSES_H
#define LEVERET_ADDRESSES_H

#include "config.h"
#include "net/listener.h"

/* What the address of a listener that speaks TLS begins with. */
#define ADDRESSES_TLS "tls:"

/* Opens all of them: those that were passed, then those of the configuration in its order, TCP
 * first, then TLS, whose owner is `secure`; the default address only when none was passed. False,
 * with a line in the log, when one fails; *list holds what was opened, also then. */
MUST_CHECK bool addresses_open(const struct config *config, struct event_base *base,
                               const struct listener_owner *owner,
                               const struct listener_owner *secure, struct listener **list);

/* Where Redis clients find the server without TLS; 0 when they do not. */
unsigned addresses_port(const struct listener *list);

/* Tells the log, and the manager of services, that the server is ready on all of them. */
void addresses_announce(const struct listener *list);

#endif
