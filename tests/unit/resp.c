#include "protocol/resp.h"

#include <criterion/criterion.h>
#include <stdio.h>

#include "protocol/limits.h"
#include "tests/lib/report.h"
#include "tests/unit/cuts.h"
#include "tests/unit/decoders.h"

static void expect(struct slice input, const char *expected)
{
    cuts_expect(&decoders_resp, input, expected);
}

/* What is said of each was asked of Redis 7.0.15. */
#define BAD_COUNT "Protocol error: invalid multibulk length\n"
#define BAD_LENGTH "Protocol error: invalid bulk length\n"

Test(resp, is_an_array_of_bulk_strings)
{
    expect(SLICE("*1\r\n$4\r\nPING\r\n"), "\"PING\"\n");
    expect(SLICE("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$3\r\na b\r\n"), "\"SET\" \"k\" \"a b\"\n");
    expect(SLICE("*2\r\n$4\r\nECHO\r\n$10\r\n\0\xff\r\n*1\r\n$1\r\n"),
           "\"ECHO\" \"\\x00\\xFF\\r\\n*1\\r\\n$1\"\n");
}

Test(resp, may_hold_empty_strings)
{
    expect(SLICE("*1\r\n$0\r\n\r\n"), "\"\"\n");
    expect(SLICE("*2\r\n$0\r\n\r\n$1\r\na\r\n"), "\"\" \"a\"\n");
}

/* Short lengths are read another way than long ones, and the wire does not show it. */
Test(resp, may_hold_strings_of_any_number_of_digits)
{
    static const size_t lengths[] = {9, 10, 99, 100, 999, 1000, 9999, 10000};
    struct buffer input = {0};
    struct buffer said = {0};
    for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
        buffer_clear(&input);
        buffer_append_string(&input, "*2\r\n$4\r\nECHO\r\n$");
        buffer_append_u64(&input, lengths[i]);
        buffer_append_string(&input, "\r\n");
        buffer_clear(&said);
        buffer_append_string(&said, "\"ECHO\" \"");
        for (size_t n = 0; n < lengths[i]; n++) {
            buffer_append_byte(&input, (char)('a' + n % 26));
            buffer_append_byte(&said, (char)('a' + n % 26));
        }
        buffer_append_string(&input, "\r\n");
        buffer_append(&said, "\"\n", 3);
        expect(buffer_slice(&input), said.data);
    }
    buffer_fini(&input);
    buffer_fini(&said);
}

Test(resp, comes_in_pipelines)
{
    expect(SLICE("*1\r\n$4\r\nPING\r\n*2\r\n$3\r\nGET\r\n$1\r\na\r\n*1\r\n$4\r\nPING\r\n"),
           "\"PING\"\n\"GET\" \"a\"\n\"PING\"\n");
}

Test(resp, without_its_end_is_not_run)
{
    expect(SLICE("*"), "");
    expect(SLICE("*1"), "");
    expect(SLICE("*1\r"), "");
    expect(SLICE("*1\r\n"), "");
    expect(SLICE("*1\r\n$4\r\nPING"), "");
    expect(SLICE("*1\r\n$4\r\nPING\r"), "");
    expect(SLICE("*2\r\n$4\r\nECHO\r\n$16777216\r\nabc"), "");
}

Test(resp, of_nothing_or_less_is_passed_over)
{
    expect(SLICE("*0\r\n"), "nothing\n");
    expect(SLICE("*-1\r\n*-10\r\n*-9223372036854775808\r\n*1\r\n$4\r\nPING\r\n"),
           "nothing\nnothing\nnothing\n\"PING\"\n");
}

