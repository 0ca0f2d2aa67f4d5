/*
 * Places: what the marks in the source of a manual page or of a completion stand for. A mark is a
 * name between @@ and @@; `fill` puts in what the tables of the programs say, so that no page
 * tells anything else than --help does.
 */
#ifndef LEVERET_DIST_PLACE_H
#define LEVERET_DIST_PLACE_H

#include <stdio.h>

struct place {
    const char *name; /* NULL ends a table */
    void (*write)(FILE *out);
};

extern const struct place manual_places[];  /* in the language of mandoc */
extern const struct place example_places[]; /* lines of a configuration */
extern const struct place shell_places[];   /* words and lines for bash and zsh */

#endif
