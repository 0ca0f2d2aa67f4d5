/*
 * The Redis whose vocabulary, replies and error texts are served. Clients choose by it what they
 * ask for.
 */
#ifndef LEVERET_COMMANDS_REDIS_VERSION_H
#define LEVERET_COMMANDS_REDIS_VERSION_H

#define REDIS_VERSION "7.0.15"

#endif
