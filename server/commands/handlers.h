/*
 * The handlers, one for each command of commands.def; each is in the file its name begins with.
 */
#ifndef LEVERET_COMMANDS_HANDLERS_H
#define LEVERET_COMMANDS_HANDLERS_H

#include "commands/call.h"

#define COMMAND(name, handler, ...) call_fn handler;
#define ALIAS(name, command)
#include "protocol/commands.def"
#undef COMMAND
#undef ALIAS

#endif
