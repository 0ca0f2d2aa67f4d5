/*
 * Completion at the prompt: command names, and the words of a command's usage line. Knows no line
 * editor.
 */
#ifndef LEVERET_CLIENT_CLI_COMPLETE_H
#define LEVERET_CLIENT_CLI_COMPLETE_H

#include "protocol/bytes.h"

#define COMPLETE_MOST 64

/* The words that can stand where the cursor is. */
struct complete {
    struct slice typed;                /* the begun word; borrows from the line */
    struct slice words[COMPLETE_MOST]; /* static bytes */
    size_t count;
    size_t shared; /* so many first bytes have all the words in common */
};

/* Fills *complete for the part of a line that stands before the cursor. */
void complete_line(struct complete *complete, struct slice before);

#endif
