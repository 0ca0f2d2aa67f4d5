#include "protocol/number.h"

#include <criterion/criterion.h>

static void expect_number(const char *text, uint64_t most, uint64_t expected)
{
    uint64_t number = 99;
    cr_assert(number_read(slice_from_string(text), most, &number), "%s", text);
    cr_assert_eq(number, expected, "%s", text);
}

static void expect_none(struct slice text, uint64_t most)
{
    uint64_t number = 99;
    cr_assert_not(number_read(text, most, &number), "%.*s", (int)text.len, text.data);
    cr_assert_eq(number, 99, "untouched");
}

Test(number, is_read_in_decimal)
{
    expect_number("0", 10, 0);
    expect_number("0", 0, 0);
    expect_number("7", 7, 7);
    expect_number("10", 10, 10);
    expect_number("0000000000000000000000000000010", 10, 10);
    expect_number("9223372036854775807", INT64_MAX, INT64_MAX);
    expect_number("18446744073709551615", UINT64_MAX, UINT64_MAX);
}

Test(number, above_the_most_is_refused_and_never_wraps)
{
    expect_none(SLICE("1"), 0);
    expect_none(SLICE("11"), 10);
    expect_none(SLICE("20"), 19);
    expect_none(SLICE("9223372036854775808"), INT64_MAX);
    expect_none(SLICE("18446744073709551616"), UINT64_MAX);
    expect_none(SLICE("184467440737095516150"), UINT64_MAX);
    expect_none(SLICE("99999999999999999999999999999999999999"), UINT64_MAX);
}

Test(number, takes_digits_only)
{
    static const struct slice texts[] = {
        SLICE(""),     SLICE("-1"),    SLICE("+1"),  SLICE(" 1"),   SLICE("1 "), SLICE("1\n"),
        SLICE("0x10"), SLICE("1e3"),   SLICE("1.0"), SLICE("1\0"),  SLICE("a"),  SLICE("/"),
        SLICE(":"),    SLICE("1,000"), SLICE("-"),   SLICE("\xb2"),
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        expect_none(texts[i], UINT64_MAX);
}

static void expect_signed(const char *text, int64_t expected)
{
    int64_t number = 0;
    cr_assert(number_read_signed(slice_from_string(text), &number), "%s", text);
    cr_assert_eq(number, expected, "%s", text);
}

Test(number, of_either_sign_reaches_both_ends_of_64_bits)
{
    expect_signed("0", 0);
    expect_signed("-0", 0);
    expect_signed("-1", -1);
    expect_signed("9223372036854775807", INT64_MAX);
    expect_signed("-9223372036854775807", -INT64_MAX);
    expect_signed("-9223372036854775808", INT64_MIN);
}

Test(number, beyond_64_bits_or_oddly_signed_is_refused)
{
    static const char *const texts[] = {
        "9223372036854775808", "-9223372036854775809", "", "-", "--1", "+1", "- 1", "-1 ", "1-"};
    int64_t number = 5;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        cr_assert_not(number_read_signed(slice_from_string(texts[i]), &number), "%s", texts[i]);
    cr_assert_eq(number, 5);
}

/* A number in its only spelling: what Redis takes for one. */
Test(number, canonical_has_one_spelling)
{
    static const char *const wrong[] = {"",   "-",   "-0", "00", "01",
                                        "+1", "-01", " 1", "1 ", "9223372036854775808"};
    int64_t number = 5;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        cr_assert_not(number_read_canonical(slice_from_string(wrong[i]), &number), "%s", wrong[i]);
    cr_assert_eq(number, 5);
    cr_assert(number_read_canonical(SLICE("0"), &number) && number == 0);
    cr_assert(number_read_canonical(SLICE("-10"), &number) && number == -10);
    cr_assert(number_read_canonical(SLICE("-9223372036854775808"), &number));
    cr_assert_eq(number, INT64_MIN);
}
