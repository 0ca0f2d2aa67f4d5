/*
 * A scope: the prefix that a connection works inside, set by USE.
 *
 * Every key, prefix and bound that a request names gets the scope in front before its handler
 * runs, and every key of a reply loses it again, so handlers see whole keys and know of no scope.
 * COMMAND_KEY flags in commands.def tell which arguments are keys.
 */
#ifndef LEVERET_COMMANDS_SCOPE_H
#define LEVERET_COMMANDS_SCOPE_H

#include "protocol/bytes.h"
#include "protocol/command.h"

struct call;

/* All zeroes is a connection that sees every key. */
struct scope {
    struct buffer prefix;
};

void scope_fini(struct scope *scope);

/* Puts the scope in front of the call's keys, in the loop's memory: they live as long as its
 * arguments. False when there is no memory for that. */
MUST_CHECK bool scope_enter(struct call *call, const struct command *command);

/* The same for one argument that scope_enter does not know to be a key: the bound behind a range
 * word. Once for each argument at most. */
struct slice scope_key(struct call *call, struct slice key);

#endif
