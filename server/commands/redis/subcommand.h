/*
 * Subcommands: what stands behind CLIENT, COMMAND and CONFIG. Each of the three is a table of
 * them, by which it is dispatched, helped with and described.
 */
#ifndef LEVERET_COMMANDS_REDIS_SUBCOMMAND_H
#define LEVERET_COMMANDS_REDIS_SUBCOMMAND_H

#include "commands/call.h"

struct subcommand {
    const char *name; /* in capitals */
    call_fn *serve;
    int arity;           /* words, both names counted; negative: at least so many */
    const char *usage;   /* its arguments */
    const char *summary; /* in one line */
    const char *since;   /* of Redis's versions */
    bool admin;          /* it is about more than the own connection */
};

struct container {
    const char *name; /* in capitals */
    const struct subcommand *parts;
    size_t count;
};

extern const struct container clients_container;
extern const struct container catalogue_container;
extern const struct container settings_container;
extern const struct container slowlog_container;

/* Serves the call by the subcommand that its second word names, or says why not. */
enum call_result subcommand_serve(struct call *call, const struct container *container);

/* HELP of the container. */
enum call_result subcommand_help(struct call *call, const struct container *container);

/* The part of that name, whatever its case; NULL when there is none. */
const struct subcommand *subcommand_find(const struct container *container, struct slice name);

/* Says in Redis's words that the user may not do this, or has to log in first. `part` may be NULL.
 */
void subcommand_deny(struct call *call, const char *name, const char *part);

/* Says a name as COMMAND does, in small letters: "get", or "client|list". `part` may be NULL. */
void subcommand_say_name(struct reply *reply, const char *name, const char *part);

#endif
