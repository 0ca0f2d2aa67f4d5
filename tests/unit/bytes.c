#include "protocol/bytes.h"

#include <criterion/criterion.h>
#include <stdio.h>

#include "tests/lib/report.h"

static int sign(int number)
{
    return (number > 0) - (number < 0);
}

Test(slice, orders_bytes_as_unsigned_and_the_shorter_first)
{
    static const struct {
        struct slice low;
        struct slice high;
    } cases[] = {
        {SLICE(""), SLICE("\0")},    {SLICE(""), SLICE("a")},      {SLICE("a"), SLICE("b")},
        {SLICE("a"), SLICE("a\0")},  {SLICE("a\0"), SLICE("a\1")}, {SLICE("\x7f"), SLICE("\x80")},
        {SLICE("z"), SLICE("\xff")}, {SLICE("ab"), SLICE("b")},    {SLICE("\xff"), SLICE("\xff\0")},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        cr_assert_eq(sign(slice_compare(cases[i].low, cases[i].high)), -1, "case %zu", i);
        cr_assert_eq(sign(slice_compare(cases[i].high, cases[i].low)), 1, "case %zu", i);
        cr_assert_eq(slice_compare(cases[i].low, cases[i].low), 0, "case %zu", i);
        cr_assert_not(slice_equal(cases[i].low, cases[i].high), "case %zu", i);
        cr_assert(slice_equal(cases[i].high, cases[i].high), "case %zu", i);
    }
}

Test(slice, that_is_absent_compares_as_empty)
{
    struct slice none = {NULL, 0};
    cr_assert_eq(slice_compare(none, SLICE("")), 0);
    cr_assert(slice_equal(none, SLICE("")));
    cr_assert(slice_equal_fold(none, none));
    cr_assert(slice_has_prefix(none, none));
    cr_assert(slice_has_prefix(SLICE("a"), none));
}

Test(slice, folds_ascii_letters_and_nothing_else)
{
    cr_assert(slice_equal_fold(SLICE("Get"), SLICE("gET")));
    cr_assert(slice_equal_fold(SLICE("az_AZ09"), SLICE("AZ_az09")));
    cr_assert_not(slice_equal_fold(SLICE("GET"), SLICE("GETS")));
    cr_assert_not(slice_equal_fold(SLICE("@"), SLICE("`")), "differ by the case bit only");
    cr_assert_not(slice_equal_fold(SLICE("["), SLICE("{")), "differ by the case bit only");
    cr_assert_not(slice_equal_fold(SLICE("\xc4"), SLICE("\xe4")), "letters of Latin-1 are bytes");
}

Test(slice, knows_its_prefixes)
{
    cr_assert(slice_has_prefix(SLICE("abc"), SLICE("")));
    cr_assert(slice_has_prefix(SLICE("abc"), SLICE("abc")));
    cr_assert(slice_has_prefix(SLICE("a\0c"), SLICE("a\0")));
    cr_assert_not(slice_has_prefix(SLICE("abc"), SLICE("abcd")));
    cr_assert_not(slice_has_prefix(SLICE("abc"), SLICE("b")));
}

Test(buffer, keeps_what_was_appended_in_order)
{
    struct buffer buffer = {0};
    buffer_append_string(&buffer, "one ");
    buffer_append_slice(&buffer, SLICE("two\0"));
    buffer_append_byte(&buffer, ' ');
    buffer_append(&buffer, "three", 5);
    buffer_append_slice(&buffer, (struct slice){NULL, 0});
    report_equal("buffer", buffer_slice(&buffer), SLICE("one two\0 three"));
    buffer_fini(&buffer);
    cr_assert(buffer.data == NULL && buffer.len == 0 && buffer.cap == 0);
}

Test(buffer, writes_numbers_in_decimal)
{
    struct buffer buffer = {0};
    buffer_append_u64(&buffer, 0);
    buffer_append_byte(&buffer, ' ');
    buffer_append_u64(&buffer, 1020);
    buffer_append_byte(&buffer, ' ');
    buffer_append_u64(&buffer, UINT64_MAX);
    report_equal("buffer", buffer_slice(&buffer), SLICE("0 1020 18446744073709551615"));
    buffer_fini(&buffer);
}

Test(buffer, writes_as_many_digits_as_a_number_has)
{
    struct buffer buffer = {0};
    char expected[32];
    for (uint64_t power = 1; power <= UINT64_MAX / 10; power *= 10)
        for (uint64_t number = power - 1; number <= power + 1; number++) {
            buffer_clear(&buffer);
            buffer_append_u64(&buffer, number);
            snprintf(expected, sizeof(expected), "%llu", (unsigned long long)number);
            report_equal("number", buffer_slice(&buffer), slice_from_string(expected));
        }
    buffer_fini(&buffer);
}

Test(buffer, grows_over_many_small_appends)
{
    struct buffer buffer = {0};
    for (unsigned i = 0; i < 100000; i++)
        buffer_append_byte(&buffer, (char)(i % 251));
    cr_assert_eq(buffer.len, 100000);
    for (unsigned i = 0; i < 100000; i++)
        cr_assert_eq(buffer.data[i], (char)(i % 251));
    buffer_fini(&buffer);
}

Test(buffer, consumes_from_the_start)
{
    struct buffer buffer = {0};
    buffer_append_string(&buffer, "abcdef");
    buffer_consume(&buffer, 0);
    buffer_consume(&buffer, 2);
    report_equal("rest", buffer_slice(&buffer), SLICE("cdef"));
    buffer_consume(&buffer, 4);
    cr_assert_eq(buffer.len, 0);
    buffer_append_string(&buffer, "again");
    report_equal("rest", buffer_slice(&buffer), SLICE("again"));
    buffer_fini(&buffer);
}

Test(buffer, that_has_no_memory_keeps_what_it_held_and_stays_failed)
{
    struct buffer buffer = {0};
    buffer_append_string(&buffer, "kept");
    cr_assert_not(buffer_reserve(&buffer, SIZE_MAX - 2));
    cr_assert(buffer.failed);
    buffer_append_string(&buffer, " lost");
    buffer_append_u64(&buffer, 1);
    buffer_append_byte(&buffer, '!');
    report_equal("buffer", buffer_slice(&buffer), SLICE("kept"));
    cr_assert(buffer.failed);
    buffer_clear(&buffer);
    cr_assert_not(buffer.failed);
    buffer_append_string(&buffer, "well again");
    report_equal("buffer", buffer_slice(&buffer), SLICE("well again"));
    buffer_fini(&buffer);
}

Test(buffer, cleared_keeps_its_memory)
{
    struct buffer buffer = {0};
    cr_assert(buffer_reserve(&buffer, 5000));
    char *before = buffer.data;
    buffer_append_string(&buffer, "text");
    buffer_clear(&buffer);
    cr_assert_eq(buffer.len, 0);
    cr_assert(buffer_reserve(&buffer, 5000));
    cr_assert_eq(buffer.data, before);
    buffer_fini(&buffer);
}
