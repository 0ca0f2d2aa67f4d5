/*
 * The functions and handlers of Redis's commands, one for each line of redis.def; each is in the
 * file its name begins with.
 */
#ifndef LEVERET_COMMANDS_REDIS_FUNCTIONS_H
#define LEVERET_COMMANDS_REDIS_FUNCTIONS_H

#include "commands/redis/keyspace.h"

#define REDIS_KEYS(name, function, ...) keyspace_fn function;
#define REDIS_CALL(name, handler, ...) call_fn handler;
#define REDIS_BOTH(name, function, handler, ...)                                                   \
    keyspace_fn function;                                                                          \
    call_fn handler;
#include "protocol/redis.def"
#undef REDIS_KEYS
#undef REDIS_CALL

#endif
