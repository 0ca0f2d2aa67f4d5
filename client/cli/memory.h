/*
 * What was typed at the prompt, kept from one session to the next in
 * $XDG_STATE_HOME/leveret/history, or ~/.local/state/leveret/history. Readable by its owner only,
 * because it holds values.
 */
#ifndef LEVERET_CLIENT_CLI_MEMORY_H
#define LEVERET_CLIENT_CLI_MEMORY_H

#include <histedit.h>
#include <stdbool.h>

struct memory {
    History *history; /* for the line editor, which borrows it */
    char *path;       /* NULL: nowhere to keep it, so it lasts for this session */
};

/* Loads what was kept. False when there is no memory for it. */
__attribute__((warn_unused_result)) bool memory_open(struct memory *memory);

/* False for a line that may hold a password: an AUTH, whole or not, or a HELLO with one. */
bool memory_keeps(const char *line);

/* Adds a line, unless it is not to be kept or the same as the one before it, and saves. */
void memory_add(struct memory *memory, const char *line);

void memory_close(struct memory *memory);

#endif
