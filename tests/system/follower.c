#include "tests/system/follower.h"

#include <criterion/criterion.h>

#include "protocol/number.h"
#include "tests/lib/report.h"

/* Known from the first row on; each test is a process of its own. */
static struct buffer start;

void follower_start_forgetful(struct daemon *daemon)
{
    daemon_start(daemon, "--feed-history", "64K", "--sync", "never", "--write-buffer", "1M",
                 "--cache", "0", "--workers", "2", NULL);
}

static void append_with_start(struct buffer *out, const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text == '@')
            buffer_append_slice(out, buffer_slice(&start));
        else
            buffer_append_byte(out, *text);
    }
}

void follower_expect(struct wire *wire, const char *text)
{
    struct buffer expected = {0};
    append_with_start(&expected, text);
    wire_expect_bytes(wire, buffer_slice(&expected));
    buffer_fini(&expected);
}

void follower_say(struct wire *wire, const char *text)
{
    struct buffer request = {0};
    append_with_start(&request, text);
    wire_send(wire, buffer_slice(&request));
    buffer_fini(&request);
}

uint64_t follower_number(struct slice line)
{
    uint64_t number = 0;
    const char *dash = memrchr(line.data, '-', line.len);
    const char *quote = dash == NULL ? NULL : memrchr(line.data, '"', (size_t)(dash - line.data));
    cr_assert(quote != NULL, "no sequence ends %s", report_show(line));
    struct slice named = slice_of(quote + 1, (size_t)(dash - quote) - 1);
    if (start.len == 0)
        buffer_append_slice(&start, named);
    report_equal("the start", buffer_slice(&start), named);
    struct slice digits = slice_of(dash + 1, line.len - (size_t)(dash + 1 - line.data));
    cr_assert(digits.len > 2 &&
                  number_read(slice_of(digits.data, digits.len - 2), UINT64_MAX, &number),
              "no sequence ends %s", report_show(line));
    return number;
}

struct wire *follower_open(const struct daemon *daemon, const char *request, uint64_t *from)
{
    struct wire *wire = daemon_connect(daemon);
    follower_say(wire, request);
    struct slice line = wire_line(wire);
    cr_assert(slice_has_prefix(line, SLICE("\"SEQ\" \"")), "%s", report_show(line));
    uint64_t number = follower_number(line);
    if (from != NULL)
        *from = number;
    return wire;
}
