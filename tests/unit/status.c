#include "protocol/status.h"

#include <criterion/criterion.h>

#include "tests/lib/report.h"
#include "tests/lib/specification.h"
#include "tests/lib/text.h"

/* The first that travels as `ERR word "message"`. */
#define FIRST_ERROR STATUS_SYNTAX

Test(status, words_are_found_again)
{
    for (unsigned i = 0; i < STATUS_COUNT; i++) {
        struct slice word = slice_from_string(status_word((enum status)i));
        cr_assert_eq(status_from_word(word), (enum status)i, "%s", word.data);
        cr_assert(strlen(status_meaning((enum status)i)) > 0);
    }
}

Test(status, words_that_are_none_are_not_found)
{
    cr_assert_eq(status_from_word(SLICE("")), STATUS_COUNT);
    cr_assert_eq(status_from_word(SLICE("ok")), STATUS_COUNT);
    cr_assert_eq(status_from_word(SLICE("OKAY")), STATUS_COUNT);
    cr_assert_eq(status_from_word(SLICE("O")), STATUS_COUNT);
    cr_assert_eq(status_from_word(SLICE("OK\0")), STATUS_COUNT);
}

Test(status, words_are_capitals_and_underscores)
{
    for (unsigned i = 0; i < STATUS_COUNT; i++) {
        const char *word = status_word((enum status)i);
        cr_assert_eq(strspn(word, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_"), strlen(word), "%s", word);
    }
}

/* The codes of the table in the section on errors, in order, each with an LF behind it. */
static struct buffer documented_codes(struct slice text)
{
    struct buffer codes = {0};
    struct slice line;
    bool inside = false;
    while (text_line(&text, &line)) {
        if (slice_has_prefix(line, SLICE("## ")))
            inside = slice_equal(line, SLICE("## Errors"));
        if (!inside || !text_skip(&line, SLICE("| `")))
            continue;
        const char *end = memchr(line.data, '`', line.len);
        cr_assert(end != NULL);
        buffer_append(&codes, line.data, (size_t)(end - line.data));
        buffer_append_byte(&codes, '\n');
    }
    return codes;
}

Test(status, errors_are_those_of_the_specification_in_its_order)
{
    struct buffer text = specification_read();
    struct buffer documented = documented_codes(buffer_slice(&text));
    struct buffer coded = {0};
    for (unsigned i = FIRST_ERROR; i < STATUS_COUNT; i++) {
        buffer_append_string(&coded, status_word((enum status)i));
        buffer_append_byte(&coded, '\n');
    }
    report_equal("codes in PROTOCOL.md", buffer_slice(&documented), buffer_slice(&coded));
    buffer_fini(&text);
    buffer_fini(&documented);
    buffer_fini(&coded);
}
