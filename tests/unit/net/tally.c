#include "net/tally.h"

#include <criterion/criterion.h>

#include "tests/lib/chance.h"

static uint32_t add(struct tally *tally, uint64_t name, uint32_t expected)
{
    uint32_t count = 0;
    uint32_t row = tally_add(tally, name, &count);
    cr_assert_neq(row, TALLY_NONE);
    cr_assert_eq(count, expected);
    return row;
}

Test(tally, counts_each_name_by_itself)
{
    struct tally *tally = tally_new(4);
    uint32_t hare = add(tally, 1, 1);
    cr_assert_eq(add(tally, 1, 2), hare);
    uint32_t rabbit = add(tally, 2, 1);
    cr_assert_neq(rabbit, hare);
    tally_remove(tally, hare);
    add(tally, 1, 2);
    add(tally, 2, 2);
    tally_free(tally);
}

Test(tally, takes_no_more_names_than_it_was_made_for_until_one_goes)
{
    struct tally *tally = tally_new(2);
    uint32_t count = 0;
    uint32_t first = add(tally, 1, 1);
    add(tally, 2, 1);
    cr_assert_eq(tally_add(tally, 3, &count), TALLY_NONE);
    add(tally, 1, 2);
    tally_remove(tally, first);
    cr_assert_eq(tally_add(tally, 3, &count), TALLY_NONE);
    tally_remove(tally, first);
    add(tally, 3, 1);
    add(tally, 2, 2);
    tally_free(tally);
}

/* Rows keep their numbers, and what was counted goes on. */
Test(tally, that_grows_forgets_nobody)
{
    struct tally *tally = tally_new(2);
    uint32_t rows[100];
    uint32_t gone = add(tally, 1000, 1);
    rows[0] = add(tally, 0, 1);
    tally_remove(tally, gone);
    cr_assert(tally_reserve(tally, 100));
    cr_assert(tally_reserve(tally, 50), "there is room for so many already");
    cr_assert_eq(add(tally, 0, 2), rows[0]);
    for (uint32_t name = 1; name < 100; name++)
        rows[name] = add(tally, name, 1);
    for (uint32_t name = 0; name < 100; name++)
        cr_assert_eq(add(tally, name, name == 0 ? 3 : 2), rows[name]);
    uint32_t count = 0;
    cr_assert_eq(tally_add(tally, 1000, &count), TALLY_NONE);
    tally_free(tally);
}

Test(tally, of_one_name_works)
{
    struct tally *tally = tally_new(1);
    for (uint64_t name = 0; name < 100; name++)
        tally_remove(tally, add(tally, name, 1));
    tally_free(tally);
}

/* Against a plain array, so that chains grow and shrink in every order. */
Test(tally, agrees_with_a_plain_count_after_every_step)
{
    enum { NAMES = 64, STEPS = 100000 };
    uint32_t counts[NAMES] = {0};
    uint32_t rows[NAMES] = {0};
    struct chance chance = {1};
    struct tally *tally = tally_new(NAMES);
    for (unsigned step = 0; step < STEPS; step++) {
        unsigned name = (unsigned)chance_below(&chance, NAMES);
        if (counts[name] > 0 && chance_next(&chance) % 2 == 0) {
            tally_remove(tally, rows[name]);
            counts[name]--;
        } else {
            rows[name] = add(tally, name, ++counts[name]);
        }
    }
    tally_free(tally);
}
