/*
 * The prompt: a person types requests, one at a time, and reads the replies.
 */
#ifndef LEVERET_CLIENT_CLI_REPL_H
#define LEVERET_CLIENT_CLI_REPL_H

#include "client/cli/print.h"

/* Runs until the person leaves. CONNECTION when there is no server at the start. */
enum exit_status repl_run(struct leveret *db, const struct print *print);

#endif
