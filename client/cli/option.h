/*
 * Option: what a command line takes, in rows. getopt_long and the help are made from them, and so
 * are the manual page and the completions of shells.
 */
#ifndef LEVERET_CLIENT_CLI_OPTION_H
#define LEVERET_CLIENT_CLI_OPTION_H

#include <getopt.h>
#include <stdio.h>

/* A `sign` from here on has no short form. */
#define OPTION_LONG 256

struct option_row {
    const char *name;     /* of the long form; NULL ends a table */
    int sign;             /* what getopt_long answers: the letter of the short form, if any */
    const char *argument; /* as the help shows it; NULL for none */
    const char *help;     /* what it says, with its unit */
};

/* A table has no more rows than this. */
#define OPTION_MOST 32

/* The rows as getopt_long wants them, with its last row of zeroes behind. */
void option_fill(struct option out[OPTION_MOST + 1], const struct option_row *rows);

/* Prints a line for each row, and goes on in the next where it gets too long. */
void option_print(FILE *out, const struct option_row *rows);

#endif
