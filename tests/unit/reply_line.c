#include <criterion/criterion.h>

#include "protocol/reply.h"
#include "tests/lib/report.h"

/* Says one of each thing that a handler can say. */
static void say_all(struct reply *reply)
{
    reply_row(reply, SLICE("key"), SLICE("a value"));
    reply_row(reply, SLICE(""), SLICE(""));
    reply_row(reply, SLICE("key"), REPLY_NONE);
    reply_row(reply, REPLY_NONE, SLICE("value"));
    reply_row(reply, SLICE("\"\\\n\r\t\0\x1b\xff"), SLICE("Grüße"));
    reply_change(reply, REPLY_PUT, SLICE("a \"key\""), SLICE("value"), SLICE("12-3"));
    reply_change(reply, REPLY_PUT, SLICE(""), SLICE(""), SLICE("12-3"));
    reply_change(reply, REPLY_DEL, SLICE("key"), REPLY_NONE, SLICE("12-4"));
    reply_change(reply, REPLY_SEQUENCE, REPLY_NONE, REPLY_NONE, SLICE("12-4"));
    reply_remark(reply, SLICE("a remark \"as it is\""));
    reply_ok(reply);
    reply_value(reply, SLICE("v"));
    reply_value(reply, SLICE(""));
    reply_not_found(reply);
    reply_conflict(reply, SLICE("a \"key\""));
    reply_count(reply, 0);
    reply_count(reply, UINT64_MAX);
    reply_count_more(reply, 2, SLICE("last key"));
    reply_count_more(reply, 1, SLICE(""));
    reply_error(reply, STATUS_ARGS, "usage: %s key", "GET");
    reply_error(reply, STATUS_BADARG, "a \"quote\"\nand a new line");
    reply_error_more(reply, STATUS_TIMEOUT, SLICE("k"), "the reader stalled");
    reply_error_from(reply, STATUS_TIMEOUT, SLICE("12-4"), "the reader stalled");
    reply_error_more(reply, STATUS_TIMEOUT, REPLY_NONE, "the reader stalled");
}

static const char *const lines[] = {
    "\"key\" \"a value\"",
    "\"\" \"\"",
    "\"key\"",
    "\"value\"",
    "\"\\\"\\\\\\n\\r\\t\\x00\\x1B\\xFF\" \"Grüße\"",
    "\"PUT\" \"a \\\"key\\\"\" \"value\" \"12-3\"",
    "\"PUT\" \"\" \"\" \"12-3\"",
    "\"DEL\" \"key\" \"12-4\"",
    "\"SEQ\" \"12-4\"",
    "# a remark \"as it is\"",
    "OK",
    "OK \"v\"",
    "OK \"\"",
    "NOT_FOUND",
    "CONFLICT \"a \\\"key\\\"\"",
    "OK 0",
    "OK 18446744073709551615",
    "OK 2 MORE \"last key\"",
    "OK 1 MORE \"\"",
    "ERR ARGS \"usage: GET key\"",
    "ERR BADARG \"a \\\"quote\\\"\\nand a new line\"",
    "ERR TIMEOUT \"the reader stalled\" MORE \"k\"",
    "ERR TIMEOUT \"the reader stalled\" MORE \"12-4\"",
    "ERR TIMEOUT \"the reader stalled\"",
};

static void expect_lines(bool crlf)
{
    struct buffer out = {0};
    struct buffer expected = {0};
    struct reply reply = {.face = &reply_line, .out = &out, .crlf = crlf};
    say_all(&reply);
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        buffer_append_string(&expected, lines[i]);
        buffer_append_string(&expected, crlf ? "\r\n" : "\n");
    }
    report_equal("replies", buffer_slice(&out), buffer_slice(&expected));
    buffer_fini(&out);
    buffer_fini(&expected);
}

Test(reply_line, writes_lines_that_end_with_lf)
{
    expect_lines(false);
}

Test(reply_line, writes_lines_that_end_with_crlf)
{
    expect_lines(true);
}

Test(reply_line, cuts_an_error_that_is_too_long)
{
    char text[2 * REPLY_ERROR_TEXT];
    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    struct buffer out = {0};
    struct reply reply = {.face = &reply_line, .out = &out, .crlf = false};
    reply_error(&reply, STATUS_IO, "%s", text);
    cr_assert(out.len < REPLY_ERROR_TEXT + 16);
    cr_assert(slice_has_prefix(buffer_slice(&out), SLICE("ERR IO \"xxxx")));
    report_equal("the end", slice_of(out.data + out.len - 4, 4), SLICE("xx\"\n"));
    buffer_fini(&out);
}

Test(reply_line, that_finds_no_memory_shows_in_the_buffer)
{
    struct buffer out = {0};
    struct reply reply = {.face = &reply_line, .out = &out, .crlf = false};
    reply_ok(&reply);
    out.failed = true;
    reply_ok(&reply);
    reply_row(&reply, SLICE("k"), SLICE("v"));
    report_equal("replies", buffer_slice(&out), SLICE("OK\n"));
    cr_assert(out.failed);
    buffer_fini(&out);
}

Test(reply_line, leaves_the_start_of_keys_out_and_of_nothing_else)
{
    struct buffer out = {0};
    struct reply reply = {.face = &reply_line, .out = &out, .strip = 4};
    reply_row(&reply, SLICE("app:k"), SLICE("app:v"));
    reply_change(&reply, REPLY_PUT, SLICE("app:k"), SLICE("app:v"), SLICE("12-3"));
    reply_change(&reply, REPLY_DEL, SLICE("app:"), REPLY_NONE, SLICE("12-4"));
    reply_change(&reply, REPLY_SEQUENCE, REPLY_NONE, REPLY_NONE, SLICE("1-4"));
    reply_error_more(&reply, STATUS_TIMEOUT, SLICE("app:k"), "stalled");
    reply_error_from(&reply, STATUS_TIMEOUT, SLICE("1-4"), "stalled");
    report_equal("replies", buffer_slice(&out),
                 SLICE("\"k\" \"app:v\"\n\"PUT\" \"k\" \"app:v\" \"12-3\"\n\"DEL\" \"\" \"12-4\"\n"
                       "\"SEQ\" \"1-4\"\nERR TIMEOUT \"stalled\" MORE \"k\"\n"
                       "ERR TIMEOUT \"stalled\" MORE \"1-4\"\n"));
    buffer_fini(&out);
}
