#include "client/cli/row.h"

#include "protocol/command.h"
#include "protocol/limits.h"
#include "protocol/quote.h"

void row_fini(struct row *row)
{
    buffer_fini(&row->decoded);
    tokens_fini(&row->tokens);
    *row = (struct row){0};
}

static enum row_result bad(const char **problem, const char *sentence)
{
    *problem = sentence;
    return ROW_BAD;
}

/* The server would refuse these too, but only after the rows behind them were on their way. */
static enum row_result check_sizes(const struct row *row, const char **problem)
{
    if (row->key.len > LIMIT_KEY)
        return bad(problem, "the key is longer than 64 KiB");
    if (row->value.len > LIMIT_VALUE)
        return bad(problem, "the value is longer than 16 MiB");
    return ROW_OK;
}

/* Undoes the escapes of one field, in place when it has none. */
static bool read_field(struct row *row, struct slice text, struct slice *field,
                       const char **problem)
{
    *field = text;
    if (text.len == 0 || memchr(text.data, '\\', text.len) == NULL)
        return true;
    size_t start = row->decoded.len;
    enum quote_result result = quote_unescape(&row->decoded, text);
    *field = slice_of(row->decoded.data + start, row->decoded.len - start);
    if (result == QUOTE_BAD_ESCAPE)
        *problem = line_split_text(LINE_SPLIT_BAD_ESCAPE);
    else if (result == QUOTE_NO_MEMORY)
        *problem = line_split_text(LINE_SPLIT_NO_MEMORY);
    return result == QUOTE_OK;
}

static enum row_result read_pair(struct row *row, struct slice line, const char *tab,
                                 const char **problem)
{
    struct slice key = slice_of(line.data, (size_t)(tab - line.data));
    struct slice value = slice_of(tab + 1, line.len - key.len - 1);
    if (memchr(value.data, '\t', value.len) != NULL)
        return bad(problem, "a pair has one TAB; one inside a key or a value is written \\t");
    buffer_clear(&row->decoded);
    /* Decoded text is never longer, so the key does not move while the value is decoded. */
    if (!buffer_reserve(&row->decoded, line.len))
        return bad(problem, line_split_text(LINE_SPLIT_NO_MEMORY));
    if (!read_field(row, key, &row->key, problem) || !read_field(row, value, &row->value, problem))
        return ROW_BAD;
    return check_sizes(row, problem);
}

static enum row_result read_put(struct row *row, struct slice line, const char **problem)
{
    enum line_split split = line_split(line, &row->tokens);
    if (split != LINE_SPLIT_OK)
        return bad(problem, line_split_text(split));
    if (row->tokens.count == 0)
        return ROW_NONE;
    const struct slice *words = row->tokens.items;
    const struct command *command = command_find(words[0]);
    if (row->tokens.count != 3 || command == NULL || command->id != COMMAND_PUT)
        return bad(problem, "neither key<TAB>value nor PUT key value");
    row->key = words[1];
    row->value = words[2];
    return check_sizes(row, problem);
}

enum row_result row_read(struct row *row, struct slice line, const char **problem)
{
    const char *tab = line.len == 0 ? NULL : memchr(line.data, '\t', line.len);
    if (tab != NULL)
        return read_pair(row, line, tab, problem);
    if (line.len == 0 || line.data[0] == '#')
        return ROW_NONE;
    return read_put(row, line, problem);
}