Test(resp, has_a_count_in_its_only_spelling)
{
    static const char *const counts[] = {"",
                                         "a",
                                         "+1",
                                         "01",
                                         "-0",
                                         "00",
                                         " 1",
                                         "1 ",
                                         "--1",
                                         "-",
                                         "1.0",
                                         "0x1",
                                         "1\n",
                                         "3000000000",
                                         "2147483648",
                                         "9223372036854775807",
                                         "9223372036854775808",
                                         "-9223372036854775809",
                                         "18446744073709551617"};
    for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
        char input[64];
        snprintf(input, sizeof(input), "*%s\r\n", counts[i]);
        expect(slice_from_string(input), BAD_COUNT);
        snprintf(input, sizeof(input), "*1\r\n$%s\r\n", counts[i]);
        expect(slice_from_string(input), BAD_LENGTH);
    }
}

Test(resp, has_lengths_that_are_not_negative)
{
    expect(SLICE("*1\r\n$-1\r\n"), BAD_LENGTH);
    expect(SLICE("*1\r\n$-10\r\n"), BAD_LENGTH);
    expect(SLICE("*2\r\n$3\r\nGET\r\n$-1\r\n"), BAD_LENGTH);
}

Test(resp, of_anything_but_bulk_strings_is_refused)
{
    expect(SLICE("*1\r\nfoo\r\n"), "Protocol error: expected '$', got 'f'\n");
    expect(SLICE("*1\r\n*1\r\n$4\r\nPING\r\n"), "Protocol error: expected '$', got '*'\n");
    expect(SLICE("*1\r\n:4\r\n"), "Protocol error: expected '$', got ':'\n");
    expect(SLICE("*1\r\n+PING\r\n"), "Protocol error: expected '$', got '+'\n");
    expect(SLICE("*2\r\n$4\r\nECHO\r\nhello\r\n"), "Protocol error: expected '$', got 'h'\n");
    expect(SLICE("*1\r\n\r\n"), "Protocol error: expected '$', got '\r'\n");
}

/* As in Redis: the CR ends a line, and what stands in place of the others is not looked at. */
Test(resp, takes_any_byte_for_an_lf_and_any_two_for_the_end_of_a_string)
{
    expect(SLICE("*1\rx$4\rxPINGxx*1\r\n$4\r\nPING\r\n"), "\"PING\"\n\"PING\"\n");
    expect(SLICE("*1\r\n$4\r\nPING*1*1\r\n$4\r\nPING\r\n"), "\"PING\"\n\"PING\"\n");
}

Test(resp, needs_a_cr)
{
    expect(SLICE("*1\n$4\nPING\n"), "");
    expect(SLICE("*1\n$4\nPING\n\r\n"), BAD_COUNT);
    expect(SLICE("*1\r\n$4\nPING\r\n"), BAD_LENGTH);
}

Test(resp, with_a_nul_in_a_length_is_refused)
{
    expect(SLICE("*1\0\r\n"), BAD_COUNT);
    expect(SLICE("*1\r\n$4\0\r\n"), BAD_LENGTH);
    expect(SLICE("*1\r\n\0\r\n"), "Protocol error: expected '$', got '\n");
}

/* A start, so many digits, a CR and an LF: what is said of it, in whatever pieces it comes. */
static void expect_long(const char *start, size_t digits, const char *expected)
{
    static const size_t pieces[] = {1000, 65536, 1000000};
    struct buffer input = {0};
    buffer_append_string(&input, start);
    for (size_t i = 0; i < digits; i++)
        buffer_append_byte(&input, '1');
    buffer_append_string(&input, "\r\n");
    for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
        struct buffer said = {0};
        void *state = decoders_resp.open();
        bool more = true;
        for (size_t seen = 0; more && seen < input.len;) {
            size_t used = 0;
            seen = seen + pieces[i] < input.len ? seen + pieces[i] : input.len;
            more = decoders_resp.arrive(state, slice_of(input.data, seen), &said, &used);
        }
        report_equal(start, buffer_slice(&said), slice_from_string(expected));
        decoders_resp.close(state);
        buffer_fini(&said);
    }
    buffer_fini(&input);
}

