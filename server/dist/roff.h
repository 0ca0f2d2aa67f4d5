/*
 * Roff: text of ours in the language of manual pages, mdoc(7).
 */
#ifndef LEVERET_DIST_ROFF_H
#define LEVERET_DIST_ROFF_H

#include <stdio.h>

/* Text as it is to be read. Lines in it stay lines; none is empty. */
void roff_text(FILE *out, const char *text, size_t len);

/* A line of text that is not empty, with a capital at its start and a full stop behind it. */
void roff_sentence(FILE *out, const char *text);

/* What stands behind a name: always|never|SECONDS. Words in capitals are for values, others stand
 * for themselves. Goes on in the line of a macro; nothing for NULL. */
void roff_argument(FILE *out, const char *argument);

#endif
