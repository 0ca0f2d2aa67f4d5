#include "tests/interop/words.h"

#include <criterion/criterion.h>

void words_fini(struct words *words)
{
    for (size_t i = 0; i < WORDS_MOST; i++)
        buffer_fini(&words->items[i]);
    words->count = 0;
}

void words_add(struct words *words, struct slice word)
{
    cr_assert(words->count < WORDS_MOST);
    struct buffer *item = &words->items[words->count++];
    buffer_clear(item);
    buffer_append_slice(item, word);
}

void words_say(struct words *words, const char *word)
{
    words_add(words, slice_from_string(word));
}

void words_begin(struct words *words, const char *name)
{
    words->count = 0;
    words_say(words, name);
}

struct slice words_at(const struct words *words, size_t n)
{
    return n < words->count ? buffer_slice(&words->items[n]) : SLICE("");
}

bool words_is(const struct words *words, size_t n, const char *word)
{
    return n < words->count && slice_equal_fold(words_at(words, n), slice_from_string(word));
}

static void append_head(struct buffer *out, char type, size_t number)
{
    buffer_append_byte(out, type);
    buffer_append_u64(out, number);
    buffer_append_string(out, "\r\n");
}

void words_append(const struct words *words, struct buffer *out)
{
    append_head(out, '*', words->count);
    for (size_t i = 0; i < words->count; i++) {
        append_head(out, '$', words->items[i].len);
        buffer_append_slice(out, buffer_slice(&words->items[i]));
        buffer_append_string(out, "\r\n");
    }
}
