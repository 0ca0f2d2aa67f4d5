/*
 * The prompt's line editor: libedit with memory, completion and signals. Knows no server.
 */
#ifndef LEVERET_CLIENT_CLI_EDITOR_H
#define LEVERET_CLIENT_CLI_EDITOR_H

#include "client/cli/memory.h"
#include "protocol/bytes.h"

struct editor {
    EditLine *edit;
    struct memory memory;
};

/* Takes over the terminal on standard input. One editor at a time. False without memory. */
MUST_CHECK bool editor_open(struct editor *editor);

enum editor_result {
    EDITOR_LINE,
    EDITOR_ABANDONED, /* Ctrl-C */
    EDITOR_END,       /* Ctrl-D on an empty line, or the terminal is gone */
};

/* Lets a person edit one line. It comes without its ending, is kept in memory unless it is blank,
 * and dies with the next call. */
enum editor_result editor_line(struct editor *editor, struct slice *line);

void editor_close(struct editor *editor);

#endif
