#include "tests/interop/value.h"

#include <stdlib.h>

#include <criterion/criterion.h>

/* The first line with its ending; 0 when it is not whole. */
static size_t line_length(struct slice bytes)
{
    const char *lf = memchr(bytes.data, '\n', bytes.len);
    return lf == NULL ? 0 : (size_t)(lf - bytes.data) + 1;
}

/* How many values stand behind the line of that type, whose number is `count`. */
static size_t parts_of(char type, long long count)
{
    if (count <= 0 || strchr("*~%>", type) == NULL)
        return 0;
    return type == '%' ? 2 * (size_t)count : (size_t)count;
}

size_t value_length(struct slice bytes)
{
    size_t at = 0;
    for (size_t wanted = 1; wanted > 0; wanted--) {
        struct slice rest = slice_of(bytes.data + at, bytes.len - at);
        size_t len = line_length(rest);
        if (len == 0)
            return 0;
        char type = rest.data[0];
        long long number = strtoll(rest.data + 1, NULL, 10); /* a line ending stops it */
        at += len;
        wanted += parts_of(type, number);
        if (strchr("$=!", type) != NULL && number >= 0)
            at += (size_t)number + 2;
        if (at > bytes.len)
            return 0;
    }
    return at;
}

bool value_take(struct slice *rest, struct slice *value)
{
    size_t len = value_length(*rest);
    if (len == 0)
        return false;
    *value = slice_of(rest->data, len);
    *rest = slice_of(rest->data + len, rest->len - len);
    return true;
}

void value_open(struct slice aggregate, struct slice *head, struct slice *parts)
{
    size_t len = line_length(aggregate);
    *head = slice_of(aggregate.data, len);
    *parts = slice_of(aggregate.data + len, aggregate.len - len);
}

static int compare(const void *a, const void *b)
{
    return slice_compare(*(const struct slice *)a, *(const struct slice *)b);
}

void value_append_sorted(struct buffer *out, struct slice value)
{
    struct slice head;
    struct slice rest;
    value_open(value, &head, &rest);
    buffer_append_slice(out, head);
    struct slice *parts = calloc(rest.len / 3 + 1, sizeof(*parts)); /* the shortest has 3 bytes */
    size_t count = 0;
    cr_assert(parts != NULL);
    if (strchr("*~>", value.data[0]) == NULL)
        buffer_append_slice(out, rest);
    else
        while (value_take(&rest, &parts[count]))
            count++;
    qsort(parts, count, sizeof(*parts), compare);
    for (size_t i = 0; i < count; i++)
        buffer_append_slice(out, parts[i]);
    free(parts);
}
