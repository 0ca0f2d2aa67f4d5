/*
 * UTF-8: where a character ends, and whether it is one (RFC 3629: no overlong forms, no surrogates,
 * nothing above U+10FFFF).
 */
#ifndef LEVERET_PROTOCOL_UTF8_H
#define LEVERET_PROTOCOL_UTF8_H

#include <stddef.h>

/* The length of the character at the start of `bytes`, 1 to 4, or 0 when there is no valid one.
 * `len` is at least 1. */
size_t utf8_length(const unsigned char *bytes, size_t len);

#endif
