/*
 * Quoting: any bytes must come back as they were, and what can be read must be written again in a
 * way that reads the same.
 */
#include "protocol/quote.h"

#include "protocol/line.h"
#include "tests/fuzz/target.h"

static void expect_printable(struct slice text)
{
    for (size_t i = 0; i < text.len; i++)
        target_expect((unsigned char)text.data[i] >= 0x20 && text.data[i] != 0x7f,
                      "what is written is printable");
}

/* Through a line, as a token. */
static void expect_token(struct slice bytes)
{
    struct buffer line = {0};
    struct tokens tokens = {0};
    quote_append(&line, bytes);
    expect_printable(buffer_slice(&line));
    target_expect(line_split(buffer_slice(&line), &tokens) == LINE_SPLIT_OK && tokens.count == 1,
                  "quoted bytes are one token");
    target_expect_equal("the token is the bytes", tokens.items[0], bytes);
    tokens_fini(&tokens);
    buffer_fini(&line);
}

static void expect_escapes(struct slice bytes)
{
    struct buffer escaped = {0};
    struct buffer back = {0};
    quote_escape(&escaped, bytes);
    expect_printable(buffer_slice(&escaped));
    target_expect(quote_unescape(&back, buffer_slice(&escaped)) == QUOTE_OK,
                  "escaped bytes can be read");
    target_expect_equal("they come back", buffer_slice(&back), bytes);
    buffer_fini(&escaped);
    buffer_fini(&back);
}

void target_take(struct slice input)
{
    struct buffer read = {0};
    expect_token(input);
    expect_escapes(input);
    if (quote_unescape(&read, input) == QUOTE_OK)
        expect_escapes(buffer_slice(&read));
    buffer_fini(&read);
}
