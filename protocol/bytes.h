/*
 * Bytes: what every other file passes around.
 *
 * A slice borrows bytes that somebody else owns; it dies with them. A buffer owns bytes and
 * grows. Neither knows what the bytes mean, and neither needs a NUL at the end.
 */
#ifndef LEVERET_PROTOCOL_BYTES_H
#define LEVERET_PROTOCOL_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define MUST_CHECK __attribute__((warn_unused_result))

struct slice {
    const char *data;
    size_t len;
};

/* A slice over a string literal, without its NUL. */
#define SLICE(literal) ((struct slice){(literal), sizeof(literal) - 1})

static inline struct slice slice_of(const char *data, size_t len)
{
    return (struct slice){data, len};
}

static inline struct slice slice_from_string(const char *text)
{
    return (struct slice){text, strlen(text)};
}

/* Unsigned bytewise order, shorter first on a tie: LevelDB's order. <0, 0 or >0. */
int slice_compare(struct slice a, struct slice b);

static inline bool slice_equal(struct slice a, struct slice b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

/* slice_equal_fold of two slices of `len` bytes. */
bool slice_same_letters(const char *a, const char *b, size_t len);

/* Equal when ASCII letters are folded; other bytes must match. Here and inline, because a word is
 * looked for in lists, where most differ in the length or in the first byte. */
static inline bool slice_equal_fold(struct slice a, struct slice b)
{
    return a.len == b.len && (a.len == 0 || (((a.data[0] ^ b.data[0]) & ~0x20) == 0 &&
                                             slice_same_letters(a.data, b.data, a.len)));
}

bool slice_has_prefix(struct slice bytes, struct slice prefix);

/*
 * A growable array of bytes. All zeroes is a valid empty buffer that owns nothing.
 *
 * Failure is sticky: when memory cannot be had the buffer keeps what it held, `failed` is set,
 * and every later append does nothing. A writer appends freely and looks at `failed` once.
 */
struct buffer {
    char *data;
    size_t len;
    size_t cap;
    bool failed;
};

/* Frees what the buffer owns and leaves it empty, valid and not failed. */
void buffer_fini(struct buffer *buffer);

/* Empties without giving memory back; clears `failed`. */
void buffer_clear(struct buffer *buffer);

/* buffer_reserve when there is no room. */
bool buffer_grow(struct buffer *buffer, size_t more);

/* Makes room for `more` bytes after `len`. False, and `failed`, when there is no memory. This and
 * the appends are here and inline, because every part of every row passes through. */
static inline bool buffer_reserve(struct buffer *buffer, size_t more)
{
    if (__builtin_expect(!buffer->failed && more <= buffer->cap - buffer->len, 1))
        return true;
    return !buffer->failed && buffer_grow(buffer, more);
}

static inline void buffer_append(struct buffer *buffer, const void *data, size_t len)
{
    if (len == 0 || !buffer_reserve(buffer, len))
        return;
    memcpy(buffer->data + buffer->len, data, len);
    buffer->len += len;
}

static inline void buffer_append_slice(struct buffer *buffer, struct slice bytes)
{
    buffer_append(buffer, bytes.data, bytes.len);
}

static inline void buffer_append_string(struct buffer *buffer, const char *text)
{
    buffer_append(buffer, text, strlen(text));
}

static inline void buffer_append_byte(struct buffer *buffer, char byte)
{
    if (buffer_reserve(buffer, 1))
        buffer->data[buffer->len++] = byte;
}

void buffer_append_u64(struct buffer *buffer, uint64_t number); /* decimal */

/* Drops the first `count` bytes (at most len) by moving the rest down. */
void buffer_consume(struct buffer *buffer, size_t count);

/* Gives back most of the room that is not used. */
void buffer_trim(struct buffer *buffer);

static inline struct slice buffer_slice(const struct buffer *buffer)
{
    return (struct slice){buffer->data, buffer->len};
}

#endif
