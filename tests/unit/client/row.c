#include "client/cli/row.h"

#include <criterion/criterion.h>
#include <stdlib.h>

#include "protocol/limits.h"
#include "tests/lib/report.h"

static void expect_row(const char *line, struct slice key, struct slice value)
{
    struct row row = {0};
    const char *problem = NULL;
    cr_assert_eq(row_read(&row, slice_from_string(line), &problem), ROW_OK, "%s: %s", line,
                 problem);
    report_equal("key", row.key, key);
    report_equal("value", row.value, value);
    row_fini(&row);
}

static void expect_result(struct slice line, enum row_result expected)
{
    struct row row = {0};
    const char *problem = NULL;
    cr_assert_eq(row_read(&row, line, &problem), expected, "%s", report_show(line));
    cr_assert_eq(problem != NULL, expected == ROW_BAD);
    row_fini(&row);
}

Test(row, a_line_with_a_tab_is_a_pair)
{
    expect_row("key\tvalue", SLICE("key"), SLICE("value"));
    expect_row("\t", SLICE(""), SLICE(""));
    expect_row("# no remark\tx", SLICE("# no remark"), SLICE("x"));
    expect_row("PUT a\tb", SLICE("PUT a"), SLICE("b"));
    expect_row("a \"b\tc\" ", SLICE("a \"b"), SLICE("c\" "));
}

Test(row, a_pair_undoes_the_escapes_that_a_scan_prints)
{
    expect_row("a\\tb\\x00\t\\n\\r\\\\\\\"\\xff", SLICE("a\tb\0"), SLICE("\n\r\\\"\xff"));
    expect_row("\\x41\tplain", SLICE("A"), SLICE("plain"));
    expect_row("plain\t\\x41", SLICE("plain"), SLICE("A"));
}

Test(row, a_put_is_a_row_under_all_its_names)
{
    expect_row("PUT a b", SLICE("a"), SLICE("b"));
    expect_row("set \"a b\" 'c\\d'", SLICE("a b"), SLICE("c\\d"));
    expect_row(" Put \"\\t\" \"\"", SLICE("\t"), SLICE(""));
}

Test(row, empty_lines_and_remarks_are_no_rows)
{
    expect_result(SLICE(""), ROW_NONE);
    expect_result(SLICE("   "), ROW_NONE);
    expect_result(SLICE("# PUT a b"), ROW_NONE);
}

Test(row, anything_else_is_bad)
{
    static const char *const lines[] = {"a",         "GET a b", "PUT a",   "PUT a b c", "MPUT a b",
                                        "PUT \"a b", "a\tb\tc", "a\\q\tb", "a\tb\\x1"};
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
        expect_result(slice_from_string(lines[i]), ROW_BAD);
    expect_result(SLICE("PUT a \0"), ROW_BAD);
}

Test(row, what_the_server_would_refuse_for_its_size_is_bad)
{
    char *line = malloc(LIMIT_KEY + 3);
    cr_assert_not_null(line);
    memset(line, 'k', LIMIT_KEY + 1);
    memcpy(line + LIMIT_KEY, "\tv", 2);
    expect_result(slice_of(line, LIMIT_KEY + 2), ROW_OK);
    memcpy(line + LIMIT_KEY, "k\tv", 3);
    expect_result(slice_of(line, LIMIT_KEY + 3), ROW_BAD);
    free(line);
}
