#include "client/cli/json.h"

#include <criterion/criterion.h>

#include "tests/lib/report.h"

static void expect_field(struct slice bytes, const char *expected)
{
    struct buffer out = {0};
    json_field(&out, "k", bytes);
    report_equal("field", buffer_slice(&out), slice_from_string(expected));
    buffer_fini(&out);
}

Test(json, text_is_a_string)
{
    expect_field(SLICE(""), "\"k\":\"\"");
    expect_field(SLICE("a b/c"), "\"k\":\"a b/c\"");
    expect_field(SLICE("Gr\xc3\xbc\xc3\x9f"
                       "e \xf0\x9f\x90\x87"),
                 "\"k\":\"Gr\xc3\xbc\xc3\x9f"
                 "e \xf0\x9f\x90\x87\"");
}

Test(json, control_characters_and_quotes_are_escaped)
{
    expect_field(SLICE("\"\\\n\r\t\b\x1f\x7f"), "\"k\":\"\\\"\\\\\\n\\r\\t\\u0008\\u001f\\u007f\"");
    expect_field(SLICE("a\0b"), "\"k\":\"a\\u0000b\"");
}

Test(json, what_is_no_utf8_is_base64_with_padding)
{
    expect_field(SLICE("\xff"), "\"k_base64\":\"/w==\"");
    expect_field(SLICE("a\xff"), "\"k_base64\":\"Yf8=\"");
    expect_field(SLICE("ab\xff"), "\"k_base64\":\"YWL/\"");
    expect_field(SLICE("\xfb\xff\xfe\x00"), "\"k_base64\":\"+//+AA==\"");
}

Test(json, malformed_utf8_never_passes_as_text)
{
    static const char *const malformed[] = {
        "\x80",             /* a lone continuation */
        "\xc0\x80",         /* overlong */
        "\xc3",             /* cut off */
        "\xc3(",            /* no continuation */
        "\xe0\x80\x80",     /* overlong */
        "\xed\xa0\x80",     /* a surrogate */
        "\xf0\x80\x80\x80", /* overlong */
        "\xf4\x90\x80\x80", /* above U+10FFFF */
        "\xf5\x80\x80\x80",
    };
    for (size_t i = 0; i < sizeof(malformed) / sizeof(malformed[0]); i++) {
        struct buffer out = {0};
        json_field(&out, "k", slice_from_string(malformed[i]));
        cr_assert(slice_has_prefix(buffer_slice(&out), SLICE("\"k_base64\":")), "case %zu", i);
        buffer_fini(&out);
    }
}
