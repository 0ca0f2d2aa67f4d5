#include "store/overlay.h"

#include <criterion/criterion.h>
#include <stdio.h>

#include "tests/lib/report.h"

static void expect_value(const struct overlay *overlay, struct slice key, struct slice value)
{
    const struct overlay_entry *entry = overlay_find(overlay, key);
    cr_assert(entry != NULL && entry->present, "%s", report_show(key));
    report_equal(report_show(key), entry->value, value);
}

static void expect_gone(const struct overlay *overlay, struct slice key)
{
    const struct overlay_entry *entry = overlay_find(overlay, key);
    cr_assert(entry != NULL && !entry->present, "%s", report_show(key));
}

static const struct slice nothing = {NULL, 0};

Test(overlay, knows_nothing_at_first)
{
    struct overlay overlay = {.key = {1, 2}};
    cr_assert_null(overlay_find(&overlay, SLICE("a")));
    cr_assert_null(overlay_find(&overlay, SLICE("")));
    overlay_clear(&overlay);
    overlay_fini(&overlay);
}

/* Gone is not unknown: for what is gone the store must not be asked. */
Test(overlay, tells_what_was_put_from_what_is_gone_and_what_was_not_touched)
{
    struct overlay overlay = {.key = {1, 2}};
    cr_assert(overlay_note(&overlay, SLICE("a"), SLICE("1")));
    cr_assert(overlay_note(&overlay, SLICE("b"), nothing));
    cr_assert(overlay_note(&overlay, SLICE("empty"), SLICE("")));
    expect_value(&overlay, SLICE("a"), SLICE("1"));
    expect_gone(&overlay, SLICE("b"));
    expect_value(&overlay, SLICE("empty"), SLICE(""));
    cr_assert_null(overlay_find(&overlay, SLICE("c")));
    overlay_fini(&overlay);
}

Test(overlay, keeps_the_last_of_each_key)
{
    struct overlay overlay = {.key = {1, 2}};
    cr_assert(overlay_note(&overlay, SLICE("a"), SLICE("1")));
    cr_assert(overlay_note(&overlay, SLICE("a"), nothing));
    cr_assert(overlay_note(&overlay, SLICE("a"), SLICE("2")));
    cr_assert_eq(overlay.count, 1);
    expect_value(&overlay, SLICE("a"), SLICE("2"));
    overlay_fini(&overlay);
}

Test(overlay, forgets_a_round_when_it_is_cleared)
{
    struct overlay overlay = {.key = {1, 2}};
    for (int round = 0; round < 3; round++) {
        cr_assert_null(overlay_find(&overlay, SLICE("a")));
        cr_assert(overlay_note(&overlay, SLICE("a"), SLICE("1")));
        overlay_clear(&overlay);
    }
    overlay_fini(&overlay);
}

/* Keys that differ in one bit, in length, or by zero bytes at the end, which a hash that pads
 * would take for equal. */
Test(overlay, takes_no_two_keys_for_one)
{
    static const struct slice keys[] = {
        SLICE(""),         SLICE("\0"),        SLICE("\0\0"),       SLICE("\0\0\0\0\0\0\0\0"),
        SLICE("a"),        SLICE("a\0"),       SLICE("abcdefg"),    SLICE("abcdefgh"),
        SLICE("abcdefgi"), SLICE("abcdefg\0"), SLICE("abcdefgh\0"), SLICE("abcdefghabcdefgh"),
        SLICE("\xff"),     SLICE("\x7f"),
    };
    struct overlay overlay = {.key = {3, 4}};
    size_t count = sizeof(keys) / sizeof(keys[0]);
    for (size_t i = 0; i < count; i++) {
        cr_assert_null(overlay_find(&overlay, keys[i]), "%s", report_show(keys[i]));
        cr_assert(overlay_note(&overlay, keys[i], keys[i]));
    }
    for (size_t i = 0; i < count; i++)
        expect_value(&overlay, keys[i], keys[i]);
    overlay_fini(&overlay);
}

#define MANY 100000

/* More than a round ever holds, and more than is kept for the next one. */
Test(overlay, grows_and_finds_all)
{
    static char keys[MANY][8];
    struct overlay overlay = {.key = {5, 6}};
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < MANY; i++) {
            int len = snprintf(keys[i], sizeof(keys[i]), "%d", i);
            struct slice key = slice_of(keys[i], (size_t)len);
            cr_assert(overlay_note(&overlay, key, i % 3 == 0 ? nothing : key));
        }
        cr_assert_eq(overlay.count, MANY);
        for (int i = 0; i < MANY; i++) {
            struct slice key = slice_from_string(keys[i]);
            if (i % 3 == 0)
                expect_gone(&overlay, key);
            else
                expect_value(&overlay, key, key);
        }
        cr_assert_null(overlay_find(&overlay, SLICE("-1")));
        overlay_clear(&overlay);
    }
    overlay_fini(&overlay);
}
