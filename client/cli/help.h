/*
 * Help that needs no server.
 */
#ifndef LEVERET_CLIENT_CLI_HELP_H
#define LEVERET_CLIENT_CLI_HELP_H

#include <stdbool.h>
#include <stdio.h>

/* What --help prints. */
void help_usage(FILE *out);

/* Everything: the client's own commands and the server's. */
void help_commands(FILE *out);

/* One command of either kind, whatever its case. False when it is not known here. */
bool help_command(FILE *out, const char *name);

#endif
