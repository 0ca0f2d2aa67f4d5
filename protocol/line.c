#include "protocol/line.h"

#include <stdlib.h>

#include "protocol/limits.h"
#include "protocol/quote.h"

/* Memory that tokens keep for the next line, in bytes. */
#define LARGEST_KEPT ((size_t)256 * 1024)

enum line_found line_find(struct line_finder *finder, struct slice input, size_t limit,
                          struct slice *line, bool *crlf, size_t *used)
{
    const char *lf = NULL;
    if (input.len > finder->searched)
        lf = memchr(input.data + finder->searched, '\n', input.len - finder->searched);
    if (lf == NULL) {
        finder->searched = input.len;
        return input.len > limit + 1 ? LINE_TOO_LONG : LINE_MORE; /* + 1: a CR may be the last */
    }
    size_t len = (size_t)(lf - input.data);
    *used = len + 1;
    *crlf = len > 0 && input.data[len - 1] == '\r';
    *line = slice_of(input.data, *crlf ? len - 1 : len);
    finder->searched = 0;
    return line->len > limit ? LINE_TOO_LONG : LINE_FOUND;
}

void tokens_fini(struct tokens *tokens)
{
    free(tokens->items);
    buffer_fini(&tokens->decoded);
    *tokens = (struct tokens){0};
}

void tokens_trim(struct tokens *tokens)
{
    if (tokens->decoded.cap > LARGEST_KEPT || tokens->cap * sizeof(*tokens->items) > LARGEST_KEPT)
        tokens_fini(tokens);
    tokens->count = 0;
}

bool tokens_grow(struct tokens *tokens)
{
    size_t cap = tokens->cap == 0 ? 16 : tokens->cap * 2;
    struct slice *items = realloc(tokens->items, cap * sizeof(*items));
    if (items == NULL)
        return false;
    tokens->items = items;
    tokens->cap = cap;
    return true;
}

static enum line_split add(struct tokens *tokens, struct slice token)
{
    if (tokens->count == (tokens->most == 0 ? LIMIT_TOKENS : tokens->most))
        return LINE_SPLIT_TOO_MANY;
    return tokens_add(tokens, token) ? LINE_SPLIT_OK : LINE_SPLIT_NO_MEMORY;
}

/* The next such byte at or after `at`, or NULL; `at` may lie behind the end. */
static const char *next(const char *at, const char *end, char byte)
{
    return at < end ? memchr(at, byte, (size_t)(end - at)) : NULL;
}

/* The closing double quote at or after `at`, stepping over escapes, which *escaped tells of; NULL
 * when there is none. */
static const char *closing_double(const char *at, const char *end, bool *escaped)
{
    const char *close = next(at, end, '"');
    const char *backslash = close == NULL ? NULL : next(at, close, '\\');
    *escaped = backslash != NULL;
    while (backslash != NULL) {
        at = backslash + 2;
        if (close < at) /* that one was escaped */
            close = next(at, end, '"');
        backslash = close == NULL ? NULL : next(at, close, '\\');
    }
    return close;
}

/* Decodes the text of a token in a line of which `room` bytes are left, its own counted. Decoded
 * text is never longer than it was, so that much room, made for the first, does for all: what
 * earlier tokens point at does not move while later ones are added. */
static enum line_split unescape(struct tokens *tokens, struct slice text, size_t room,
                                struct slice *token)
{
    size_t start = tokens->decoded.len;
    if (start == 0 && !buffer_reserve(&tokens->decoded, room))
        return LINE_SPLIT_NO_MEMORY;
    switch (quote_unescape(&tokens->decoded, text)) {
    case QUOTE_BAD_ESCAPE:
        return LINE_SPLIT_BAD_ESCAPE;
    case QUOTE_NO_MEMORY:
        return LINE_SPLIT_NO_MEMORY;
    case QUOTE_OK:
        break;
    }
    *token = slice_of(tokens->decoded.data + start, tokens->decoded.len - start);
    return LINE_SPLIT_OK;
}

/* Reads the quoted token whose opening quote is at *at; moves *at behind the closing one. */
static enum line_split read_quoted(struct tokens *tokens, const char **at, const char *end)
{
    char quote = **at;
    const char *start = *at + 1;
    bool escaped = false;
    const char *close =
        quote == '"' ? closing_double(start, end, &escaped) : next(start, end, '\'');
    if (close == NULL)
        return LINE_SPLIT_OPEN_QUOTE;
    if (close + 1 < end && close[1] != ' ')
        return LINE_SPLIT_AFTER_QUOTE;

    struct slice token = slice_of(start, (size_t)(close - start));
    if (escaped) {
        enum line_split result = unescape(tokens, token, (size_t)(end - start), &token);
        if (result != LINE_SPLIT_OK)
            return result;
    }
    *at = close + 1;
    return add(tokens, token);
}

static enum line_split read_bare(struct tokens *tokens, const char **at, const char *end)
{
    const char *space = memchr(*at, ' ', (size_t)(end - *at));
    const char *stop = space == NULL ? end : space;
    struct slice token = slice_of(*at, (size_t)(stop - *at));
    *at = stop;
    return add(tokens, token);
}

enum line_split line_split(struct slice line, struct tokens *tokens)
{
    tokens->count = 0;
    buffer_clear(&tokens->decoded);
    if (line.len == 0)
        return LINE_SPLIT_OK;
    if (memchr(line.data, '\0', line.len) != NULL)
        return LINE_SPLIT_NUL;

    const char *at = line.data;
    const char *end = line.data + line.len;
    while (at < end) {
        if (*at == ' ') {
            at++;
            continue;
        }
        enum line_split result =
            *at == '"' || *at == '\'' ? read_quoted(tokens, &at, end) : read_bare(tokens, &at, end);
        if (result != LINE_SPLIT_OK)
            return result;
    }
    return LINE_SPLIT_OK;
}

const char *line_split_text(enum line_split result)
{
    switch (result) {
    case LINE_SPLIT_OK:
        break;
    case LINE_SPLIT_NUL:
        return "a NUL byte in the line; write it as \\x00 inside double quotes";
    case LINE_SPLIT_OPEN_QUOTE:
        return "a quote is not closed";
    case LINE_SPLIT_AFTER_QUOTE:
        return "a closing quote is followed by a space or the end of the line";
    case LINE_SPLIT_BAD_ESCAPE:
        return "a bad escape; these are known: \\n \\r \\t \\\\ \\\" \\xHH";
    case LINE_SPLIT_TOO_MANY:
        return "too many tokens in one line";
    case LINE_SPLIT_NO_MEMORY:
        return "no memory for this line";
    }
    return "no error";
}
