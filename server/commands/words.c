#include "commands/words.h"

#include "commands/confine.h"
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

static bool take_amount(struct reader *reader, struct slice word, uint64_t *amount)
{
    struct slice text = {0};
    if (*amount != WORDS_NO_LIMIT)
        return fail(reader, "comes twice", word);
    if (!take(reader, word, &text))
        return false;
    return (number_read(text, INT64_MAX, amount) && *amount > 0) ||
           fail(reader, "takes a whole number from 1 to 9223372036854775807", word);
}

static bool read_limit(struct reader *reader, struct slice word)
{
    return take_amount(reader, word, &reader->words->limit);
}

static bool read_bytes(struct reader *reader, struct slice word)
{
    return take_amount(reader, word, &reader->words->bytes);
}

static bool read_at(struct reader *reader, struct slice word)
{
    struct words *words = reader->words;
    if (!take(reader, word, &words->at))
        return false;
    return words_moment(reader->call, words->at, &words->view.snapshot) ||
           fail(reader, "takes the number of a snapshot, or NOW", word);
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

static bool read_verify(struct reader *reader, struct slice word)
{
    return set_flag(reader, word, &reader->words->view.verify);
}

static bool read_nocache(struct reader *reader, struct slice word)
{
    return set_flag(reader, word, &reader->words->view.no_cache);
}

static bool read_dry_run(struct reader *reader, struct slice word)
{
    return set_flag(reader, word, &reader->words->dry_run);
}

static const struct word word_table[] = {
    {"FROM", WORDS_BOUNDS, read_from},
    {"AFTER", WORDS_BOUNDS | WORDS_CHILDREN, read_after},
    {"TO", WORDS_BOUNDS, read_to},
    {"THROUGH", WORDS_BOUNDS, read_through},
    {"REVERSE", WORDS_REVERSE, read_reverse},
    {"LIMIT", WORDS_LIMIT, read_limit},
    {"KEYS", WORDS_PARTS, read_keys},
    {"VALUES", WORDS_PARTS, read_values},
    {"DELIM", WORDS_CHILDREN, read_delim},
    {"BYTES", WORDS_BYTES, read_bytes},
    {"AT", WORDS_VIEW, read_at},
    {"VERIFY", WORDS_CARE, read_verify},
    {"NOCACHE", WORDS_CARE, read_nocache},
    {"DRYRUN", WORDS_DRYRUN, read_dry_run},
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
    const struct command *command = call->found.own;
    const char *head = call_name_head(call);
    reply_error(&call->reply, STATUS_BADARG, "%.*s is no word of %s%s; usage: %s%s %s",
                call_shown(text), text.data, head, command->name, head, command->name,
                command->usage);
    return false;
}

bool words_read(struct call *call, unsigned allowed, struct words *words)
{
    *words = (struct words){.limit = WORDS_NO_LIMIT, .bytes = WORDS_NO_LIMIT};
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
    if (confine_range(call->user, prefix, range)) {
        bool low = words->from.data == NULL || range_raise(range, words->from, words->after);
        bool high = words->to.data == NULL || range_lower(range, words->to, words->through);
        if (low && high)
            return true;
        range_fini(range);
    }
    call_no_memory(call);
    return false;
}

static bool is_digits(struct slice text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.data[i] < '0' || text.data[i] > '9')
            return false;
    return text.len > 0;
}

/* Numbers are easily guessed. A number comes only once, so what is found stays true. */
static bool may_use(const struct call *call, uint64_t id)
{
    return call->user->role == ROLE_ADMIN ||
           store_snapshot_is_of(call->service->store, id, slice_from_string(call->user->name));
}

bool words_snapshot(const struct call *call, struct slice text, uint64_t *id)
{
    if (!is_digits(text))
        return false;
    if (!number_read(text, UINT64_MAX, id) || *id == 0 || !may_use(call, *id))
        *id = UINT64_MAX;
    return true;
}

bool words_moment(const struct call *call, struct slice text, uint64_t *id)
{
    *id = 0;
    return slice_equal_fold(text, SLICE("NOW")) || words_snapshot(call, text, id);
}
