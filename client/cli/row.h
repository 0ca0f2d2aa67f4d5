/*
 * One line of an import: either `key<TAB>value` with the protocol's escapes, or a PUT as a person
 * types it. Knows no file and no socket.
 */
#ifndef LEVERET_CLIENT_CLI_ROW_H
#define LEVERET_CLIENT_CLI_ROW_H

#include "protocol/bytes.h"
#include "protocol/line.h"

/* A decoded row. All zeroes is valid; reuse keeps the memory; end with row_fini. */
struct row {
    struct slice key; /* borrows from the line, or from what is below */
    struct slice value;
    struct buffer decoded;
    struct tokens tokens;
};

void row_fini(struct row *row);

enum row_result {
    ROW_OK,
    ROW_NONE, /* an empty line or a # remark */
    ROW_BAD,  /* *problem says why; a static string */
};

/*
 * Decodes a line without its ending. A line that holds a TAB is a pair, whatever else it holds;
 * any other line is empty, a # remark or a PUT.
 */
MUST_CHECK enum row_result row_read(struct row *row, struct slice line, const char **problem);

#endif
