/*
 * Lines from a descriptor, in memory that only the longest of them bounds.
 */
#ifndef LEVERET_CLIENT_CLI_SOURCE_H
#define LEVERET_CLIENT_CLI_SOURCE_H

#include "client/leveret.h"
#include "protocol/bytes.h"
#include "protocol/line.h"

struct source {
    int fd; /* borrowed */
    struct buffer bytes;
    size_t at;
    struct line_finder finder;
    uint64_t line; /* the number of the latest line, from 1 */
    bool ended;
    int error; /* errno when reading failed, else 0; `ended` is set too */
};

void source_init(struct source *source, int fd);
void source_fini(struct source *source);

enum source_result {
    SOURCE_LINE,
    SOURCE_MORE, /* call source_fill */
    SOURCE_END,
    SOURCE_TOO_LONG, /* a line beyond LIMIT_LINE; nothing after it can be had */
};

/* The next line without its LF or CRLF, from what has been read. It dies with the next call. A
 * last line without an ending counts as ended. */
MUST_CHECK enum source_result source_next(struct source *source, struct slice *line);

/* Reads once, and waits for that. False, and `ended`, at the end and on failure. */
bool source_fill(struct source *source);

/*
 * Waits until the source (unless NULL or ended) has bytes to read, or the connection of `db` can
 * move some of what is pending, or has been quiet for too long. True when the source is ready.
 */
bool source_wait(const struct source *source, const struct leveret *db);

#endif
