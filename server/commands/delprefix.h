/*
 * Deleting every row there is, for commands that do not say which.
 */
#ifndef LEVERET_COMMANDS_DELPREFIX_H
#define LEVERET_COMMANDS_DELPREFIX_H

#include "commands/call.h"

/* Serves the call as DELPREFIX of the empty prefix would, outside of any scope, but answers ok
 * instead of a count. */
enum call_result delprefix_everything(struct call *call);

#endif
