#include "store/sequence.h"

#include <criterion/criterion.h>

#include "tests/lib/report.h"

static void expect_pair(uint64_t start, uint64_t number, const char *text)
{
    char printed[SEQUENCE_TEXT];
    struct sequence read = {0};
    struct sequence sequence = {.start = start, .number = number};
    report_equal("printed", sequence_print(sequence, printed), slice_from_string(text));
    cr_assert(sequence_read(slice_from_string(text), &read), "%s", text);
    cr_assert_eq(read.start, start);
    cr_assert_eq(read.number, number);
}

Test(sequence, is_read_as_it_is_printed)
{
    expect_pair(0, 0, "0-0");
    expect_pair(1700000000000, 42, "1700000000000-42");
    expect_pair(UINT64_MAX, UINT64_MAX, "18446744073709551615-18446744073709551615");
}

Test(sequence, of_any_other_form_is_refused)
{
    static const char *const texts[] = {
        "",
        "-",
        "1",
        "1-",
        "-1",
        "1--1",
        "1-2-3",
        "01-2",
        "1-02",
        "+1-2",
        "1-+2",
        " 1-2",
        "1-2 ",
        "1 - 2",
        "a-1",
        "1-a",
        "1-18446744073709551616",
        "18446744073709551616-1",
    };
    struct sequence sequence;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        cr_assert_not(sequence_read(slice_from_string(texts[i]), &sequence), "`%s`", texts[i]);
    cr_assert_not(sequence_read(SLICE("1-2\0"), &sequence));
    cr_assert_not(sequence_read(slice_of(NULL, 0), &sequence));
}
