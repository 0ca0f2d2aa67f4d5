#include "tests/interop/contents.h"

#include <criterion/criterion.h>

#include "tests/interop/value.h"
#include "tests/lib/report.h"

/* The bytes of a bulk string. */
static struct slice text_of(struct slice bulk)
{
    struct slice head;
    struct slice rest;
    value_open(bulk, &head, &rest);
    cr_assert(bulk.data[0] == '$' && rest.len >= 2, "%s is no string", report_show(bulk));
    return slice_of(rest.data, rest.len - 2);
}

static struct slice ask(struct wire *wire, const struct words *words)
{
    struct buffer request = {0};
    words_append(words, &request);
    wire_send(wire, buffer_slice(&request));
    buffer_fini(&request);
    return wire_measured(wire, value_length);
}

/* Asks for one page, appends its keys and takes its cursor along; false behind the last page. */
static bool take_page(struct wire *wire, struct words *scan, struct buffer *keys)
{
    struct slice head;
    struct slice parts;
    struct slice cursor;
    struct slice page = ask(wire, scan);
    cr_assert(slice_has_prefix(page, SLICE("*2\r\n$")), "SCAN was answered %s", report_show(page));
    value_open(page, &head, &parts);
    cr_assert(value_take(&parts, &cursor));
    value_open(parts, &head, &parts);
    buffer_append_slice(keys, parts);
    buffer_clear(&scan->items[1]);
    buffer_append_slice(&scan->items[1], text_of(cursor));
    return !words_is(scan, 1, "0");
}

static void put_word(struct words *words, size_t n, const char *word)
{
    buffer_clear(&words->items[n]);
    buffer_append_string(&words->items[n], word);
}

size_t contents_scan(struct wire *wire, struct words *scan, struct buffer *keys)
{
    struct buffer all = {0};
    struct buffer sorted = {0};
    struct slice head;
    struct slice rest;
    struct slice key;
    struct slice last = {0};
    size_t repeated = 0;
    put_word(scan, 0, "SCAN");
    put_word(scan, 1, "0");
    buffer_append_string(&all, "*\r\n");
    while (take_page(wire, scan, &all))
        ;
    value_append_sorted(&sorted, buffer_slice(&all));
    value_open(buffer_slice(&sorted), &head, &rest);
    for (; value_take(&rest, &key); last = key) {
        bool again = slice_equal(key, last);
        repeated += again;
        if (!again)
            buffer_append_slice(keys, key);
    }
    buffer_fini(&all);
    buffer_fini(&sorted);
    return repeated;
}

void contents_get(struct wire *wire, struct slice keys, struct buffer *values)
{
    static struct words words;
    for (struct slice key; value_take(&keys, &key);) {
        words_begin(&words, "GET");
        words_add(&words, text_of(key));
        buffer_append_slice(values, ask(wire, &words));
    }
}
