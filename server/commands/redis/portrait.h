/*
 * A portrait: a connection as a line of CLIENT LIST.
 */
#ifndef LEVERET_COMMANDS_REDIS_PORTRAIT_H
#define LEVERET_COMMANDS_REDIS_PORTRAIT_H

#include "commands/census.h"

/* Appends the line, with its LF. Fields that Leveret has no equal of are 0. */
void portrait_append(struct buffer *text, const struct peer *peer);

/* Writes an address of a peer as Redis writes it: HOST:PORT, or PATH:0 for a Unix socket. */
#define PORTRAIT_ADDRESS (PEER_ADDRESS + 2)
void portrait_address(const char *address, char text[PORTRAIT_ADDRESS]);

/* The address of the other side; on a Unix socket that has none, of ours. */
const char *portrait_remote(const struct peer *peer);

#endif