Test(resp, has_lines_of_at_most_64_kib)
{
    expect_long("*", 65534, BAD_COUNT);
    expect_long("*", 65536, "Protocol error: too big mbulk count string\n");
    expect_long("*", 70000, "Protocol error: too big mbulk count string\n");
    expect_long("*1\r\n$", 65534, BAD_LENGTH);
    expect_long("*1\r\n$", 65536, "Protocol error: too big bulk count string\n");
    expect_long("*1\r\nx", 70000, "Protocol error: too big bulk count string\n");
}

Test(resp, declares_at_most_as_much_as_the_server_takes)
{
    expect(SLICE("*1048576\r\n"), "");
    expect(SLICE("*1048577\r\n"), BAD_COUNT);
    expect(SLICE("*1\r\n$16777216\r\n"), "");
    expect(SLICE("*1\r\n$16777217\r\n"), BAD_LENGTH);
}

/* As many words as there may be, in pieces of one word each. */
Test(resp, of_many_words_is_looked_at_once_while_it_comes)
{
    struct buffer input = {0};
    struct buffer said = {0};
    size_t used = 0;
    struct decoders_resp_state *decoding = decoders_resp.open();
    buffer_append_string(&input, "*1048576\r\n");
    for (size_t i = 0; i < LIMIT_WORDS; i++) {
        cr_assert(decoders_resp.arrive(decoding, buffer_slice(&input), &said, &used) && used == 0);
        cr_assert_eq(decoding->argv.count, 0);
        cr_assert_eq(decoding->decoder.at, input.len);
        cr_assert_eq(decoding->decoder.left, LIMIT_WORDS - i);
        buffer_append_string(&input, "$1\r\na\r\n");
    }
    cr_assert(decoders_resp.arrive(decoding, buffer_slice(&input), &said, &used));
    cr_assert_eq(used, input.len);
    cr_assert_eq(decoding->argv.count, LIMIT_WORDS);
    decoders_resp.close(decoding);
    buffer_fini(&input);
    buffer_fini(&said);
}

/* A request that waits for its turn is decoded again, and so is one that cannot be. */
Test(resp, may_be_decoded_again)
{
    static const struct slice inputs[] = {{"*1\r\n$4\r\nPING\r\n", 14}, {"*1\r\n$4x\r\n", 9}};
    for (size_t i = 0; i < 2; i++) {
        struct resp_decoder again = {0};
        struct tokens argv = {0};
        char problem[RESP_PROBLEM];
        size_t used = 0;
        cr_assert_eq(resp_decode(&again, slice_of(inputs[i].data, 6), &argv, problem, &used),
                     RESP_MORE);
        enum resp_result first = resp_decode(&again, inputs[i], &argv, problem, &used);
        cr_assert_eq(first, i == 0 ? RESP_READY : RESP_LOST);
        cr_assert_eq(resp_decode(&again, inputs[i], &argv, problem, &used), first);
        cr_assert_eq(used, i == 0 ? inputs[i].len : 0);
        tokens_fini(&argv);
    }
}

Test(resp, is_not_collected_without_end)
{
    struct buffer input = {0};
    struct buffer said = {0};
    size_t used = 0;
    void *state = decoders_resp.open();
    buffer_append_string(&input, "*1048576\r\n");
    while (input.len <= LIMIT_LINE) {
        buffer_append_string(&input, "$16777216\r\n");
        cr_assert(buffer_reserve(&input, LIMIT_VALUE + 2));
        memset(input.data + input.len, 'v', LIMIT_VALUE + 2);
        input.len += LIMIT_VALUE + 2;
    }
    cr_assert_not(decoders_resp.arrive(state, buffer_slice(&input), &said, &used));
    report_equal("said", buffer_slice(&said), SLICE("Protocol error: too big request\n"));
    decoders_resp.close(state);
    buffer_fini(&input);
    buffer_fini(&said);
}
