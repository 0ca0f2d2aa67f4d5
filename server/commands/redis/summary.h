/*
 * A summary: one command as an entry of COMMAND INFO and of COMMAND DOCS. Formats:
 * https://redis.io/docs/latest/commands/command/
 */
#ifndef LEVERET_COMMANDS_REDIS_SUMMARY_H
#define LEVERET_COMMANDS_REDIS_SUMMARY_H

#include "commands/redis/subcommand.h"
#include "protocol/redis.h"

/* What a name such as get or client|list stands for. */
struct summary_name {
    const struct redis_command *command;
    const struct subcommand *part; /* NULL: the command itself */
};

/* False when there is no command of that name, whatever its case. */
MUST_CHECK bool summary_find(struct slice name, struct summary_name *found);

/* An array of ten parts: what it is called, takes, is like, and where its keys are. */
void summary_info(struct reply *reply, const struct redis_command *command);
void summary_info_part(struct reply *reply, const struct redis_command *command,
                       const struct subcommand *part);

/* A name, and a map: what it does, since when, and of which group it is. */
void summary_docs(struct reply *reply, const struct redis_command *command);
void summary_docs_part(struct reply *reply, const struct redis_command *command,
                       const struct subcommand *part);

/* What is done to a key, from the bits of traits.h. */
void summary_access(struct reply *reply, unsigned access);

#endif
