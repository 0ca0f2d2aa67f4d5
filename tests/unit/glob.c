/*
 * Globs, against what redis-server 7.0 answers, and against the slowest way there is to match.
 */
#include "server/commands/redis/glob.h"

#include <criterion/criterion.h>
#include <stdlib.h>

#include "tests/lib/chance.h"
#include "tests/lib/report.h"

static bool matches(struct slice pattern, struct slice key)
{
    struct glob glob;
    cr_assert(glob_init(&glob, pattern));
    bool result = glob_matches(&glob, key);
    glob_fini(&glob);
    return result;
}

struct example {
    struct slice pattern;
    struct slice key;
    bool matches;
};

static void expect(const struct example *examples, size_t count)
{
    for (size_t i = 0; i < count; i++)
        cr_assert_eq(matches(examples[i].pattern, examples[i].key), examples[i].matches,
                     "example %zu: %s", i, report_show(examples[i].pattern));
}

#define EXPECT(...)                                                                                \
    do {                                                                                           \
        static const struct example examples[] = {__VA_ARGS__};                                    \
        expect(examples, sizeof(examples) / sizeof(examples[0]));                                  \
    } while (0)

#define YES(pattern, key)                                                                          \
    {                                                                                              \
        SLICE(pattern), SLICE(key), true                                                           \
    }
#define NO(pattern, key)                                                                           \
    {                                                                                              \
        SLICE(pattern), SLICE(key), false                                                          \
    }

Test(glob, of_plain_bytes_is_the_key_itself)
{
    EXPECT(YES("abc", "abc"), NO("abc", "ab"), NO("abc", "abcd"), NO("abc", "Abc"), NO("abc", ""),
           YES("a\0b", "a\0b"), NO("a\0b", "a"), YES("\xff\xfe", "\xff\xfe"), YES("]", "]"),
           YES("a-z", "a-z"), YES("^a", "^a"));
}

Test(glob, has_stars_for_any_bytes_and_question_marks_for_one)
{
    EXPECT(YES("a*", "a"), YES("a*", "abc"), YES("*c", "abc"), YES("a*c", "ac"), YES("a*c", "abcc"),
           NO("a*c", "abcd"), YES("a**", "a"), YES("*b*", "abc"), NO("*b*", "ac"), YES("?", "x"),
           YES("?", "\0"), NO("?", "xy"), YES("??", "xy"), YES("*?", "x"), NO("a?", "a"),
           YES("a*b*c", "aXbXbc"), NO("a*b*c", "acb"), YES("*a*b", "ab"), YES("*ab", "aab"),
           YES("*[ab]b", "ccab"), YES("*\0*", "a\0b"));
}

/* Redis has a way around the matcher for one star alone, and the matcher never looks at an empty
 * key. */
Test(glob, that_matches_the_empty_key_is_one_star_or_nothing)
{
    EXPECT(YES("*", ""), YES("", ""), NO("**", ""), NO("***", ""), NO("?", ""), NO("\\*", ""),
           NO("[^a]", ""), NO("", "a"), YES("**", "a"));
}

Test(glob, has_brackets_for_one_byte_of_some)
{
    EXPECT(YES("[abc]", "b"), NO("[abc]", "d"), NO("[abc]", "ab"), YES("x[ab]y", "xby"),
           YES("[^ab]", "c"), NO("[^ab]", "a"), YES("[a^]", "^"), YES("[a-c]", "b"),
           NO("[a-c]", "d"), YES("[c-a]", "b"), YES("[a-cx-z]", "y"), NO("[a-cx-z]", "m"),
           YES("[*]", "*"), NO("[*]", "a"), YES("[?]", "?"), YES("[[]", "["), YES("[-a]", "-"),
           YES("[a-]", "a"), YES("[\\]]", "]"), YES("[\\-a]", "-"), NO("[\\a-c]", "b"),
           YES("[\\a-c]", "-"), YES("[^\\^]", "a"), NO("[^\\^]", "^"));
}

/* A dash takes the closing bracket for its end, and what is never closed ends with the pattern. */
Test(glob, with_odd_brackets_means_what_it_means_to_redis)
{
    EXPECT(NO("[]", "a"), NO("[]a]", "a"), YES("[^]", "a"), NO("[", "["), NO("[", "a"),
           YES("[^", "a"), YES("[abc", "b"), NO("[abc", "d"), YES("[^abc", "d"), YES("[a-", "-"),
           YES("[a-]", "_"), NO("[a-]", "b"), YES("[a-]x]", "_"), NO("[a-]x]", "_x]"),
           YES("[\\", "\\"), NO("[\\", "a"), YES("[a\\", "\\"));
}

Test(glob, orders_bytes_by_their_sign)
{
    EXPECT(YES("[\x80-a]", "A"), YES("[\x80-a]", "\xff"), NO("[\x01-\xff]", "a"),
           YES("[\x01-\xff]", "\x01"), YES("[\x01-\xff]", "\0"), YES("[\x80-\xff]", "\x90"));
}

Test(glob, takes_what_is_escaped_as_it_is)
{
    EXPECT(YES("\\*", "*"), NO("\\*", "a"), YES("a\\?", "a?"), NO("a\\?", "ab"),
           YES("\\[a]", "[a]"), YES("\\a", "a"), YES("\\\\", "\\"), NO("\\\\", "\\\\"),
           YES("\\", "\\"), YES("a\\", "a\\"), YES("*\\", "a\\"), YES("*\\*", "a*"),
           NO("*\\*", "ab"));
}

/* Heads ---------------------------------------------------------------------------- */

