/*
 * What a connection of a Redis client keeps from one request to the next, besides the version of
 * the protocol, which is the reply's.
 */
#ifndef LEVERET_COMMANDS_REDIS_CLIENT_H
#define LEVERET_COMMANDS_REDIS_CLIENT_H

#include "commands/redis/transaction.h"

/* All zeroes is a new connection. */
struct client {
    struct transaction transaction;
};

void client_fini(struct client *client);

#endif
