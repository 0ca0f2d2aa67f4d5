/*
 * Quoting: any bytes to one printable token and back. Knows no command and no line.
 *
 * Written: `"` and `\` behind a backslash, \n \r \t, valid UTF-8 as it is, every other byte that
 * is not printable ASCII as \xHH. Read: the same escapes, and any other byte for itself.
 */
#ifndef LEVERET_PROTOCOL_QUOTE_H
#define LEVERET_PROTOCOL_QUOTE_H

#include "protocol/bytes.h"

/* Appends the escaped bytes, without quotes around them. */
void quote_escape(struct buffer *out, struct slice bytes);

/* Appends the bytes as one double-quoted token. */
void quote_append(struct buffer *out, struct slice bytes);

/* True when the escaped bytes take no more than `room`; or not much more than that is said to be
 * too much. */
bool quote_fits(struct slice bytes, size_t room);

enum quote_result {
    QUOTE_OK,
    QUOTE_BAD_ESCAPE, /* a backslash before something that is no escape */
    QUOTE_NO_MEMORY,
};

/* Appends the bytes that the escaped text stands for: the inverse of quote_escape. On failure
 * what was appended is undefined but valid. */
MUST_CHECK enum quote_result quote_unescape(struct buffer *out, struct slice text);

#endif
