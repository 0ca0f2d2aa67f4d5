#include "tests/system/model.h"

#include <criterion/criterion.h>
#include <stdlib.h>

#include "protocol/quote.h"

void model_fini(struct model *model)
{
    for (size_t i = 0; i < model->count; i++) {
        buffer_fini(&model->rows[i].key);
        buffer_fini(&model->rows[i].value);
    }
    free(model->rows);
    *model = (struct model){0};
}

/* Where the key is, or should be. */
static size_t place_of(const struct model *model, struct slice key)
{
    size_t at = 0;
    while (at < model->count && slice_compare(buffer_slice(&model->rows[at].key), key) < 0)
        at++;
    return at;
}

void model_put(struct model *model, struct slice key, struct slice value)
{
    size_t at = place_of(model, key);
    if (at == model->count || !slice_equal(buffer_slice(&model->rows[at].key), key)) {
        model->rows = realloc(model->rows, (model->count + 1) * sizeof(*model->rows));
        cr_assert(model->rows != NULL);
        memmove(&model->rows[at + 1], &model->rows[at], (model->count - at) * sizeof(*model->rows));
        model->rows[at] = (struct model_row){0};
        buffer_append_slice(&model->rows[at].key, key);
        model->count++;
    }
    buffer_clear(&model->rows[at].value);
    buffer_append_slice(&model->rows[at].value, value);
}

static void append_bound(struct buffer *out, const char *word, struct slice key)
{
    if (word == NULL)
        return;
    buffer_append_byte(out, ' ');
    buffer_append_string(out, word);
    buffer_append_byte(out, ' ');
    quote_append(out, key);
}

void model_request(struct buffer *out, const char *command, const struct model_query *query)
{
    buffer_append_string(out, command);
    buffer_append_byte(out, ' ');
    quote_append(out, query->prefix);
    append_bound(out, query->low_word, query->low);
    append_bound(out, query->high_word, query->high);
    if (query->reverse)
        buffer_append_string(out, " REVERSE");
    if (query->limit > 0) {
        buffer_append_string(out, " LIMIT ");
        buffer_append_u64(out, query->limit);
    }
    if (query->part != NULL) {
        buffer_append_byte(out, ' ');
        buffer_append_string(out, query->part);
    }
    buffer_append_byte(out, '\n');
}

static bool is_in(const struct model_query *query, struct slice key)
{
    if (!slice_has_prefix(key, query->prefix))
        return false;
    if (query->low_word != NULL) {
        int order = slice_compare(key, query->low);
        if (order < 0 || (order == 0 && strcmp(query->low_word, "AFTER") == 0))
            return false;
    }
    if (query->high_word != NULL) {
        int order = slice_compare(key, query->high);
        if (order > 0 || (order == 0 && strcmp(query->high_word, "TO") == 0))
            return false;
    }
    return true;
}

static void append_row(const struct model_row *row, const char *part, struct buffer *out)
{
    bool key = part == NULL || strcmp(part, "KEYS") == 0;
    bool value = part == NULL || strcmp(part, "VALUES") == 0;
    if (key)
        quote_append(out, buffer_slice(&row->key));
    if (key && value)
        buffer_append_byte(out, ' ');
    if (value)
        quote_append(out, buffer_slice(&row->value));
    buffer_append_byte(out, '\n');
}

/* Walks the rows; `rows` tells whether they are part of the reply. */
static void answer(const struct model *model, const struct model_query *query, bool rows,
                   struct buffer *out)
{
    if (query->low_word != NULL && query->high_word != NULL &&
        slice_compare(query->low, query->high) > 0) {
        buffer_append_string(
            out, "ERR BADARG \"the range is empty: its lower bound is above its upper bound\"\n");
        return;
    }
    uint64_t count = 0;
    const struct model_row *last = NULL;
    bool more = false;
    for (size_t i = 0; i < model->count && !more; i++) {
        const struct model_row *row = &model->rows[query->reverse ? model->count - 1 - i : i];
        if (!is_in(query, buffer_slice(&row->key)))
            continue;
        more = query->limit > 0 && count == query->limit;
        if (more)
            break;
        count++;
        last = row;
        if (rows)
            append_row(row, query->part, out);
    }
    buffer_append_string(out, "OK ");
    buffer_append_u64(out, count);
    if (more) {
        buffer_append_string(out, " MORE ");
        quote_append(out, buffer_slice(&last->key));
    }
    buffer_append_byte(out, '\n');
}

void model_scan(const struct model *model, const struct model_query *query, struct buffer *out)
{
    answer(model, query, true, out);
}

void model_count(const struct model *model, const struct model_query *query, struct buffer *out)
{
    answer(model, query, false, out);
}
