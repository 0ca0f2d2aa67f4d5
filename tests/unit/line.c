#include "protocol/line.h"

#include <criterion/criterion.h>
#include <stdlib.h>

#include "protocol/limits.h"
#include "protocol/quote.h"
#include "tests/lib/report.h"

/* The tokens of a line, each quoted, with spaces between; or why there are none. */
static void expect_split(struct slice line, const char *expected)
{
    struct buffer said = {0};
    struct tokens tokens = {0};
    enum line_split result = line_split(line, &tokens);
    if (result != LINE_SPLIT_OK)
        buffer_append_string(&said, line_split_text(result));
    for (size_t i = 0; result == LINE_SPLIT_OK && i < tokens.count; i++) {
        if (i > 0)
            buffer_append_byte(&said, ' ');
        quote_append(&said, tokens.items[i]);
    }
    report_equal(report_show(line), buffer_slice(&said), slice_from_string(expected));
    tokens_fini(&tokens);
    buffer_fini(&said);
}

Test(line, splits_bare_words_at_spaces)
{
    expect_split(SLICE(""), "");
    expect_split(SLICE("   "), "");
    expect_split(SLICE("GET a"), "\"GET\" \"a\"");
    expect_split(SLICE("  GET   a  "), "\"GET\" \"a\"");
    expect_split(SLICE("a\tb c\rd"), "\"a\\tb\" \"c\\rd\"");
    expect_split(SLICE("\xff\xfe \x01"), "\"\\xFF\\xFE\" \"\\x01\"");
}

Test(line, takes_quotes_and_backslashes_inside_a_bare_word_for_themselves)
{
    expect_split(SLICE("it's a\"b c\\n"), "\"it's\" \"a\\\"b\" \"c\\\\n\"");
}

Test(line, decodes_double_quotes)
{
    expect_split(SLICE("\"\""), "\"\"");
    expect_split(SLICE("\"a b\" \"c\""), "\"a b\" \"c\"");
    expect_split(SLICE("\"\\n\\r\\t\\\\\\\"\\x00\\xfF\""), "\"\\n\\r\\t\\\\\\\"\\x00\\xFF\"");
    expect_split(SLICE("\"it's\""), "\"it's\"");
    expect_split(SLICE("\"\\\\\""), "\"\\\\\"");
    expect_split(SLICE("x \"\" y"), "\"x\" \"\" \"y\"");
}

Test(line, takes_single_quotes_literally)
{
    expect_split(SLICE("''"), "\"\"");
    expect_split(SLICE("'a b' '\\n' '\"'"), "\"a b\" \"\\\\n\" \"\\\"\"");
}

Test(line, keeps_earlier_tokens_while_later_ones_are_decoded)
{
    expect_split(SLICE("\"\\x41\" \"\\x42\" c \"\\x43\\x44\" 'e'"),
                 "\"A\" \"B\" \"c\" \"CD\" \"e\"");
}

Test(line, ends_double_quotes_at_the_first_quote_that_is_not_escaped)
{
    expect_split(SLICE("\"a\\\"b\" \"c\""), "\"a\\\"b\" \"c\"");
    expect_split(SLICE("\"\\\"\\\"\" x"), "\"\\\"\\\"\" \"x\"");
    expect_split(SLICE("\"a\\\\\" \"b\""), "\"a\\\\\" \"b\"");
    expect_split(SLICE("\"a\\\\\\\"b\" 'c'"), "\"a\\\\\\\"b\" \"c\"");
    expect_split(SLICE("\"\\n\" \"\\\"\\n\""), "\"\\n\" \"\\\"\\n\"");
}

