/*
 * Folding: names as Redis tells them, in small letters, and patterns that match them whatever
 * their case.
 */
#ifndef LEVERET_COMMANDS_REDIS_FOLD_H
#define LEVERET_COMMANDS_REDIS_FOLD_H

#include "commands/redis/glob.h"

/* Longest name of a command and a subcommand together, with its NUL. */
#define FOLD_NAME 64

/* Writes a command's name, and behind a bar that of a subcommand unless it is NULL. */
void fold_name(char text[FOLD_NAME], const char *name, const char *part);

/* The glob for folded names. False, with nothing to free, when there is no memory. */
MUST_CHECK bool fold_glob(struct glob *glob, struct slice pattern);

#endif
