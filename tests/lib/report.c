#include "tests/lib/report.h"

#include <criterion/criterion.h>

#include "protocol/quote.h"

/* Bytes shown of each side, before escapes. */
#define SHOWN 400

const char *report_show(struct slice bytes)
{
    static struct buffer ring[4];
    static unsigned next;
    struct buffer *text = &ring[next++ % 4];
    buffer_clear(text);
    quote_append(text, slice_of(bytes.data, bytes.len < SHOWN ? bytes.len : SHOWN));
    if (bytes.len > SHOWN)
        buffer_append_string(text, "...");
    buffer_append_byte(text, '\0');
    return text->data;
}

/* Where to start showing: a little before the place where they part. */
static size_t parting(struct slice a, struct slice b)
{
    size_t at = 0;
    while (at < a.len && at < b.len && a.data[at] == b.data[at])
        at++;
    return at < 60 ? 0 : at - 60;
}

static struct slice from(struct slice bytes, size_t at)
{
    return slice_of(bytes.data + at, bytes.len - at);
}

void report_equal(const char *what, struct slice got, struct slice expected)
{
    if (slice_equal(got, expected))
        return;
    size_t at = parting(got, expected);
    cr_assert_fail("%s: from byte %zu, expected (%zu bytes) %s and got (%zu bytes) %s", what, at,
                   expected.len, report_show(from(expected, at)), got.len,
                   report_show(from(got, at)));
}
