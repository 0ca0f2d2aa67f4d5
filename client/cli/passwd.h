/*
 * `leveret passwd`: a line for the server's users file. Needs no server.
 */
#ifndef LEVERET_CLIENT_CLI_PASSWD_H
#define LEVERET_CLIENT_CLI_PASSWD_H

#include "client/cli/options.h"

/* Its usage behind the word passwd, what it does, and the options that it takes. */
extern const char passwd_usage[];
extern const char passwd_help[];
extern const struct option_row passwd_rows[];

/* Makes the line that the words of the command line ask for, with the hash of a password that is
 * asked for on a terminal, else read from standard input, and prints it. */
enum exit_status passwd_run(const struct options *options, struct output *out);

/* Appends words as the tokens of a line, spaces between, bare where that reads the same. */
void passwd_append(struct buffer *out, char *const *words, size_t count);

#endif
