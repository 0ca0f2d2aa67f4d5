/*
 * Daemon: a leveretd of a test's own, on a port of its own, over a directory of its own.
 *
 * Unless a call says otherwise, whatever goes wrong ends the test with the daemon's log. The
 * process dies with the test's process, however that ends, and the directory goes with it unless
 * the test crashed. Used from one thread.
 */
#ifndef LEVERET_TESTS_LIB_DAEMON_H
#define LEVERET_TESTS_LIB_DAEMON_H

#include <sys/types.h>

#include "protocol/bytes.h"
#include "tests/lib/wire.h"

struct daemon;

/* A place for a daemon: an empty scratch directory. Nothing runs yet. */
struct daemon *daemon_new(void);

/* Kills what still runs, and removes the directory. NULL is allowed. */
void daemon_free(struct daemon *daemon);

/* The scratch directory; the data directory in it (or the one that was set); a path in it where a
 * Unix socket may listen. Borrowed. */
const char *daemon_directory(const struct daemon *daemon);
const char *daemon_data(const struct daemon *daemon);
const char *daemon_socket(const struct daemon *daemon);

/* Serve another data directory than `data` in the scratch directory. */
void daemon_set_data(struct daemon *daemon, const char *path);

/* Adds a variable to the environment of later starts. At most 8. */
void daemon_set_environment(struct daemon *daemon, const char *name, const char *value);

/* The user (and group) id that later starts run under; only root may ask. */
void daemon_set_user(struct daemon *daemon, uid_t user);

/* The limit of open files that later starts run under. */
void daemon_set_descriptors(struct daemon *daemon, unsigned count);

/*
 * Starts `leveretd --data DATA` with more arguments, NULL at the end, and waits until it is ready.
 * Without a --listen, --tls-listen or --unix among them it listens on a free port of 127.0.0.1. May
 * be called again after the daemon ended: a restart on the same data.
 */
void daemon_start(struct daemon *daemon, ...) __attribute__((sentinel));

/* Starts in the same way without waiting: for starts that must fail. */
void daemon_spawn(struct daemon *daemon, ...) __attribute__((sentinel));

/* Runs leveretd with exactly these arguments, NULL at the end, and without waiting. */
void daemon_spawn_bare(struct daemon *daemon, ...) __attribute__((sentinel));

/* daemon_new and daemon_start with no more arguments. */
struct daemon *daemon_run(void);

/* The address in the ready line: the first on 127.0.0.1, the first on [::1]; 0 when there is
 * none. */
int daemon_port(const struct daemon *daemon);
int daemon_port6(const struct daemon *daemon);

/* How `leveret` and libleveret reach that first port, over TLS when the tests run over it. Dies
 * with the next start. */
const char *daemon_address(const struct daemon *daemon);

/* A new connection to that first port; the caller closes it. */
struct wire *daemon_connect(const struct daemon *daemon);

pid_t daemon_pid(const struct daemon *daemon);
void daemon_signal(const struct daemon *daemon, int number);

/* Waits for the end of the process: its exit status, or -N when signal N ended it. */
int daemon_wait(struct daemon *daemon);

/* SIGTERM, then an exit status of 0. */
void daemon_stop(struct daemon *daemon);

/* SIGKILL, and the end. */
void daemon_kill(struct daemon *daemon);

/* All that this start wrote to standard error so far; dies with the next call. */
const char *daemon_log(struct daemon *daemon);

/* The same for standard output. */
const char *daemon_output(struct daemon *daemon);

/* Waits until standard error contains the text. */
void daemon_await_log(struct daemon *daemon, const char *text);

/* Resident memory, in bytes: its own, and the pages of mapped files that count as its. Always 0 in
 * a build for AddressSanitizer, which takes memory by rules of its own. */
size_t daemon_rss(const struct daemon *daemon);
size_t daemon_mapped(const struct daemon *daemon);

/* The number that INFO gives under that name. */
uint64_t daemon_info(const struct daemon *daemon, const char *name);

#endif
