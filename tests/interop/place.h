/*
 * Place: where the command lines of these tests find the daemon.
 */
#ifndef LEVERET_TESTS_INTEROP_PLACE_H
#define LEVERET_TESTS_INTEROP_PLACE_H

#include "tests/lib/daemon.h"

/* A running daemon on TCP and on a Unix socket. Command lines run later by this test find its port
 * in $PORT, its socket in $SOCKET and its scratch directory in $DIR. Free it with daemon_free. */
struct daemon *place_run(void);

/* The same for a daemon that already runs on TCP: $PORT and $DIR only. */
void place_name(const struct daemon *daemon);

/* A second daemon, on TCP: its port is $OTHER. Free it with daemon_free. */
struct daemon *place_run_other(void);

#endif
