#include "protocol/bytes.h"

#include <stdlib.h>

/* The first allocation: one small request or reply fits. */
#define SMALLEST_BUFFER 128

/* From here on room grows by a quarter and not to the double: large buffers are few, are moved by
 * the kernel without a copy, and what they have too much is missing elsewhere. */
#define LARGE_BUFFER ((size_t)1024 * 1024)

/* Of a number of 64 bits. */
#define MOST_DIGITS 20

int slice_compare(struct slice a, struct slice b)
{
    size_t shared = a.len < b.len ? a.len : b.len;
    int order = shared == 0 ? 0 : memcmp(a.data, b.data, shared);
    if (order != 0)
        return order;
    return (a.len > b.len) - (a.len < b.len);
}

static unsigned lower(char byte)
{
    unsigned value = (unsigned char)byte;
    return value - 'A' < 26 ? value | 0x20 : value;
}

bool slice_same_letters(const char *a, const char *b, size_t len)
{
    size_t i = 0;
    while (i < len && (a[i] == b[i] || lower(a[i]) == lower(b[i])))
        i++;
    return i == len;
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

void buffer_append_u64(struct buffer *buffer, uint64_t number)
{
    size_t digits = 1;
    for (uint64_t above = 10; digits < MOST_DIGITS && number >= above; above *= 10)
        digits++;
    if (!buffer_reserve(buffer, digits))
        return;
    buffer->len += digits;
    char *at = buffer->data + buffer->len;
    do {
        *--at = (char)('0' + number % 10);
        number /= 10;
    } while (number != 0);
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
