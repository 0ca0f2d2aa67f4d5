/*
 * Addresses as people write them: HOST:PORT, [IPV6]:PORT, unix:PATH.
 */
#ifndef LEVERET_NET_ADDRESS_H
#define LEVERET_NET_ADDRESS_H

#include <sys/socket.h>

#include "protocol/bytes.h"

/* Long enough for any that address_format writes. */
#define ADDRESS_TEXT 160

/* Splits HOST:PORT; an IPv6 host stands in brackets, which are taken off, and a port is a number
 * of 16 bits. False when it is not of that form, or does not fit. */
MUST_CHECK bool address_split(const char *text, char *host, size_t host_size, char *port,
                              size_t port_size);

/* True for a peer on this machine: at a Unix socket, or at a loopback address, also one that a
 * socket for both families shows as IPv6. */
bool address_is_local(const struct sockaddr_storage *address);

/* A number for where a peer is: the whole of an IPv4 address, and the first 64 bits of an IPv6 one,
 * because whoever has one of those has all that share them. False for Unix sockets. */
MUST_CHECK bool address_network(const struct sockaddr_storage *address, uint64_t *network);

/* Writes the address as text of at most ADDRESS_TEXT bytes with its NUL. */
void address_format(const struct sockaddr_storage *address, char *text);

#endif
