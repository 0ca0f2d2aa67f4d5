/*
 * Being a background service: leaving the terminal, and a file with the process id.
 */
#ifndef LEVERET_OPS_DAEMON_H
#define LEVERET_OPS_DAEMON_H

#include "protocol/bytes.h"

/*
 * Forks; the caller goes on as the child, in a session of its own. The parent waits for the
 * child's word and then exits inside this call: 0 when the child is ready, else 1. False with
 * errno set, still in the parent, when forking fails. Call before any thread or lock exists.
 */
MUST_CHECK bool daemon_begin(void);

/* The child is ready: lets the parent go, and lets go of the terminal. */
void daemon_ready(void);

/*
 * Writes the process id into the file and keeps it locked, so that a second daemon does not take
 * the same file; a file left by a dead one is taken over. False with errno set: EWOULDBLOCK when
 * a living process holds it, EEXIST when it is some other file.
 */
MUST_CHECK bool daemon_write_pidfile(const char *path);

/* Removes that file, if one was written; empties it where this user may not remove it. */
void daemon_remove_pidfile(void);

#endif
