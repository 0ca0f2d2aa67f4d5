#include "client/cli/complete.h"

#include <criterion/criterion.h>

#include "tests/lib/report.h"

/* What may follow a line, as words behind spaces. */
static void expect_offers(const char *before, const char *expected)
{
    struct complete complete;
    struct buffer offered = {0};
    complete_line(&complete, slice_from_string(before));
    for (size_t i = 0; i < complete.count; i++) {
        buffer_append_byte(&offered, ' ');
        buffer_append_slice(&offered, complete.words[i]);
    }
    report_equal(before, buffer_slice(&offered), slice_from_string(expected));
    buffer_fini(&offered);
}

Test(complete, the_first_word_is_a_command_in_any_case)
{
    expect_offers("g", " GET");
    expect_offers("  ME", "");
    expect_offers("  MG", " MGET");
    expect_offers("ex", " EXISTS exit");
    expect_offers("nonsense", "");
}

Test(complete, later_words_come_from_the_usage_of_the_command)
{
    expect_offers("scan book: re", " REVERSE");
    expect_offers("SCAN book: T", " TO THROUGH");
    expect_offers("LIST a d", " DELIM");
    expect_offers("PUT a b ", " NX XX IFEQ");
    expect_offers("scan a b", " BYTES");
    expect_offers("follow a ", " FROM");
    expect_offers("delprefix a dr", " DRYRUN");
    expect_offers("USE ", "");
    expect_offers("PING ", "");
    expect_offers("frob x", "");
}

Test(complete, help_is_about_commands)
{
    expect_offers("help mp", " MPUT");
}

Test(complete, what_all_offers_share_is_known)
{
    struct complete complete;
    complete_line(&complete, SLICE("SCAN a T"));
    cr_assert_eq(complete.shared, 1);
    complete_line(&complete, SLICE("SCAN a RE"));
    cr_assert_eq(complete.shared, strlen("REVERSE"));
}
