/*
 * The leveretd that is measured: started on a free port, stopped, and looked at from outside. It
 * dies with the program. Trouble ends the program.
 */
#ifndef LEVERET_TESTS_BENCH_LIB_SERVER_H
#define LEVERET_TESTS_BENCH_LIB_SERVER_H

#include <stddef.h>
#include <sys/types.h>

struct server {
    pid_t pid;
    int port; /* on 127.0.0.1 */
};

/* Starts $LEVERETD over `directory/data`, logging to `directory/leveretd.log`, and waits until it
 * is ready. */
void server_start(struct server *server, const char *directory);

/* SIGTERM, and the end of the process. */
void server_stop(struct server *server);

/* A line of /proc/PID/status that is given in kB (VmRSS, RssAnon, RssFile), in bytes. */
double server_memory(const struct server *server, const char *name);

#endif
