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
    int port;     /* on 127.0.0.1 */
    int tls_port; /* the same with --tls-listen 127.0.0.1:0; otherwise 0 */
};

/* Starts $LEVERETD over `directory/data`, logging to `directory/leveretd.log`, and waits until it
 * is ready. */
void server_start(struct server *server, const char *directory);

/* The same with other options, NULL behind the last; server_start gives `--sync always`. */
void server_start_with(struct server *server, const char *directory, const char *const *options);

/* What --sync takes for a disk that is asked once a second: "1", or "never" for a daemon that
 * cannot do that; $LEVERETD may name an older one. */
const char *server_lazy_sync(void);

/* SIGTERM, and the end of the process. */
void server_stop(struct server *server);

/* A line of /proc/PID/status that is given in kB (VmRSS, RssAnon, RssFile), in bytes. */
double server_memory(const struct server *server, const char *name);

#endif
