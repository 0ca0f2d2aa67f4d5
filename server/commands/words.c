#include "commands/words.h"

#include "protocol/command.h"
#include "protocol/number.h"

struct reader {
    struct call *call;
    struct words *words;
    size_t at; /* the argument to read next */
};

/* Reads what follows one word; false with the error replied. */
typedef bool word_fn(struct reader *reader, struct slice word);

struct word {
    const char *name;
    unsigned sets; /* enum word_set */
    word_fn *read;
};

static bool fail(struct reader *reader, const char *what, struct slice word)
{
    reply_error(&reader->call->reply, STATUS_BADARG, "%.*s %s", call_shown(word), word.data, what);
    return false;
}

/* The argument behind a word, which is no key. */
static bool take(struct reader *reader, struct slice word, struct slice *value)
{
    if (value->data != NULL)
        return fail(reader, "comes after another word of its kind", word);
    if (reader->at == call_argument_count(reader->call))
        return fail(reader, "needs something behind it", word);
    *value = call_argument(reader->call, reader->at++);
    return true;
}

static bool take_key(struct reader *reader, struct slice word, struct slice *key)
{
    if (!take(reader, word, key))
        return false;
    *key = scope_key(reader->call, *key);
    return true;
}

static bool read_from(struct reader *reader, struct slice word)
{
    return take_key(reader, word, &reader->words->from);
}

static bool read_after(struct reader *reader, struct slice word)
{
    reader->words->after = true;
    return take_key(reader, word, &reader->words->from);
}

static bool read_to(struct reader *reader, struct slice word)
{
    return take_key(reader, word, &reader->words->to);
}

static bool read_through(struct reader *reader, struct slice word)
{
    reader->words->through = true;
    return take_key(reader, word, &reader->words->to);
}

static bool read_delim(struct reader *reader, struct slice word)
{
    if (!take(reader, word, &reader->words->delim))
        return false;
    return reader->words->delim.len > 0 || fail(reader, "cannot be empty", word);
}

static bool read_limit(struct reader *reader, struct slice word)
{
    struct slice text = {0};
    if (reader->words->limit != WORDS_NO_LIMIT)
        return fail(reader, "comes twice", word);
    if (!take(reader, word, &text))
        return false;
    if (number_read(text, INT64_MAX, &reader->words->limit) && reader->words->limit > 0)
        return true;
    reply_error(&reader->call->reply, STATUS_BADARG, "LIMIT takes a whole number from 1 to %lld",
                (long long)INT64_MAX);
    return false;
}

static bool set_flag(struct reader *reader, struct slice word, bool *flag)
{
    if (*flag)
        return fail(reader, "comes twice", word);
    *flag = true;
    if (reader->words->keys && reader->words->values)
        return fail(reader, "comes after another word of its kind", word);
    return true;
}

static bool read_reverse(struct reader *reader, struct slice word)
{
    return set_flag(reader, word, &reader->words->reverse);
}

static bool read_keys(struct reader *reader, struct slice word)
{
    return set_flag(reader, word, &reader->words->keys);
}

static bool read_values(struct reader *reader, struct slice word)
{
    return set_flag(reader, word, &reader->words->values);
}

static const struct word word_table[] = {
    {"FROM", WORDS_BOUNDS, read_from},       {"AFTER", WORDS_BOUNDS | WORDS_CHILDREN, read_after},
    {"TO", WORDS_BOUNDS, read_to},           {"THROUGH", WORDS_BOUNDS, read_through},
    {"REVERSE", WORDS_BOUNDS, read_reverse}, {"LIMIT", WORDS_LIMIT, read_limit},
    {"KEYS", WORDS_PARTS, read_keys},        {"VALUES", WORDS_PARTS, read_values},
    {"DELIM", WORDS_CHILDREN, read_delim},
};

static const struct word *find(struct slice text, unsigned allowed)
{
    for (size_t i = 0; i < sizeof(word_table) / sizeof(word_table[0]); i++)
        if ((word_table[i].sets & allowed) != 0 &&
            slice_equal_fold(text, slice_from_string(word_table[i].name)))
            return &word_table[i];
    return NULL;
}

static bool unknown(struct call *call, struct slice text)
{
    const struct command *command = command_find(call->argv->items[0]);
    reply_error(&call->reply, STATUS_BADARG, "%.*s is no word of %s; usage: %s %s",
                call_shown(text), text.data, command->name, command->name, command->usage);
    return false;
}

bool words_read(struct call *call, unsigned allowed, struct words *words)
{
    *words = (struct words){.limit = WORDS_NO_LIMIT};
    struct reader reader = {.call = call, .words = words, .at = 1};
    while (reader.at < call_argument_count(call)) {
        struct slice text = call_argument(call, reader.at++);
        const struct word *word = find(text, allowed);
        if (word == NULL)
            return unknown(call, text);
        if (!word->read(&reader, text))
            return false;
    }
    if (words->from.data != NULL && words->to.data != NULL &&
        slice_compare(words->from, words->to) > 0) {
        reply_error(&call->reply, STATUS_BADARG,
                    "the range is empty: its lower bound is above its upper bound");
        return false;
    }
    return true;
}

bool words_range(struct call *call, struct slice prefix, const struct words *words,
                 struct range *range)
{
    if (range_init(range, prefix)) {
        bool low = words->from.data == NULL || range_raise(range, words->from, words->after);
        bool high = words->to.data == NULL || range_lower(range, words->to, words->through);
        if (low && high)
            return true;
        range_fini(range);
    }
    call_no_memory(call);
    return false;
}
