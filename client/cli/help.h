/*
 * Help that needs no server.
 */
#ifndef LEVERET_CLIENT_CLI_HELP_H
#define LEVERET_CLIENT_CLI_HELP_H

#include <stdbool.h>
#include <stdio.h>

#include "client/cli/option.h"

/* A command of the client's own. */
struct help_topic {
    const char *name; /* NULL ends the table */
    const char *usage;
    const char *summary;
    const char *text;                 /* lines, the last one ended too */
    const struct option_row *options; /* that stand behind its name; NULL for none */
};

/* THE list of them. */
extern const struct help_topic help_topics[];

/* What --help prints. */
void help_usage(FILE *out);

/* Everything: the client's own commands and the server's. */
void help_commands(FILE *out);

/* One command of either kind, whatever its case. False when it is not known here. */
bool help_command(FILE *out, const char *name);

#endif
