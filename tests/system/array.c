#include "tests/system/array.h"

#include <criterion/criterion.h>

#include "protocol/line.h"

static void append_head(struct buffer *out, char type, size_t number)
{
    buffer_append_byte(out, type);
    buffer_append_u64(out, number);
    buffer_append_string(out, "\r\n");
}

void array_append(struct buffer *out, struct slice line)
{
    struct tokens words = {0};
    enum line_split result = line_split(line, &words);
    cr_assert(result == LINE_SPLIT_OK, "%s: %.*s", line_split_text(result), (int)line.len,
              line.data);
    append_head(out, '*', words.count);
    for (size_t i = 0; i < words.count; i++) {
        append_head(out, '$', words.items[i].len);
        buffer_append_slice(out, words.items[i]);
        buffer_append_string(out, "\r\n");
    }
    tokens_fini(&words);
}

void array_say(struct wire *wire, const char *line)
{
    struct buffer request = {0};
    array_append(&request, slice_from_string(line));
    wire_send(wire, buffer_slice(&request));
    buffer_fini(&request);
}

void array_ask(struct wire *wire, const char *line, const char *reply)
{
    array_say(wire, line);
    wire_expect(wire, reply);
}
