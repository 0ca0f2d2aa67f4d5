/*
 * Usage: the words behind Redis's commands, as redis-cli shows them to those who type.
 */
#ifndef LEVERET_COMMANDS_REDIS_USAGE_H
#define LEVERET_COMMANDS_REDIS_USAGE_H

#include "protocol/redis.h"

/* Empty for a command that stands alone; a static string. */
const char *usage_of(const struct redis_command *command);

#endif
