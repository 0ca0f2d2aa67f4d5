/*
 * Logins: the users that the configuration asks for.
 */
#ifndef LEVERET_LOGINS_H
#define LEVERET_LOGINS_H

#include "config.h"
#include "ops/users.h"

/* A table that is not in force yet. NULL with *error. */
MUST_CHECK struct users *logins_load(const struct config *config, struct config_error *error);

/* True when everybody who can connect can do something without a login. */
bool logins_are_needless(const struct config *config);

#endif
