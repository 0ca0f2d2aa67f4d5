/*
 * Logging in: passwords are verified by two threads of their own, because that takes tens of
 * milliseconds and megabytes.
 *
 *     auth_begin --> waiting --> verified --right--> done
 *                                    +-----wrong--> held back --> done
 *
 * A wrong password is answered half a second later than a right one, twice as late for each that
 * the peer got wrong before, four seconds at most; nobody's thread waits for that. As many log-ins
 * as AUTH_MOST wait to be verified; those that are held back take nobody's place, and are no more
 * than connections.
 */
#ifndef LEVERET_OPS_AUTH_H
#define LEVERET_OPS_AUTH_H

#include "ops/user.h"
#include "protocol/limits.h"

#define AUTH_MOST 256

/* One that wants to log in; embedded in what it is for. Not to be freed before `done`. */
struct auth_request {
    struct auth_request *next;
    void (*done)(struct auth_request *request); /* on a thread of auth's; `user` is the answer */
    const struct user *user;                    /* held for whom it may concern; NULL: wrong */
    bool no_memory;                             /* NULL because there was none to verify it */
    unsigned failures;                          /* of the same peer before */
    int64_t due;                                /* clock_ms: when it is held back until */
    char name[LIMIT_USER];
    size_t name_len;
    char password[LIMIT_PASSWORD];
    size_t password_len;
};

/* Starts the threads. False when the system refuses. */
MUST_CHECK bool auth_start(void);

/* Ends the threads; what waits is answered as wrong. Nobody may call auth_begin any more. Safe
 * when they were not started. */
void auth_stop(void);

/* Copies name and password, and wipes the latter where it stood, which has to be memory that can be
 * written. False, with nothing else to undo, when they are longer than any user's. */
MUST_CHECK bool auth_take(struct auth_request *request, struct slice name,
                          struct slice take_password);

/* Has it verified. False when there are too many already. Any thread. */
MUST_CHECK bool auth_begin(struct auth_request *request);

/* Forgets the password, so that it is not found in memory later. */
void auth_wipe(struct auth_request *request);

#endif
