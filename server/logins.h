/*
 * Logins: the part of the server that knows who may log in, as parts.h has it.
 */
#ifndef LEVERET_LOGINS_H
#define LEVERET_LOGINS_H

#include "config.h"

MUST_CHECK bool logins_prepare(const struct config *config, struct config_error *error);
void logins_commit(void);
void logins_cancel(void);

#endif
