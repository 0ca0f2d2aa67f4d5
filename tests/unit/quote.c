#include "protocol/quote.h"

#include <criterion/criterion.h>
#include <stdio.h>

#include "protocol/line.h"
#include "tests/lib/chance.h"
#include "tests/lib/report.h"

/* One way of writing bytes, which is also read back. */
struct writing {
    struct slice bytes;
    const char *text;
};

static void expect_writings(const struct writing *writings, size_t count)
{
    struct buffer out = {0};
    for (size_t i = 0; i < count; i++) {
        buffer_clear(&out);
        quote_escape(&out, writings[i].bytes);
        report_equal("escaped", buffer_slice(&out), slice_from_string(writings[i].text));
        buffer_clear(&out);
        cr_assert_eq(quote_unescape(&out, slice_from_string(writings[i].text)), QUOTE_OK);
        report_equal("read back", buffer_slice(&out), writings[i].bytes);
    }
    buffer_fini(&out);
}

#define EXPECT_WRITINGS(...)                                                                       \
    do {                                                                                           \
        static const struct writing writings[] = {__VA_ARGS__};                                    \
        expect_writings(writings, sizeof(writings) / sizeof(writings[0]));                         \
    } while (0)

/* The bytes as a token must come back through a line as they were. */
static void expect_round_trip(struct slice bytes)
{
    struct buffer line = {0};
    struct tokens tokens = {0};
    quote_append(&line, bytes);
    for (size_t i = 0; i < line.len; i++) {
        unsigned char byte = (unsigned char)line.data[i];
        cr_assert(byte >= 0x20 && byte != 0x7f, "%s is no printable line", report_show(bytes));
    }
    cr_assert_eq(line_split(buffer_slice(&line), &tokens), LINE_SPLIT_OK);
    cr_assert_eq(tokens.count, 1);
    report_equal("round trip", tokens.items[0], bytes);
    tokens_fini(&tokens);
    buffer_fini(&line);
}

Test(quote, writes_every_single_byte_as_the_protocol_says)
{
    struct buffer out = {0};
    for (unsigned byte = 0; byte < 256; byte++) {
        char expected[8];
        if (byte == '\n' || byte == '\r' || byte == '\t')
            snprintf(expected, sizeof(expected), "\\%c",
                     byte == '\n'   ? 'n'
                     : byte == '\r' ? 'r'
                                    : 't');
        else if (byte == '"' || byte == '\\')
            snprintf(expected, sizeof(expected), "\\%c", (char)byte);
        else if (byte < 0x20 || byte > 0x7e)
            snprintf(expected, sizeof(expected), "\\x%02X", byte);
        else
            snprintf(expected, sizeof(expected), "%c", (char)byte);
        char one = (char)byte;
        buffer_clear(&out);
        quote_escape(&out, slice_of(&one, 1));
        report_equal("escaped", buffer_slice(&out), slice_from_string(expected));
        expect_round_trip(slice_of(&one, 1));
    }
    buffer_fini(&out);
}

Test(quote, puts_quotes_around_even_nothing)
{
    struct buffer out = {0};
    quote_append(&out, SLICE(""));
    buffer_append_byte(&out, ' ');
    quote_append(&out, SLICE("say \"hi\"\n"));
    report_equal("quoted", buffer_slice(&out), SLICE("\"\" \"say \\\"hi\\\"\\n\""));
    buffer_fini(&out);
}

Test(quote, keeps_valid_utf8_readable)
{
    EXPECT_WRITINGS(
        {SLICE("Grüße"), "Grüße"}, {SLICE("日本語"), "日本語"}, {SLICE("🐇"), "🐇"},
        {SLICE("\xc2\xa0"), "\xc2\xa0"}, {SLICE("\xdf\xbf"), "\xdf\xbf"},
        {SLICE("\xe0\xa0\x80"), "\xe0\xa0\x80"}, {SLICE("\xed\x9f\xbf"), "\xed\x9f\xbf"},
        {SLICE("\xee\x80\x80"), "\xee\x80\x80"}, {SLICE("\xef\xbf\xbf"), "\xef\xbf\xbf"},
        {SLICE("\xf0\x90\x80\x80"), "\xf0\x90\x80\x80"},
        {SLICE("\xf4\x8f\xbf\xbf"), "\xf4\x8f\xbf\xbf"});
}

Test(quote, escapes_overlong_utf8)
{
    EXPECT_WRITINGS({SLICE("\xc0\x80"), "\\xC0\\x80"}, {SLICE("\xc1\xbf"), "\\xC1\\xBF"},
                    {SLICE("\xe0\x80\x80"), "\\xE0\\x80\\x80"},
                    {SLICE("\xe0\x9f\xbf"), "\\xE0\\x9F\\xBF"},
                    {SLICE("\xf0\x80\x80\x80"), "\\xF0\\x80\\x80\\x80"},
                    {SLICE("\xf0\x8f\xbf\xbf"), "\\xF0\\x8F\\xBF\\xBF"});
}

