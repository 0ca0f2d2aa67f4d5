/*
 * Lines: where each ends and which tokens it holds. What it holds, written again, must be the same
 * line to the decoder.
 */
#include "protocol/line.h"

#include <stdlib.h>

#include "protocol/limits.h"
#include "protocol/quote.h"
#include "tests/fuzz/target.h"

struct lines {
    struct line_finder finder;
    struct tokens tokens;
};

static void *open_lines(void)
{
    return calloc(1, sizeof(struct lines));
}

static void close_lines(void *state)
{
    struct lines *lines = state;
    tokens_fini(&lines->tokens);
    free(lines);
}

static void append_tokens(struct buffer *out, const struct tokens *tokens)
{
    for (size_t i = 0; i < tokens->count; i++) {
        buffer_append_byte(out, ' ');
        quote_append(out, tokens->items[i]);
    }
}

static void expect_round_trip(struct slice written)
{
    struct tokens tokens = {0};
    struct buffer again = {0};
    target_expect(line_split(written, &tokens) == LINE_SPLIT_OK, "what was written can be read");
    append_tokens(&again, &tokens);
    target_expect_equal("what was written reads the same", buffer_slice(&again), written);
    tokens_fini(&tokens);
    buffer_fini(&again);
}

static void say_line(struct lines *lines, struct slice line, struct buffer *said)
{
    size_t start = said->len;
    enum line_split result = line_split(line, &lines->tokens);
    if (result == LINE_SPLIT_OK) {
        append_tokens(said, &lines->tokens);
        expect_round_trip(slice_of(said->data + start, said->len - start));
    } else {
        buffer_append_string(said, line_split_text(result));
    }
}

static bool arrive(void *state, struct slice window, struct buffer *said, size_t *used)
{
    struct lines *lines = state;
    for (;;) {
        struct slice line;
        bool crlf = false;
        size_t step = 0;
        struct slice rest = slice_of(window.data + *used, window.len - *used);
        switch (line_find(&lines->finder, rest, LIMIT_LINE, &line, &crlf, &step)) {
        case LINE_MORE:
            return true;
        case LINE_TOO_LONG:
            return false;
        case LINE_FOUND:
            say_line(lines, line, said);
            buffer_append_string(said, crlf ? " CRLF\n" : " LF\n");
            *used += step;
        }
    }
}

void target_take(struct slice input)
{
    static const struct cuts_decoder decoder = {open_lines, arrive, close_lines};
    target_expect_cuts_equal(&decoder, input);
}
