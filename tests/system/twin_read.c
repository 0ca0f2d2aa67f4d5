/* The reads of a twin, and what else takes a range. */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "protocol/number.h"
#include "protocol/quote.h"
#include "tests/system/children.h"
#include "tests/system/twin_call.h"

/* Words -------------------------------------------------------------------- */

/* The words by what they decide: of each kind a request has one at most. */
enum kind { LOW, HIGH, REVERSE, LIMIT, BYTES, PART, DELIM, AT, VERIFY, NOCACHE, DRYRUN, KINDS };

enum commands { GET = 1, SCAN = 2, COUNT = 4, LIST = 8, DELPREFIX = 16, COMPACT = 32 };

#define RANGES (SCAN | COUNT | DELPREFIX | COMPACT)

static const struct word {
    const char *text;
    enum kind kind;
    bool takes; /* something behind it */
    unsigned commands;
} table[] = {
    {"FROM", LOW, true, RANGES},
    {"AFTER", LOW, true, RANGES | LIST},
    {"TO", HIGH, true, RANGES},
    {"THROUGH", HIGH, true, RANGES},
    {"REVERSE", REVERSE, false, SCAN | COUNT},
    {"LIMIT", LIMIT, true, SCAN | COUNT | LIST},
    {"BYTES", BYTES, true, SCAN},
    {"KEYS", PART, false, SCAN},
    {"VALUES", PART, false, SCAN},
    {"DELIM", DELIM, true, LIST},
    {"AT", AT, true, GET | SCAN | COUNT | LIST},
    {"VERIFY", VERIFY, false, GET | SCAN | COUNT},
    {"NOCACHE", NOCACHE, false, GET | SCAN | COUNT},
    {"DRYRUN", DRYRUN, false, DELPREFIX},
};

struct words {
    const struct word *word[KINDS]; /* the word of each kind, or NULL */
    struct slice value[KINDS];
    uint64_t number[KINDS];
};

static const struct word *find(struct slice text, unsigned command)
{
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
        if ((table[i].commands & command) != 0 &&
            slice_equal_fold(text, slice_from_string(table[i].text)))
            return &table[i];
    return NULL;
}

/* Whether what stands behind the word is of its kind. */
static bool fits(struct words *words, enum kind kind)
{
    struct slice value = words->value[kind];
    uint64_t *number = &words->number[kind];
    if (kind == LIMIT || kind == BYTES)
        return number_read(value, INT64_MAX, number) && *number > 0;
    if (kind == AT)
        return slice_equal_fold(value, SLICE("NOW")) || number_read(value, UINT64_MAX, number);
    return kind != DELIM || value.len > 0;
}

/* Reads the arguments behind the first; false when they are wrong. */
static bool read_words(const struct twin_call *call, unsigned command, struct words *words)
{
    *words = (struct words){0};
    for (size_t at = 1; at < twin_arguments(call); at++) {
        const struct word *word = find(twin_argument(call, at), command);
        if (word == NULL || words->word[word->kind] != NULL)
            return false;
        words->word[word->kind] = word;
        if (!word->takes)
            continue;
        if (++at == twin_arguments(call))
            return false;
        words->value[word->kind] = twin_argument(call, at);
        if (!fits(words, word->kind))
            return false;
    }
    return words->word[LOW] == NULL || words->word[HIGH] == NULL ||
           slice_compare(words->value[LOW], words->value[HIGH]) <= 0;
}

static const char *text_of(const struct words *words, enum kind kind)
{
    return words->word[kind] == NULL ? NULL : words->word[kind]->text;
}

/* The model to read: as it is now, or as the snapshot saw it. NULL, with the error said, when
 * there is no such snapshot. */
static const struct model *model_at(struct twin_call *call, struct slice at)
{
    if (at.data == NULL || slice_equal_fold(at, SLICE("NOW")))
        return &call->twin->model;
    for (size_t i = 0; i < TWIN_SNAPSHOTS; i++) {
        const struct twin_snapshot *snapshot = &call->twin->snapshots[i];
        if (snapshot->open && slice_equal(buffer_slice(&snapshot->id), at))
            return &snapshot->model;
    }
    twin_error(call, "SNAPSHOT");
    return NULL;
}

/* Reads the words and finds what to read; NULL when that is an error, which was said. */
static const struct model *begin(struct twin_call *call, unsigned command, struct words *words)
{
    if (read_words(call, command, words))
        return model_at(call, words->value[AT]);
    twin_error(call, "BADARG");
    return NULL;
}