Test(quote, escapes_surrogates_and_what_lies_above_unicode)
{
    EXPECT_WRITINGS({SLICE("\xed\xa0\x80"), "\\xED\\xA0\\x80"},
                    {SLICE("\xed\xbf\xbf"), "\\xED\\xBF\\xBF"},
                    {SLICE("\xf4\x90\x80\x80"), "\\xF4\\x90\\x80\\x80"},
                    {SLICE("\xf5\x80\x80\x80"), "\\xF5\\x80\\x80\\x80"},
                    {SLICE("\xf8\x88\x80\x80\x80"), "\\xF8\\x88\\x80\\x80\\x80"},
                    {SLICE("\xfe"), "\\xFE"}, {SLICE("\xff"), "\\xFF"});
}

Test(quote, escapes_c1_controls_because_terminals_obey_them)
{
    EXPECT_WRITINGS({SLICE("\xc2\x80"), "\\xC2\\x80"}, {SLICE("\xc2\x9b"), "\\xC2\\x9B"},
                    {SLICE("\xc2\x9f"), "\\xC2\\x9F"});
}

Test(quote, escapes_utf8_that_is_cut_off_or_interrupted)
{
    EXPECT_WRITINGS({SLICE("\xc3"), "\\xC3"}, {SLICE("a\xe6\x97"), "a\\xE6\\x97"},
                    {SLICE("\xf0\x9f\x90"), "\\xF0\\x9F\\x90"}, {SLICE("\xc3(x"), "\\xC3(x"},
                    {SLICE("\xe6\xe6\x97\xa5"), "\\xE6\xe6\x97\xa5"}, {SLICE("\xbc"), "\\xBC"},
                    {SLICE("\xc3\xbc\xbc"), "ü\\xBC"},
                    {SLICE("\xf0\x9f\x90\xc3\xbc"), "\\xF0\\x9F\\x90ü"});
}

Test(quote, reads_both_cases_of_hex_and_raw_bytes)
{
    static const struct writing readings[] = {
        {SLICE("\xab\xab\xab"), "\\xab\\xAB\\xaB"},
        {SLICE("\0x"), "\\x00x"},
        {SLICE("\x01\x02"), "\x01\x02"},
        {SLICE("\xff"), "\xff"},
        {SLICE("\\x41"), "\\\\x41"},
        {SLICE("A1"), "\\x411"},
    };
    struct buffer out = {0};
    for (size_t i = 0; i < sizeof(readings) / sizeof(readings[0]); i++) {
        buffer_clear(&out);
        cr_assert_eq(quote_unescape(&out, slice_from_string(readings[i].text)), QUOTE_OK);
        report_equal(readings[i].text, buffer_slice(&out), readings[i].bytes);
    }
    buffer_fini(&out);
}

Test(quote, refuses_what_is_no_escape)
{
    static const char *const texts[] = {
        "\\",    "a\\", "\\q", "\\0", "\\X41",   "\\x",      "\\x4",      "\\xg0",  "\\x0g",
        "\\x 1", "\\N", "\\a", "\\'", "\\u00e4", "ok\\n\\q", "\\x4\\x41", "\\\xff", "\\x\xff",
    };
    struct buffer out = {0};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        cr_assert_eq(quote_unescape(&out, slice_from_string(texts[i])), QUOTE_BAD_ESCAPE, "%s",
                     texts[i]);
    buffer_fini(&out);
}

/* Bytes are looked at many at once: what needs an escape is found wherever it stands. */
Test(quote, escapes_at_every_place_among_plain_bytes)
{
    char bytes[70];
    struct buffer out = {0};
    struct buffer expected = {0};
    for (size_t len = 1; len <= sizeof(bytes); len++)
        for (size_t at = 0; at < len; at++) {
            memset(bytes, 'a', len);
            bytes[at] = '\\';
            buffer_clear(&expected);
            buffer_append_byte(&expected, '"');
            buffer_append(&expected, bytes, at + 1);
            buffer_append(&expected, bytes + at, len - at);
            buffer_append_byte(&expected, '"');
            buffer_clear(&out);
            quote_append(&out, slice_of(bytes, len));
            report_equal("quoted", buffer_slice(&out), buffer_slice(&expected));
        }
    buffer_fini(&expected);
    buffer_fini(&out);
}

Test(quote, brings_random_bytes_back)
{
    struct chance chance = {20};
    char bytes[64];
    for (unsigned round = 0; round < 20000; round++) {
        size_t len = chance_below(&chance, sizeof(bytes) + 1);
        chance_bytes(&chance, bytes, len);
        expect_round_trip(slice_of(bytes, len));
    }
}

/* Bytes drawn from those that UTF-8 cares about meet far more of its edges. */
Test(quote, brings_random_utf8_fragments_back)
{
    static const unsigned char edges[] = {0x00, 0x22, 0x41, 0x5c, 0x7f, 0x80, 0x8f, 0x90,
                                          0x9f, 0xa0, 0xbf, 0xc1, 0xc2, 0xdf, 0xe0, 0xe1,
                                          0xed, 0xef, 0xf0, 0xf1, 0xf4, 0xf5, 0xff};
    struct chance chance = {21};
    char bytes[12];
    for (unsigned round = 0; round < 50000; round++) {
        size_t len = chance_below(&chance, sizeof(bytes) + 1);
        for (size_t i = 0; i < len; i++)
            bytes[i] = (char)edges[chance_below(&chance, sizeof(edges))];
        expect_round_trip(slice_of(bytes, len));
    }
}