static void expect_head(struct slice pattern, struct slice head, bool literal)
{
    struct glob glob;
    cr_assert(glob_init(&glob, pattern));
    report_equal("head", glob_head(&glob), head);
    cr_assert_eq(glob_is_literal(&glob), literal, "%s", report_show(pattern));
    glob_fini(&glob);
}

Test(glob, has_a_head_that_all_its_keys_begin_with)
{
    expect_head(SLICE("book:*"), SLICE("book:"), false);
    expect_head(SLICE("book:?x"), SLICE("book:"), false);
    expect_head(SLICE("book:[ab]*"), SLICE("book:"), false);
    expect_head(SLICE("*book"), SLICE(""), false);
    expect_head(SLICE("[b]ook"), SLICE(""), false);
    expect_head(SLICE("\\*a\\[b\\\\c*d"), SLICE("*a[b\\c"), false);
    expect_head(SLICE("book"), SLICE("book"), true);
    expect_head(SLICE("b\\ook\\*"), SLICE("book*"), true);
    expect_head(SLICE("book\\"), SLICE("book\\"), true);
    expect_head(SLICE("a\0b]-^*"), SLICE("a\0b]-^"), false);
    expect_head(SLICE(""), SLICE(""), true);
}

/* The slow way ------------------------------------------------------------------------ */

/* Tries each length for each star. Knows neither brackets nor escapes. */
static bool slow(struct slice pattern, struct slice text)
{
    struct slice rest = slice_of(pattern.data + 1, pattern.len - 1);
    if (pattern.len == 0)
        return text.len == 0;
    if (pattern.data[0] == '*') {
        for (size_t i = 0; i <= text.len; i++)
            if (slow(rest, slice_of(text.data + i, text.len - i)))
                return true;
        return false;
    }
    return text.len > 0 && (pattern.data[0] == '?' || pattern.data[0] == text.data[0]) &&
           slow(rest, slice_of(text.data + 1, text.len - 1));
}

static struct slice random_text(struct chance *chance, const char *letters, char *out, size_t most)
{
    size_t len = chance_below(chance, most);
    for (size_t i = 0; i < len; i++)
        out[i] = letters[chance_below(chance, strlen(letters))];
    return slice_of(out, len);
}

Test(glob, agrees_with_a_matcher_that_tries_everything)
{
    struct chance chance = {4};
    char pattern_bytes[10];
    char key_bytes[10];
    unsigned matched = 0;
    for (unsigned i = 0; i < 300000; i++) {
        struct slice pattern = random_text(&chance, "aab**?", pattern_bytes, 10);
        struct slice key = random_text(&chance, "aab", key_bytes, 9);
        if (key.len == 0)
            continue;
        bool expected = slow(pattern, key);
        matched += expected;
        cr_assert_eq(matches(pattern, key), expected, "%.*s with %.*s", (int)pattern.len,
                     pattern.data, (int)key.len, key.data);
    }
    cr_assert(matched > 10000 && matched < 290000, "%u matched", matched);
}

/* Bounds ------------------------------------------------------------------------------ */

/* To try everything here would take longer than the universe is old. */
Test(glob, of_many_stars_is_soon_done_with_a_long_key, .timeout = 20)
{
    struct buffer pattern = {0};
    struct buffer key = {0};
    for (size_t i = 0; i < GLOB_LONGEST / 2; i++)
        buffer_append_string(&pattern, "*a");
    pattern.data[pattern.len - 1] = 'b';
    for (size_t i = 0; i < (size_t)64 * 1024; i++)
        buffer_append_byte(&key, 'a');
    cr_assert_not(matches(buffer_slice(&pattern), buffer_slice(&key)));
    key.data[key.len - 1] = 'b';
    cr_assert(matches(buffer_slice(&pattern), buffer_slice(&key)));
    buffer_fini(&pattern);
    buffer_fini(&key);
}

static void expect_bounded(struct slice pattern, bool bounded)
{
    struct glob glob;
    cr_assert(glob_init(&glob, pattern));
    cr_assert_eq(glob_is_bounded(&glob), bounded);
    glob_fini(&glob);
}

Test(glob, is_bounded_behind_its_head_only)
{
    struct buffer pattern = {0};
    for (size_t i = 0; i < (size_t)64 * 1024; i++)
        buffer_append_byte(&pattern, 'a');
    expect_bounded(buffer_slice(&pattern), true);
    pattern.data[pattern.len - GLOB_LONGEST] = '*';
    expect_bounded(buffer_slice(&pattern), true);
    pattern.data[pattern.len - GLOB_LONGEST - 1] = '?';
    expect_bounded(buffer_slice(&pattern), false);
    buffer_fini(&pattern);
}

static bool is_slow(struct slice pattern, struct slice key)
{
    struct glob glob;
    cr_assert(glob_init(&glob, pattern));
    bool slow = glob_is_slow(&glob, key);
    glob_fini(&glob);
    return slow;
}

/* A walk looks at the clock once in some dozens of keys, which would be seconds with such keys. */
Test(glob, tells_when_others_should_have_a_turn)
{
    static char key[64 * 1024];
    memset(key, 'a', sizeof(key));
    cr_assert(is_slow(SLICE("*b"), slice_of(key, sizeof(key))));
    cr_assert_not(is_slow(SLICE("a:*:*:title"), slice_of(key, 1000)));
    cr_assert_not(is_slow(SLICE("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa*"), slice_of(key, 2000)));
    cr_assert_not(is_slow(SLICE("aaaa"), slice_of(key, sizeof(key))));
}
