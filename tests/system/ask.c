#include "tests/system/ask.h"

#include <criterion/criterion.h>
#include <ctype.h>
#include <stdio.h>

void ask_fini(struct ask *ask)
{
    for (size_t i = 0; i < ASK_MOST; i++)
        buffer_fini(&ask->tokens[i]);
}

void ask_begin(struct ask *ask, const char *name)
{
    ask->count = 0;
    ask->open = false;
    ask_word(ask, name);
}

void ask_add(struct ask *ask, struct slice token)
{
    cr_assert(ask->count < ASK_MOST);
    struct buffer *buffer = &ask->tokens[ask->count++];
    buffer_clear(buffer);
    buffer_append_slice(buffer, token);
}

void ask_word(struct ask *ask, const char *word)
{
    ask_add(ask, slice_from_string(word));
}

void ask_number(struct ask *ask, uint64_t number)
{
    ask_add(ask, SLICE(""));
    buffer_append_u64(&ask->tokens[ask->count - 1], number);
}

struct slice ask_token(const struct ask *ask, size_t n)
{
    return buffer_slice(&ask->tokens[n]);
}

/* A bare token starts with no quote and holds no space. A CR at its end could end the line, and a
 * hash at the start of one would make it a remark. */
static bool may_be_bare(struct slice token)
{
    if (token.len == 0 || strchr("\"'#", token.data[0]) != NULL)
        return false;
    for (size_t i = 0; i < token.len; i++)
        if (strchr(" \n\r", token.data[i]) != NULL) /* a NUL too: it ends the string */
            return false;
    return true;
}

static bool may_be_single(struct slice token)
{
    for (size_t i = 0; i < token.len; i++)
        if (strchr("'\n", token.data[i]) != NULL)
            return false;
    return true;
}

static void append_escaped(struct buffer *out, char byte)
{
    char text[8];
    snprintf(text, sizeof(text), byte & 1 ? "\\x%02x" : "\\x%02X", (unsigned)(unsigned char)byte);
    buffer_append_string(out, text);
}

static void append_double(struct buffer *out, struct slice token, struct chance *chance)
{
    buffer_append_byte(out, '"');
    for (size_t i = 0; i < token.len; i++) {
        bool must = strchr("\"\\\n", token.data[i]) != NULL;
        if (must || chance_below(chance, 16) == 0)
            append_escaped(out, token.data[i]);
        else
            buffer_append_byte(out, token.data[i]);
    }
    buffer_append_byte(out, '"');
}

static void append_token(struct buffer *out, struct slice token, struct chance *chance)
{
    size_t way = chance_below(chance, 4);
    if (way < 2 && may_be_bare(token)) {
        buffer_append_slice(out, token);
    } else if (way == 2 && may_be_single(token)) {
        buffer_append_byte(out, '\'');
        buffer_append_slice(out, token);
        buffer_append_byte(out, '\'');
    } else {
        append_double(out, token, chance);
    }
}

static void append_name(struct buffer *out, struct slice name, struct chance *chance)
{
    bool small = chance_below(chance, 2) == 0;
    for (size_t i = 0; i < name.len; i++)
        buffer_append_byte(out, small ? (char)tolower(name.data[i]) : name.data[i]);
}

void ask_append(const struct ask *ask, struct chance *chance, struct buffer *out)
{
    append_name(out, ask_token(ask, 0), chance);
    for (size_t i = 1; i < ask->count; i++) {
        buffer_append_string(out, chance_below(chance, 8) == 0 ? "  " : " ");
        append_token(out, ask_token(ask, i), chance);
    }
    if (ask->open)
        buffer_append_string(out, " \"");
}
