#include "tests/system/children.h"

#include "protocol/quote.h"

/* The child that the key belongs to: up to and with the first delimiter behind the prefix. */
static struct slice child_of(struct slice key, const struct children_query *query)
{
    const char *start = key.data + query->prefix.len;
    size_t rest = key.len - query->prefix.len;
    const char *found = rest == 0 ? NULL : memmem(start, rest, query->delim.data, query->delim.len);
    if (found == NULL)
        return key;
    return slice_of(key.data, (size_t)(found - key.data) + query->delim.len);
}

void children_request(struct buffer *out, const struct children_query *query)
{
    buffer_append_string(out, "LIST ");
    quote_append(out, query->prefix);
    if (!slice_equal(query->delim, SLICE(":"))) {
        buffer_append_string(out, " DELIM ");
        quote_append(out, query->delim);
    }
    if (query->after != NULL) {
        buffer_append_string(out, " AFTER ");
        quote_append(out, *query->after);
    }
    if (query->limit > 0) {
        buffer_append_string(out, " LIMIT ");
        buffer_append_u64(out, query->limit);
    }
    buffer_append_byte(out, '\n');
}

struct slice children_next(const struct model *model, const struct children_query *query,
                           size_t *at, struct slice last)
{
    const struct model_query range = {.within = query->within, .prefix = query->prefix};
    for (; *at < model->count; (*at)++) {
        struct slice key;
        if (!model_sees(&range, buffer_slice(&model->rows[*at].key), &key))
            continue;
        struct slice child = child_of(key, query);
        bool again = last.data != NULL && slice_equal(child, last);
        bool before = query->after != NULL && slice_compare(child, *query->after) <= 0;
        if (!again && !before)
            return child;
    }
    return slice_of(NULL, 0);
}

void children_answer(const struct model *model, const struct children_query *query,
                     struct buffer *out)
{
    uint64_t count = 0;
    size_t at = 0;
    struct slice last = {NULL, 0};
    struct slice child = children_next(model, query, &at, last);
    while (child.data != NULL && (query->limit == 0 || count < query->limit)) {
        quote_append(out, child);
        buffer_append_byte(out, '\n');
        count++;
        last = child;
        child = children_next(model, query, &at, last);
    }
    buffer_append_string(out, "OK ");
    buffer_append_u64(out, count);
    if (child.data != NULL && count > 0) {
        buffer_append_string(out, " MORE ");
        quote_append(out, last);
    }
    buffer_append_byte(out, '\n');
}
