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
    size_t low = 0;
    size_t high = model->count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (slice_compare(buffer_slice(&model->rows[middle].key), key) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool is_at(const struct model *model, size_t at, struct slice key)
{
    return at < model->count && slice_equal(buffer_slice(&model->rows[at].key), key);
}

void model_put(struct model *model, struct slice key, struct slice value)
{
    size_t at = place_of(model, key);
    if (!is_at(model, at, key)) {
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

bool model_delete(struct model *model, struct slice key)
{
    size_t at = place_of(model, key);
    if (!is_at(model, at, key))
        return false;
    buffer_fini(&model->rows[at].key);
    buffer_fini(&model->rows[at].value);
    model->count--;
    memmove(&model->rows[at], &model->rows[at + 1], (model->count - at) * sizeof(*model->rows));
    return true;
}

const struct model_row *model_find(const struct model *model, struct slice key)
{
    size_t at = place_of(model, key);
    return is_at(model, at, key) ? &model->rows[at] : NULL;
}

void model_copy(struct model *to, const struct model *from)
{
    to->count = from->count;
    to->rows = calloc(from->count + 1, sizeof(*to->rows));
    cr_assert(to->rows != NULL);
    for (size_t i = 0; i < from->count; i++) {
        buffer_append_slice(&to->rows[i].key, buffer_slice(&from->rows[i].key));
        buffer_append_slice(&to->rows[i].value, buffer_slice(&from->rows[i].value));
    }
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

bool model_sees(const struct model_query *query, struct slice stored, struct slice *key)
{
    if (!slice_has_prefix(stored, query->within))
        return false;
    /* The empty key still has data: no data means no key. */
    *key = slice_of(stored.len == 0 ? "" : stored.data + query->within.len,
                    stored.len - query->within.len);
    if (!slice_has_prefix(*key, query->prefix))
        return false;
    if (query->low_word != NULL) {
        int order = slice_compare(*key, query->low);
        if (order < 0 || (order == 0 && strcmp(query->low_word, "AFTER") == 0))
            return false;
    }
    if (query->high_word != NULL) {
        int order = slice_compare(*key, query->high);
        if (order > 0 || (order == 0 && strcmp(query->high_word, "TO") == 0))
            return false;
    }
    return true;
}

/* What a walk over the rows has come to. */
struct walk {
    const struct model_query *query;
    struct buffer *rows; /* where the rows go; NULL: they are only counted */
    uint64_t count;
    uint64_t bytes;
    struct slice last;
};

static bool is_full(const struct walk *walk)
{
    const struct model_query *query = walk->query;
    return (query->limit > 0 && walk->count >= query->limit) ||
           (query->bytes > 0 && walk->bytes >= query->bytes);
}

static void take_row(struct walk *walk, struct slice key, struct slice value)
{
    const char *part = walk->query->part;
    bool keys = part == NULL || strcmp(part, "KEYS") == 0;
    bool values = part == NULL || strcmp(part, "VALUES") == 0;
    walk->count++;
    walk->last = key;
    walk->bytes += (keys ? key.len : 0) + (values ? value.len : 0);
    if (walk->rows == NULL)
        return;
    if (keys)
        quote_append(walk->rows, key);
    if (keys && values)
        buffer_append_byte(walk->rows, ' ');
    if (values)
        quote_append(walk->rows, value);
    buffer_append_byte(walk->rows, '\n');
}

/* True when there were more rows than the walk might take. */
static bool take_rows(struct walk *walk, const struct model *model)
{
    for (size_t i = 0; i < model->count; i++) {
        size_t at = walk->query->reverse ? model->count - 1 - i : i;
        const struct model_row *row = &model->rows[at];
        struct slice key;
        if (!model_sees(walk->query, buffer_slice(&row->key), &key))
            continue;
        if (is_full(walk))
            return true;
        take_row(walk, key, buffer_slice(&row->value));
    }
    return false;
}

/* The reply, with the rows or only with their number. */
static void answer(const struct model *model, const struct model_query *query, bool rows,
                   struct buffer *out)
{
    if (query->low_word != NULL && query->high_word != NULL &&
        slice_compare(query->low, query->high) > 0) {
        buffer_append_string(
            out, "ERR BADARG \"the range is empty: its lower bound is above its upper bound\"\n");
        return;
    }
    struct walk walk = {.query = query, .rows = rows ? out : NULL};
    bool more = take_rows(&walk, model);
    buffer_append_string(out, "OK ");
    buffer_append_u64(out, walk.count);
    if (more) {
        buffer_append_string(out, " MORE ");
        quote_append(out, walk.last);
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
