/*
 * Lines: where one ends, and which tokens it holds. Knows no command and no socket.
 *
 *     token = bare word | "double quoted, with escapes" | 'single quoted, literal'
 *
 * Tokens are separated by spaces. A bare word runs to the next space; quotes and backslashes
 * inside it stand for themselves. After a closing quote comes a space or the end of the line.
 */
#ifndef LEVERET_PROTOCOL_LINE_H
#define LEVERET_PROTOCOL_LINE_H

#include "protocol/bytes.h"

/* Finds the end of a line in bytes that arrive bit by bit, looking at each byte once. */
struct line_finder {
    size_t searched; /* this many bytes at the start hold no LF */
};

enum line_found {
    LINE_FOUND,
    LINE_MORE,     /* no LF yet */
    LINE_TOO_LONG, /* more than `limit` bytes without an LF */
};

/*
 * `input` starts where the line starts, and holds at least what the previous call saw. On
 * LINE_FOUND *line is the line without its LF or CRLF, *crlf tells which, *used counts the bytes
 * up to and including the LF, and the finder is ready for the next line.
 */
MUST_CHECK enum line_found line_find(struct line_finder *finder, struct slice input, size_t limit,
                                     struct slice *line, bool *crlf, size_t *used);

/* The tokens of a line. All zeroes is valid and empty; reuse keeps the memory. */
struct tokens {
    struct slice *items; /* borrowed from the line, or from `decoded` */
    size_t count;
    size_t cap;
    size_t most;           /* tokens of one line; 0 for LIMIT_TOKENS */
    struct buffer decoded; /* bytes of the tokens that held escapes */
};

void tokens_fini(struct tokens *tokens);

/* Forgets the tokens, and gives memory back if an unusually long line took it. */
void tokens_trim(struct tokens *tokens);

/* tokens_add when there is no room. */
MUST_CHECK bool tokens_grow(struct tokens *tokens);

/* Adds one. False when there is no memory. Here and inline, because every word of every request
 * passes through. */
MUST_CHECK static inline bool tokens_add(struct tokens *tokens, struct slice token)
{
    if (tokens->count == tokens->cap && !tokens_grow(tokens))
        return false;
    tokens->items[tokens->count++] = token;
    return true;
}

enum line_split {
    LINE_SPLIT_OK,
    LINE_SPLIT_NUL,         /* the line holds a NUL byte */
    LINE_SPLIT_OPEN_QUOTE,  /* a quote is not closed */
    LINE_SPLIT_AFTER_QUOTE, /* something other than a space follows a closing quote */
    LINE_SPLIT_BAD_ESCAPE,  /* a backslash before something that is no escape */
    LINE_SPLIT_TOO_MANY,    /* more than tokens->most */
    LINE_SPLIT_NO_MEMORY,
};

/* Replaces *tokens with those of the line. They die with the line and with the next call. */
MUST_CHECK enum line_split line_split(struct slice line, struct tokens *tokens);

/* What went wrong, as a sentence for a person; a static string. */
const char *line_split_text(enum line_split result);

#endif
