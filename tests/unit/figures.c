/*
 * How measured rounds become rows of results, and rows become what README shows. What was measured
 * is nobody's business here.
 */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "tests/bench/lib/contest.h"
#include "tests/lib/report.h"
#include "tests/lib/scratch.h"
#include "tests/lib/shell.h"

static char *directory;
static char *results;

static void prepare(void)
{
    directory = scratch_new();
    results = scratch_path(directory, "results.tsv");
    setenv("RESULTS", results, 1);
}

static void clean(void)
{
    free(results);
    scratch_remove(directory);
}

TestSuite(figures, .init = prepare, .fini = clean, .timeout = 60);

static void expect_results(const char *expected)
{
    struct buffer text = scratch_read(results);
    report_equal("results", buffer_slice(&text), slice_from_string(expected));
    buffer_fini(&text);
}

static void add(const char *work, enum result_relation relation, double target, double low,
                double median, double high)
{
    struct samples values = {0};
    samples_add(&values, high);
    samples_add(&values, low);
    samples_add(&values, median);
    results_add_alone(work, relation, target, "ms", &values);
    samples_fini(&values);
}

#define NO_SIDES "\t3\t-\t-\t-\t-\t-\t-\t-\t-\t-\n"

Test(figures, whose_interval_holds_the_target_are_noise)
{
    add("a", RESULT_AT_LEAST, 2, 2, 3, 4);
    add("b", RESULT_AT_LEAST, 2, 1.9, 3, 4);
    add("c", RESULT_AT_LEAST, 2, 1, 1.5, 2);
    add("d", RESULT_AT_LEAST, 2, 1, 1.5, 1.9);
    add("e", RESULT_AT_MOST, 2, 1, 1.5, 2);
    add("f", RESULT_AT_MOST, 2, 1, 1.5, 2.1);
    add("g", RESULT_AT_MOST, 2, 2.1, 3, 4);
    add("h", RESULT_ONLY_MEASURED, 0, 1, 2, 3);
    expect_results(
        "a\t-\t>=\t2\tms\t3\t2\t4\tmet" NO_SIDES "b\t-\t>=\t2\tms\t3\t1.9\t4\tnoise" NO_SIDES
        "c\t-\t>=\t2\tms\t1.5\t1\t2\tnoise" NO_SIDES "d\t-\t>=\t2\tms\t1.5\t1\t1.9\tmissed" NO_SIDES
        "e\t-\t<=\t2\tms\t1.5\t1\t2\tmet" NO_SIDES "f\t-\t<=\t2\tms\t1.5\t1\t2.1\tnoise" NO_SIDES
        "g\t-\t<=\t2\tms\t3\t2.1\t4\tmissed" NO_SIDES "h\t-\t-\t-\tms\t2\t1\t3\t-" NO_SIDES);
}

static void expect_interval(size_t count, double low, double high)
{
    struct samples samples = {0};
    double least = 0;
    double most = 0;
    for (size_t i = count; i > 0; i--)
        samples_add(&samples, (double)i);
    samples_interval(&samples, &least, &most);
    cr_assert_float_eq(least, low, 0, "%zu samples: from %f", count, least);
    cr_assert_float_eq(most, high, 0, "%zu samples: to %f", count, most);
    samples_fini(&samples);
}

/* The order statistics of tables for the sign test at 95 %. */
Test(figures, know_where_their_median_lies)
{
    expect_interval(1, 1, 1);
    expect_interval(5, 1, 5);
    expect_interval(8, 1, 8);
    expect_interval(9, 2, 8);
    expect_interval(11, 2, 10);
    expect_interval(12, 3, 10);
    expect_interval(25, 8, 18);
}

/* Takes turns whose figures are written down, and notes in whose order. */
struct script {
    char name;
    const double *figures; /* the first one is of the turn that does not count */
};

static char order[32];

static void take(void *how, struct turn *turn)
{
    struct script *script = how;
    strncat(order, &script->name, 1);
    turn->figure = *script->figures++;
    turn->server_cpu = turn->figure / 100;
}

Test(figures, are_compared_within_each_round)
{
    struct script ours = {'A', (const double[]){900, 10, 20, 30}};
    struct script theirs = {'B', (const double[]){1, 5, 40, 10}};
    struct contestant both[] = {contestant_of("we", take, &ours),
                                contestant_of("they", take, &theirs)};
    contest_run(both, 2, 3);
    cr_assert_str_eq(order, "ABABABAB");
    contest_compare(&(struct contest_claim){"work", "them", RESULT_AT_LEAST, 0.5, "1/s"}, &both[0],
                    &both[1]);
    /* 2, 0.5 and 3: the medians 20 and 10 alone would not tell of the second round. */
    expect_results("work\tthem\t>=\t0.5\tratio\t2\t0.5\t3\tmet\t3\twe\t20\t0.2\t-\tthey\t10\t0.1\t-"
                   "\t1/s\n");
    contest_fini(both, 2);
}

#define TABLE "awk -f $SOURCE/tests/bench/table.awk $RESULTS"
#define PICTURE "awk -f $SOURCE/tests/bench/picture.awk $RESULTS"

static void write_results(void)
{
    scratch_write(results,
                  SLICE("# machine: two cores\n"
                        "#work\tagainst\n"
                        "GET\tRedis\t>=\t1.2\tratio\t1.31\t1.25\t1.4\tmet\t7\twe\t71234\t9\t7.5\t"
                        "they\t54321\t8.5\t7\tGETs/s\n"
                        "SCAN <all>\titerator\t>=\t0.7\tratio\t0.5\t0.45\t0.9\tnoise\t7\twe\t"
                        "1.5e+06\t0.2\t0.1\tit\t3000000\t-\t0.25\trows/s\n"
                        "idle\t-\t<=\t1024\tbytes\t1081.3\t1080\t1100\tmissed\t5\t-\t-\t-\t-\t-\t-"
                        "\t-\t-\t-\n"
                        "aside\tit\t-\t-\tratio\t1\t1\t1\t-\t5\twe\t1\t-\t-\tit\t1\t-\t-\t1/s\n"));
}

Test(figures, with_targets_make_the_table)
{
    write_results();
    shell_expect(0,
                 "| GET | Redis | at least 1.2 | 1.31 (1.25 to 1.40) | met | 71 k to 54 k GETs/s | "
                 "9.00 + 7.50 | 8.50 + 7.00 |\n"
                 "| SCAN <all> | iterator | at least 0.7 | 0.50 (0.45 to 0.90) | noise | 1.5 M to "
                 "3.0 M rows/s | 0.20 + 0.10 | 0.25 |\n"
                 "| idle |  | at most 1024 bytes | 1081 (1080 to 1100) bytes | missed |  |  |  |\n",
                 TABLE " | grep '^| [GSia]'");
    shell_expect(0, "- machine: two cores\n", TABLE " | tail -n 1");
}

Test(figures, that_are_ratios_make_the_picture)
{
    write_results();
    shell_expect(0, "2\n",
                 PICTURE " | /usr/bin/python3 -c 'import sys, xml.dom.minidom as dom\n"
                         "print(len(dom.parse(sys.stdin).getElementsByTagName(\"rect\")))'");
    shell_expect(0, "1\n1\n0\n",
                 "for verdict in met noise missed; do " PICTURE
                 " | grep -c \"<rect class=.$verdict\" || true; done");
}

Test(figures, in_the_readme_are_those_that_were_measured)
{
    shell_expect(0, "", "$SOURCE/tests/bench/publish --check");
}
