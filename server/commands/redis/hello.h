/*
 * What client libraries say first, in HELLO and in CLIENT SETNAME.
 */
#ifndef LEVERET_COMMANDS_REDIS_HELLO_H
#define LEVERET_COMMANDS_REDIS_HELLO_H

#include "commands/call.h"

/* True when the connection may have that name; else says Redis's error. */
MUST_CHECK bool hello_accepts_name(struct call *call, struct slice name);

#endif
