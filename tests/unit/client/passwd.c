#include "client/cli/passwd.h"

#include <criterion/criterion.h>

#include "protocol/line.h"
#include "tests/lib/report.h"

static void expect_tokens(char *const *words, size_t count, const char *expected)
{
    struct buffer line = {0};
    passwd_append(&line, words, count);
    report_equal("line", buffer_slice(&line), slice_from_string(expected));
    buffer_fini(&line);
}

Test(passwd, writes_words_bare_where_they_can_be)
{
    char *const plain[] = {"alice", "write", "book:", "a\"b\\c"};
    expect_tokens(plain, 4, "alice write book: a\"b\\c");
    char *const odd[] = {"#alice", "\"b", "'c", "", "two words", "\t", "\xff", "ü"};
    expect_tokens(odd, 8, "\"#alice\" \"\\\"b\" \"'c\" \"\" \"two words\" \"\\t\" \"\\xFF\" \"ü\"");
}

/* Two bytes, and each byte next to the others: what is written reads as what was meant. */
Test(passwd, writes_words_that_read_as_themselves)
{
    for (int first = 1; first < 256; first++) {
        for (int second = 1; second < 256; second++) {
            char word[] = {(char)first, (char)second, '\0'};
            char *const words[] = {word, "next"};
            struct buffer line = {0};
            struct tokens tokens = {0};
            passwd_append(&line, words, 2);
            cr_assert_neq(line.data[0], '#');
            cr_assert_eq(line_split(buffer_slice(&line), &tokens), LINE_SPLIT_OK);
            cr_assert_eq(tokens.count, 2);
            cr_assert(slice_equal(tokens.items[0], slice_from_string(word)));
            tokens_fini(&tokens);
            buffer_fini(&line);
        }
    }
}
