/*
 * Secrets: a password as a person types it or a file holds it. It is never part of a command line,
 * which every process can read, and is wiped when it is no longer needed.
 */
#ifndef LEVERET_CLIENT_CLI_SECRET_H
#define LEVERET_CLIENT_CLI_SECRET_H

#include <stdbool.h>

#include "protocol/bytes.h"
#include "protocol/limits.h"

struct secret {
    char text[LIMIT_PASSWORD + 2]; /* with a NUL; one more byte tells one that is too long */
};

/* All of these complain when they answer false; *secret is wiped then. */

/* Asks on the terminal, without showing what is typed; the terminal is as before afterwards, also
 * when a signal ends it. False when there is no terminal, or the answer cannot be a password. */
MUST_CHECK bool secret_ask(struct secret *secret, const char *prompt);

/* Reads the first line that the descriptor holds; the line need not end. `name` is that of the
 * source, for complaints. False when it cannot be read, is empty or longer than LIMIT_PASSWORD. */
MUST_CHECK bool secret_read(struct secret *secret, int fd, const char *name);

/* The same from a file on which nobody but its owner has rights. */
MUST_CHECK bool secret_read_file(struct secret *secret, const char *path);

/* The same for bytes that are at hand, such as a variable's. */
MUST_CHECK bool secret_copy(struct secret *secret, const char *text, const char *name);

void secret_wipe(struct secret *secret);

#endif
