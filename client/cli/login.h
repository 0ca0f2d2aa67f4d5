/*
 * Login: the password of the user that the command line names, from where one is kept that is no
 * command line: a file, the environment, or the person at the terminal.
 */
#ifndef LEVERET_CLIENT_CLI_LOGIN_H
#define LEVERET_CLIENT_CLI_LOGIN_H

#include "client/cli/secret.h"

/*
 * The first of: the file at `path` unless that is NULL, LEVERET_PASSWORD, and what is typed on the
 * terminal. False when there is none, which has been complained about.
 */
MUST_CHECK bool login_find(struct secret *secret, const char *user, const char *path);

#endif