Test(line, names_what_is_wrong)
{
    const char *open = "a quote is not closed";
    const char *after = "a closing quote is followed by a space or the end of the line";
    const char *escape = "a bad escape; these are known: \\n \\r \\t \\\\ \\\" \\xHH";
    const char *nul = "a NUL byte in the line; write it as \\x00 inside double quotes";
    expect_split(SLICE("\""), open);
    expect_split(SLICE("'"), open);
    expect_split(SLICE("a \"b"), open);
    expect_split(SLICE("a 'b\""), open);
    expect_split(SLICE("\"a\\\""), open);
    expect_split(SLICE("\"a\\"), open);
    expect_split(SLICE("\"a\\\\\\\""), open);
    expect_split(SLICE("\"a\\\"b\\"), open);
    expect_split(SLICE("\"a\"b"), after);
    expect_split(SLICE("'a''b'"), after);
    expect_split(SLICE("\"a\"\tb"), after);
    expect_split(SLICE("\"\\q\""), escape);
    expect_split(SLICE("\"\\x4\""), escape);
    expect_split(SLICE("\"\\'\""), escape);
    expect_split(SLICE("a\0b"), nul);
    expect_split(SLICE("'\0'"), nul);
    expect_split(SLICE("\0"), nul);
}

Test(line, holds_as_many_tokens_as_the_limit_and_no_more)
{
    struct buffer line = {0};
    struct tokens tokens = {0};
    for (size_t i = 0; i < LIMIT_TOKENS; i++)
        buffer_append_string(&line, "a ");
    cr_assert_eq(line_split(buffer_slice(&line), &tokens), LINE_SPLIT_OK);
    cr_assert_eq(tokens.count, LIMIT_TOKENS);
    buffer_append_string(&line, "a");
    cr_assert_eq(line_split(buffer_slice(&line), &tokens), LINE_SPLIT_TOO_MANY);
    tokens_fini(&tokens);
    buffer_fini(&line);
}

Test(line, is_found_with_either_ending)
{
    struct line_finder finder = {0};
    struct slice line;
    bool crlf = false;
    size_t used = 0;
    cr_assert_eq(line_find(&finder, SLICE("ab\ncd"), 10, &line, &crlf, &used), LINE_FOUND);
    report_equal("line", line, SLICE("ab"));
    cr_assert(!crlf && used == 3);
    cr_assert_eq(line_find(&finder, SLICE("ab\r\r\ncd"), 10, &line, &crlf, &used), LINE_FOUND);
    report_equal("line", line, SLICE("ab\r"));
    cr_assert(crlf && used == 5);
    cr_assert_eq(line_find(&finder, SLICE("\n"), 10, &line, &crlf, &used), LINE_FOUND);
    cr_assert(!crlf && line.len == 0 && used == 1);
}

Test(line, remembers_how_far_it_searched)
{
    struct line_finder finder = {0};
    struct slice line;
    bool crlf = false;
    size_t used = 0;
    cr_assert_eq(line_find(&finder, SLICE("abc"), 10, &line, &crlf, &used), LINE_MORE);
    cr_assert_eq(finder.searched, 3);
    cr_assert_eq(line_find(&finder, SLICE("abcd\r"), 10, &line, &crlf, &used), LINE_MORE);
    cr_assert_eq(line_find(&finder, SLICE("abcd\r\nx"), 10, &line, &crlf, &used), LINE_FOUND);
    report_equal("line", line, SLICE("abcd"));
    cr_assert(crlf && used == 6);
    cr_assert_eq(finder.searched, 0, "ready for the next line");
}

Test(line, is_bounded_without_its_ending)
{
    static const struct {
        struct slice input;
        enum line_found found;
    } cases[] = {
        {SLICE("abcd\n"), LINE_FOUND},     {SLICE("abcd\r\n"), LINE_FOUND},
        {SLICE("abcde\n"), LINE_TOO_LONG}, {SLICE("abcde\r\n"), LINE_TOO_LONG},
        {SLICE("abcd"), LINE_MORE},        {SLICE("abcd\r"), LINE_MORE},
        {SLICE("abcdef"), LINE_TOO_LONG},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct line_finder finder = {0};
        struct slice line;
        bool crlf = false;
        size_t used = 0;
        cr_assert_eq(line_find(&finder, cases[i].input, 4, &line, &crlf, &used), cases[i].found,
                     "%s", report_show(cases[i].input));
    }
}
