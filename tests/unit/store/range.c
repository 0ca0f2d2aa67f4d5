#include "store/range.h"

#include <criterion/criterion.h>

#include "tests/lib/report.h"

static void expect_successor(struct slice prefix, struct slice expected)
{
    struct buffer out = {0};
    buffer_append_string(&out, "what was there before");
    cr_assert(range_successor(prefix, &out), "%s", report_show(prefix));
    report_equal(report_show(prefix), buffer_slice(&out), expected);
    buffer_fini(&out);
}

Test(range, the_successor_of_a_prefix_is_the_first_key_behind_all_of_its_keys)
{
    expect_successor(SLICE("a"), SLICE("b"));
    expect_successor(SLICE("ab"), SLICE("ac"));
    expect_successor(SLICE("\0"), SLICE("\x01"));
    expect_successor(SLICE("a\xff"), SLICE("b"));
    expect_successor(SLICE("a\xff\xff\xff"), SLICE("b"));
    expect_successor(SLICE("\xfe\xff"), SLICE("\xff"));
    expect_successor(SLICE("\x7f"), SLICE("\x80"));
    expect_successor(SLICE("a\xff\0"), SLICE("a\xff\x01"));
}

Test(range, nothing_comes_behind_the_empty_prefix_or_one_of_ff)
{
    static const struct slice prefixes[] = {SLICE(""), SLICE("\xff"), SLICE("\xff\xff\xff")};
    for (size_t i = 0; i < 3; i++) {
        struct buffer out = {0};
        cr_assert_not(range_successor(prefixes[i], &out), "%s", report_show(prefixes[i]));
        cr_assert_not(out.failed);
        buffer_fini(&out);
    }
}

static bool holds(const struct range *range, struct slice key)
{
    return range_above_low(range, key) && range_below_high(range, key);
}

/* A range made in one go. A bound without data is left out. */
struct bounds {
    struct slice prefix;
    struct slice low;
    bool open;
    struct slice high;
    bool closed;
};

static void make(struct range *range, const struct bounds *bounds)
{
    cr_assert(range_init(range, bounds->prefix));
    if (bounds->low.data != NULL)
        cr_assert(range_raise(range, bounds->low, bounds->open));
    if (bounds->high.data != NULL)
        cr_assert(range_lower(range, bounds->high, bounds->closed));
}

/* What the words of the header say, without a range. */
static bool should_hold(const struct bounds *bounds, struct slice key)
{
    int low = bounds->low.data == NULL ? 1 : slice_compare(key, bounds->low);
    int high = bounds->high.data == NULL ? -1 : slice_compare(key, bounds->high);
    return slice_has_prefix(key, bounds->prefix) && (bounds->open ? low > 0 : low >= 0) &&
           (bounds->closed ? high <= 0 : high < 0);
}

static const struct slice places[] = {
    SLICE(""),         SLICE("\0"),           SLICE("a"),       SLICE("a\0"),
    SLICE("aa"),       SLICE("a\xff"),        SLICE("a\xff\0"), SLICE("a\xff\xff"),
    SLICE("b"),        SLICE("\xfe\xff"),     SLICE("\xff"),    SLICE("\xff\0"),
    SLICE("\xff\xff"), SLICE("\xff\xff\xff"),
};

#define PLACES (sizeof(places) / sizeof(places[0]))

static void expect_all_keys(const struct bounds *bounds)
{
    struct range range;
    make(&range, bounds);
    for (size_t i = 0; i < PLACES; i++)
        cr_assert_eq(holds(&range, places[i]), should_hold(bounds, places[i]),
                     "prefix %s, low %s %d, high %s %d: %s", report_show(bounds->prefix),
                     report_show(bounds->low), bounds->open, report_show(bounds->high),
                     bounds->closed, report_show(places[i]));
    range_fini(&range);
}

/* Every prefix with every pair of bounds, each kind of bound, and no bound at all. */
Test(range, holds_the_keys_of_its_prefix_between_its_bounds)
{
    for (size_t prefix = 0; prefix < PLACES; prefix++)
        for (size_t low = 0; low <= PLACES; low++)
            for (size_t high = 0; high <= PLACES; high++)
                for (int kind = 0; kind < 4; kind++)
                    expect_all_keys(&(struct bounds){
                        .prefix = places[prefix],
                        .low = low < PLACES ? places[low] : slice_of(NULL, 0),
                        .open = kind % 2 == 1,
                        .high = high < PLACES ? places[high] : slice_of(NULL, 0),
                        .closed = kind / 2 == 1,
                    });
}

Test(range, bounds_only_ever_narrow)
{
    struct range range;
    cr_assert(range_init(&range, SLICE("k")));
    cr_assert(range_raise(&range, SLICE("kb"), true));
    cr_assert(range_raise(&range, SLICE("ka"), false)); /* wider: changes nothing */
    cr_assert(range_raise(&range, SLICE("kb"), false)); /* the same key, and still open */
    cr_assert_not(holds(&range, SLICE("kb")));
    cr_assert(holds(&range, SLICE("kb\0")));
    cr_assert(range_lower(&range, SLICE("kx"), false));
    cr_assert(range_lower(&range, SLICE("kx"), true));
    cr_assert(range_lower(&range, SLICE("kz"), true));
    cr_assert_not(holds(&range, SLICE("kx")));
    cr_assert(holds(&range, SLICE("kw\xff")));
    range_fini(&range);
}
