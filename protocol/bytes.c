#include "protocol/bytes.h"

#include <stdlib.h>
#include <strings.h>

/* The first allocation: one small request or reply fits. */
#define SMALLEST_BUFFER 128

/* From here on room grows by a quarter and not to the double: large buffers are few, are moved by
 * the kernel without a copy, and what they have too much is missing elsewhere. */
#define LARGE_BUFFER ((size_t)1024 * 1024)

int slice_compare(struct slice a, struct slice b)
{
    size_t shared = a.len < b.len ? a.len : b.len;
    int order = shared == 0 ? 0 : memcmp(a.data, b.data, shared);
    if (order != 0)
        return order;
    return (a.len > b.len) - (a.len < b.len);
}

bool slice_equal(struct slice a, struct slice b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

bool slice_equal_fold(struct slice a, struct slice b)
{
    return a.len == b.len && (a.len == 0 || strncasecmp(a.data, b.data, a.len) == 0);
}

bool slice_has_prefix(struct slice bytes, struct slice prefix)
{
    return bytes.len >= prefix.len &&
           (prefix.len == 0 || memcmp(bytes.data, prefix.data, prefix.len) == 0);
}

void buffer_fini(struct buffer *buffer)
{
    free(buffer->data);
    *buffer = (struct buffer){0};
}

void buffer_clear(struct buffer *buffer)
{
    buffer->len = 0;
    buffer->failed = false;
}

bool buffer_grow(struct buffer *buffer, size_t more)
{
    if (more > SIZE_MAX / 2 - buffer->len) {
        buffer->failed = true;
        return false;
    }
    size_t cap = buffer->cap < SMALLEST_BUFFER ? SMALLEST_BUFFER : buffer->cap;
    while (cap < buffer->len + more)
        cap += cap < LARGE_BUFFER ? cap : cap / 4;
    char *data = realloc(buffer->data, cap);
    if (data == NULL) {
        buffer->failed = true;
        return false;
    }
    buffer->data = data;
    buffer->cap = cap;
    return true;
}

void buffer_append(struct buffer *buffer, const void *data, size_t len)
{
    if (len == 0 || !buffer_reserve(buffer, len))
        return;
    memcpy(buffer->data + buffer->len, data, len);
    buffer->len += len;
}

void buffer_append_slice(struct buffer *buffer, struct slice bytes)
{
    buffer_append(buffer, bytes.data, bytes.len);
}

void buffer_append_string(struct buffer *buffer, const char *text)
{
    buffer_append(buffer, text, strlen(text));
}

void buffer_append_u64(struct buffer *buffer, uint64_t number)
{
    char digits[20]; /* 2^64 has 20 */
    size_t at = sizeof(digits);
    do {
        digits[--at] = (char)('0' + number % 10);
        number /= 10;
    } while (number != 0);
    buffer_append(buffer, digits + at, sizeof(digits) - at);
}

void buffer_consume(struct buffer *buffer, size_t count)
{
    if (count >= buffer->len) {
        buffer->len = 0;
        return;
    }
    if (count == 0)
        return;
    memmove(buffer->data, buffer->data + count, buffer->len - count);
    buffer->len -= count;
}

void buffer_trim(struct buffer *buffer)
{
    size_t cap = buffer->len < SMALLEST_BUFFER ? SMALLEST_BUFFER : buffer->len;
    char *data = realloc(buffer->data, cap);
    if (data == NULL)
        return; /* what there is still serves */
    buffer->data = data;
    buffer->cap = cap;
}
