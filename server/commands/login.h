/*
 * A login: a call that waits until a password was verified. Both faces begin one and say themselves
 * how it ended.
 */
#ifndef LEVERET_COMMANDS_LOGIN_H
#define LEVERET_COMMANDS_LOGIN_H

#include "commands/call.h"

/* So many wrong passwords on one connection, and it is closed. */
#define LOGIN_FAILURES 5

enum login_begun {
    LOGIN_WAITS,   /* return CALL_WAIT; `resume` is next, with `more` as login_more gives it */
    LOGIN_CROWDED, /* too many log in at a time; nothing happened, likewise below */
    LOGIN_WRONG,   /* longer than any name or password */
    LOGIN_NO_MEMORY,
};

/* Begins one. `more` is freed with `free_more` when the call ends, also when it is not begun; NULL
 * is allowed. */
MUST_CHECK enum login_begun login_begin(struct call *call, struct slice name, struct slice password,
                                        call_fn *resume, void *more, void (*free_more)(void *));

/* In `resume`: STATUS_OK when the call's user is now the one that logged in. Else it is who it was
 * before, and the log knows: STATUS_WRONGPASS; or STATUS_MEMORY, which is no failure of the peer's.
 */
MUST_CHECK enum status login_settle(struct call *call);

void *login_more(const struct call *call);

/* Counts a failure of the connection; what a handler returns behind its error. */
enum call_result login_failed(struct call *call);

/* Another user has the call, or the same with other rights; `take_user` is held for it. What the
 * former began is not the next one's to end: a batch or a transaction cannot be committed any more.
 * True when that one may do something else. */
bool login_become(struct call *call, const struct user *take_user);

/* The connection is again that of the user for whom its certificate stands, or of nobody. */
void login_forget(struct call *call);

#endif
