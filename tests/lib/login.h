/*
 * Logins: users for a daemon of a test, with hashes that cost next to nothing.
 */
#ifndef LEVERET_TESTS_LIB_LOGIN_H
#define LEVERET_TESTS_LIB_LOGIN_H

/* Appends to the users file at `path`, made if missing with rights for its owner only, the line
 * `name role HASH more`, HASH being that of the password. `more` may be "". */
void login_add(const char *path, const char *name, const char *role, const char *password,
               const char *more);

#endif
