#include "client/cli/latency.h"

#include <criterion/criterion.h>
#include <math.h>

static struct latency latency;

static void empty(void)
{
    latency = (struct latency){0};
}

TestSuite(latency, .init = empty);

static void expect_near(double percent, double expected)
{
    double got = latency_percentile(&latency, percent);
    cr_assert(fabs(got - expected) <= expected / 50, "%g%% is %g, not %g", percent, got, expected);
}

Test(latency, of_nothing_is_nothing)
{
    cr_assert_eq(latency_percentile(&latency, 50), 0);
    cr_assert_eq(latency_percentile(&latency, 100), 0);
}

Test(latency, percentiles_divide_what_was_added)
{
    for (uint64_t i = 1; i <= 100000; i++)
        latency_add(&latency, i * 1000);
    expect_near(50, 50000e3);
    expect_near(99, 99000e3);
    expect_near(99.9, 99900e3);
    cr_assert_eq(latency_percentile(&latency, 100), 100000e3);
}

Test(latency, the_slowest_of_a_thousand_is_no_percentile_below_the_last)
{
    for (int i = 0; i < 999; i++)
        latency_add(&latency, 5000);
    latency_add(&latency, 9000000);
    expect_near(99.9, 5000);
    expect_near(99.95, 9000000);
}

Test(latency, every_duration_falls_into_a_bucket_of_its_size)
{
    static const uint64_t durations[] = {
        0, 1, 63, 64, 65, 127, 128, 129, 1000, 4095, UINT64_C(1) << 40, UINT64_MAX};
    for (size_t i = 0; i < sizeof(durations) / sizeof(durations[0]); i++) {
        empty();
        latency_add(&latency, durations[i]);
        expect_near(50, (double)durations[i]);
        cr_assert_eq(latency_percentile(&latency, 100), (double)durations[i]);
    }
}
