#include "tests/system/load.h"

#include <criterion/criterion.h>
#include <stdio.h>

#include "protocol/limits.h"
#include "tests/lib/chance.h"

/* Rows sent before their replies are taken. */
#define AT_ONCE 1000

/* Letters that compress as little as much real data: what compresses well is small on disk, and
 * hides what a large scan does. */
static void append_letters(char *at, size_t count, struct chance *chance)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEF";
    for (size_t i = 0; i < count; i += 8) {
        uint64_t bits = chance_next(chance);
        for (size_t j = i; j < i + 8 && j < count; j++, bits >>= 8)
            at[j] = letters[bits & 31];
    }
}

static void append_value(struct buffer *out, unsigned i, size_t bytes)
{
    size_t start = out->len;
    buffer_append_u64(out, i);
    buffer_append_byte(out, ':');
    size_t rest = bytes - (out->len - start);
    struct chance chance = {i};
    cr_assert(buffer_reserve(out, rest));
    append_letters(out->data + out->len, rest, &chance);
    out->len += rest;
}

static void append_put(struct buffer *out, unsigned i, size_t bytes)
{
    char start[32];
    snprintf(start, sizeof(start), "PUT k%08u ", i);
    buffer_append_string(out, start);
    append_value(out, i, bytes);
    buffer_append_byte(out, '\n');
}

void load_rows(struct wire *wire, unsigned count, size_t bytes)
{
    struct buffer requests = {0};
    for (unsigned first = 0; first < count; first += AT_ONCE) {
        unsigned end = count - first < AT_ONCE ? count : first + AT_ONCE;
        buffer_clear(&requests);
        for (unsigned i = first; i < end; i++)
            append_put(&requests, i, bytes);
        wire_send(wire, buffer_slice(&requests));
        for (unsigned i = first; i < end; i++)
            wire_expect(wire, "OK\n");
    }
    buffer_fini(&requests);
}

const char *load_reply(unsigned i, size_t bytes)
{
    static struct buffer reply;
    buffer_clear(&reply);
    buffer_append_string(&reply, "OK \"");
    append_value(&reply, i, bytes);
    buffer_append(&reply, "\"\n", 3); /* and the NUL */
    cr_assert(!reply.failed);
    return reply.data;
}

void load_value(struct wire *wire, const char *key, size_t bytes)
{
    struct buffer request = {0};
    buffer_append_string(&request, "PUT ");
    buffer_append_string(&request, key);
    buffer_append_byte(&request, ' ');
    append_value(&request, 0, bytes);
    buffer_append_byte(&request, '\n');
    wire_send(wire, buffer_slice(&request));
    wire_expect(wire, "OK\n");
    buffer_fini(&request);
}

void load_long_keys(struct wire *wire, unsigned count)
{
    struct buffer request = {0};
    for (unsigned i = 0; i < count; i++) {
        buffer_clear(&request);
        buffer_append_string(&request, "PUT ");
        cr_assert(buffer_reserve(&request, LIMIT_KEY + 16));
        snprintf(request.data + request.len, 16, "%08u", i);
        memset(request.data + request.len + 8, 'x', LIMIT_KEY - 8);
        request.len += LIMIT_KEY;
        buffer_append_string(&request, " v\n");
        wire_send(wire, buffer_slice(&request));
    }
    for (unsigned i = 0; i < count; i++)
        wire_expect(wire, "OK\n");
    buffer_fini(&request);
}
