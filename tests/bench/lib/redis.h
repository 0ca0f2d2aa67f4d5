/*
 * The Redis server that is measured beside leveretd: Debian's own, started on a free port with a
 * directory of its own. It dies with the program. Trouble ends the program.
 */
#ifndef LEVERET_TESTS_BENCH_LIB_REDIS_H
#define LEVERET_TESTS_BENCH_LIB_REDIS_H

#include <sys/types.h>

struct redis {
    pid_t pid;
    int port; /* on 127.0.0.1 */
};

enum redis_keeping {
    REDIS_IN_MEMORY, /* --appendonly no */
    REDIS_ON_DISK,   /* --appendonly yes --appendfsync always, and never a rewrite of the file */
};

/* Starts $REDIS_SERVER in `directory`, which is made, and waits until it answers. */
void redis_start(struct redis *redis, const char *directory, enum redis_keeping keeping);

void redis_stop(struct redis *redis);

#endif
