/*
 * Results: the figures that are promised or compared, one row each, printed and written to the
 * file $RESULTS, from which README's table and picture are made.
 *
 * A row is a number taken once in each of several rounds: most often the ratio of two figures of
 * one round. Its median stands beside its target, and the interval in which the median lies tells
 * whether that means anything (samples_interval): a row whose interval holds its target is noise
 * and neither met nor missed.
 */
#ifndef LEVERET_TESTS_BENCH_LIB_RESULTS_H
#define LEVERET_TESTS_BENCH_LIB_RESULTS_H

#include <stdbool.h>

#include "tests/bench/lib/samples.h"

enum result_relation {
    RESULT_ONLY_MEASURED,
    RESULT_AT_LEAST,
    RESULT_AT_MOST,
};

/* One of the two that were compared: medians of its rounds. */
struct result_side {
    const char *name;  /* NULL: there is no such side */
    double figure;     /* in `figure_unit` of the row */
    double server_cpu; /* seconds for a million operations; below 0: not measured */
    double client_cpu;
};

struct result {
    const char *work;
    const char *against; /* "-" when it is measured alone */
    enum result_relation relation;
    double target;
    const char *unit;       /* of the target and the values; "" for a ratio */
    struct samples *values; /* one for each round */
    struct result_side ours;
    struct result_side theirs;
    const char *figure_unit;
};

/* Prints the row, and appends it to the file. */
void results_add(const struct result *result);

/* A row without sides: each of the values in its own right. */
void results_add_alone(const char *work, enum result_relation relation, double target,
                       const char *unit, struct samples *values);

#endif
