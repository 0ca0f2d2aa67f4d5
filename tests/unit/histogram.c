#include <criterion/criterion.h>

#include "server/ops/histogram.h"

Test(histogram, puts_each_value_into_the_first_bucket_that_holds_it)
{
    cr_assert_eq(histogram_bucket(0), 0);
    for (unsigned i = 0; i < HISTOGRAM_BOUNDS; i++) {
        cr_assert_eq(histogram_bucket(histogram_bounds[i]), i);
        cr_assert_eq(histogram_bucket(histogram_bounds[i] + 1), i + 1);
    }
    cr_assert_eq(histogram_bucket(UINT64_MAX), HISTOGRAM_BOUNDS);
}

Test(histogram, adds_up_what_several_say)
{
    static struct histogram one;
    static struct histogram other;
    struct histogram_view view = {0};
    histogram_add(&one, 15);
    histogram_add_own(&other, histogram_bucket(15), 15, 3);
    histogram_add(&other, 20000000);
    histogram_read(&one, &view);
    histogram_read(&other, &view);
    cr_assert_eq(view.counts[1], 4);
    cr_assert_eq(view.counts[HISTOGRAM_BOUNDS], 1);
    cr_assert_eq(view.total, 5);
    cr_assert_eq(view.sum, 4 * 15 + 20000000);
}

/* A hundred between 10 and 20, and one that took longer than any bound. */
Test(histogram, finds_quantiles_by_the_spread_inside_a_bucket)
{
    struct histogram_view view = {.total = 101};
    view.counts[1] = 100;
    view.counts[HISTOGRAM_BOUNDS] = 1;
    cr_assert_float_eq(histogram_quantile(&view, 50 / 101.0), 15, 1e-6);
    cr_assert_float_eq(histogram_quantile(&view, 100 / 101.0), 20, 1e-6);
    cr_assert_float_eq(histogram_quantile(&view, 1), 10000000, 1e-6);
    cr_assert_float_eq(histogram_quantile(&(struct histogram_view){0}, 0.5), 0, 1e-6);
}