/* Keys --------------------------------------------------------------------- */

void twin_get(struct twin_call *call)
{
    struct words words;
    const struct model *model = begin(call, GET, &words);
    if (model == NULL)
        return;
    const struct model_row *row = model_find(model, twin_key(call, twin_argument(call, 0)));
    if (row == NULL)
        buffer_append_string(call->out, "NOT_FOUND\n");
    else
        twin_value(call, buffer_slice(&row->value));
}

/* Whether the last two of at least three arguments are `AT digits` or `AT NOW`. */
static bool ends_with_view(const struct twin_call *call)
{
    size_t count = twin_arguments(call);
    uint64_t number = 0;
    if (count < 3 || !slice_equal_fold(twin_argument(call, count - 2), SLICE("AT")))
        return false;
    struct slice last = twin_argument(call, count - 1);
    return slice_equal_fold(last, SLICE("NOW")) || number_read(last, UINT64_MAX, &number);
}

void twin_mget(struct twin_call *call)
{
    size_t count = twin_arguments(call);
    struct slice at = {0};
    uint64_t found = 0;
    if (ends_with_view(call)) {
        at = twin_argument(call, count - 1);
        count -= 2;
    }
    const struct model *model = model_at(call, at);
    for (size_t i = 0; model != NULL && i < count; i++) {
        struct slice key = twin_argument(call, i);
        const struct model_row *row = model_find(model, twin_key(call, key));
        quote_append(call->out, key);
        if (row != NULL) {
            buffer_append_byte(call->out, ' ');
            quote_append(call->out, buffer_slice(&row->value));
            found++;
        }
        buffer_append_byte(call->out, '\n');
    }
    if (model != NULL)
        twin_count(call, found);
}

void twin_exists(struct twin_call *call)
{
    uint64_t found = 0;
    for (size_t i = 0; i < twin_arguments(call); i++)
        found += model_find(&call->twin->model, twin_key(call, twin_argument(call, i))) != NULL;
    twin_count(call, found);
}

/* Ranges ------------------------------------------------------------------- */

static struct model_query query_of(const struct twin_call *call, const struct words *words)
{
    return (struct model_query){
        .within = buffer_slice(&call->session->within),
        .prefix = twin_argument(call, 0),
        .low_word = text_of(words, LOW),
        .low = words->value[LOW],
        .high_word = text_of(words, HIGH),
        .high = words->value[HIGH],
        .reverse = words->word[REVERSE] != NULL,
        .limit = words->number[LIMIT],
        .bytes = words->number[BYTES],
        .part = text_of(words, PART),
    };
}

void twin_scan(struct twin_call *call)
{
    struct words words;
    const struct model *model = begin(call, SCAN, &words);
    if (model == NULL)
        return;
    struct model_query query = query_of(call, &words);
    model_scan(model, &query, call->out);
}

void twin_count_rows(struct twin_call *call)
{
    struct words words;
    const struct model *model = begin(call, COUNT, &words);
    if (model == NULL)
        return;
    struct model_query query = query_of(call, &words);
    model_count(model, &query, call->out);
}

void twin_list(struct twin_call *call)
{
    struct words words;
    const struct model *model = begin(call, LIST, &words);
    if (model == NULL)
        return;
    struct children_query query = {
        .within = buffer_slice(&call->session->within),
        .prefix = twin_argument(call, 0),
        .delim = words.word[DELIM] == NULL ? SLICE(":") : words.value[DELIM],
        .after = words.word[LOW] == NULL ? NULL : &words.value[LOW],
        .limit = words.number[LIMIT],
    };
    children_answer(model, &query, call->out);
}

void twin_delprefix(struct twin_call *call)
{
    struct words words;
    struct model *model = &call->twin->model;
    struct slice key;
    uint64_t count = 0;
    if (call->session->batch) {
        twin_error(call, "BATCH");
        return;
    }
    if (begin(call, DELPREFIX, &words) == NULL)
        return;
    struct model_query query = query_of(call, &words);
    for (size_t i = model->count; i > 0; i--) {
        struct slice stored = buffer_slice(&model->rows[i - 1].key);
        if (!model_sees(&query, stored, &key))
            continue;
        count++;
        if (words.word[DRYRUN] == NULL)
            model_delete(model, stored);
    }
    twin_count(call, count);
}

void twin_compact(struct twin_call *call)
{
    struct words words;
    if (twin_arguments(call) == 0 || begin(call, COMPACT, &words) != NULL)
        twin_ok(call);
}
