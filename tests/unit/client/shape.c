#include "client/cli/shape.h"

#include <criterion/criterion.h>

static void expect_shape(const char *line, enum shape expected)
{
    cr_assert_eq(shape_of_line(slice_from_string(line)), expected, "%s", line);
}

Test(shape, commands_with_rows_are_known_by_name_in_any_case)
{
    expect_shape("GET a", SHAPE_SINGLE);
    expect_shape("COUNT a", SHAPE_SINGLE);
    expect_shape("  list a", SHAPE_KEYS);
    expect_shape("INFO", SHAPE_KEYS);
    expect_shape("mget a b", SHAPE_LOOKUP);
    expect_shape("MGET a AT 7", SHAPE_LOOKUP);
    expect_shape("follow a", SHAPE_FEED);
    expect_shape("FOLLOW a FROM 1-1", SHAPE_FEED);
    expect_shape("compact", SHAPE_WORK);
    expect_shape("DelPrefix a DRYRUN", SHAPE_WORK);
    expect_shape("SNAPSHOT", SHAPE_SINGLE);
    expect_shape("USE values", SHAPE_SINGLE);
    expect_shape("frob", SHAPE_SINGLE);
    expect_shape("", SHAPE_SINGLE);
}

Test(shape, a_scan_of_values_is_known_by_the_word_and_not_by_a_bound_that_reads_like_it)
{
    expect_shape("SCAN a", SHAPE_KEYS);
    expect_shape("SCAN VALUES", SHAPE_KEYS);
    expect_shape("SCAN a FROM VALUES", SHAPE_KEYS);
    expect_shape("scan a limit 5 values", SHAPE_VALUES);
    expect_shape("SCAN a AFTER VALUES VALUES", SHAPE_VALUES);
    expect_shape("SCAN a AT VALUES BYTES VALUES", SHAPE_KEYS);
    expect_shape("SCAN a AT 7 VERIFY VALUES NOCACHE", SHAPE_VALUES);
    expect_shape("SCAN a \"VALUES", SHAPE_SINGLE);
}
