#include "tests/bench/lib/results.h"

#include <err.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

struct spread {
    double low;
    double median;
    double high;
};

static struct spread spread_of(struct samples *values)
{
    struct spread spread = {.median = samples_median(values)};
    samples_interval(values, &spread.low, &spread.high);
    return spread;
}

static const char *verdict_of(const struct result *result, const struct spread *spread)
{
    bool least = result->relation == RESULT_AT_LEAST;
    if (result->relation == RESULT_ONLY_MEASURED)
        return "-";
    if (least ? spread->low >= result->target : spread->high <= result->target)
        return "met";
    if (least ? spread->high < result->target : spread->low > result->target)
        return "missed";
    return "noise";
}

static const char *relation_of(const struct result *result)
{
    static const char *const words[] = {
        [RESULT_ONLY_MEASURED] = "-", [RESULT_AT_LEAST] = ">=", [RESULT_AT_MOST] = "<="};
    return words[result->relation];
}

/* Three significant digits are more than any of these figures repeats. */
static int decimals(double value)
{
    return fabs(value) >= 100 ? 0 : fabs(value) >= 10 ? 1 : fabs(value) >= 0.1 ? 2 : 3;
}

static void print_value(double value)
{
    printf("%.*f", decimals(value), value);
}

static void print_side(const struct result_side *side, const char *unit)
{
    if (!side->name)
        return;
    printf("      %-38s ", side->name);
    print_value(side->figure);
    printf(" %s", unit);
    if (side->server_cpu >= 0)
        printf("; CPU of the server %.2f", side->server_cpu);
    if (side->client_cpu >= 0)
        printf("; CPU of the client %.2f", side->client_cpu);
    if (side->server_cpu >= 0 || side->client_cpu >= 0)
        printf(" s a million");
    printf("\n");
}

static void print(const struct result *result, const struct spread *spread)
{
    printf("  %s%s%s: ", result->work, result->against[0] == '-' ? "" : ", against ",
           result->against[0] == '-' ? "" : result->against);
    print_value(spread->median);
    printf(" %s (", result->unit);
    print_value(spread->low);
    printf(" to ");
    print_value(spread->high);
    printf(")");
    if (result->relation != RESULT_ONLY_MEASURED)
        printf("   target %s %g: %s", relation_of(result), result->target,
               verdict_of(result, spread));
    printf("\n");
    print_side(&result->ours, result->figure_unit);
    print_side(&result->theirs, result->figure_unit);
    fflush(stdout);
}

static void write_number(FILE *file, double number, bool known)
{
    if (known)
        fprintf(file, "\t%.6g", number);
    else
        fprintf(file, "\t-");
}

static void write_side(FILE *file, const struct result_side *side)
{
    fprintf(file, "\t%s", side->name ? side->name : "-");
    write_number(file, side->figure, side->name != NULL);
    write_number(file, side->server_cpu, side->name && side->server_cpu >= 0);
    write_number(file, side->client_cpu, side->name && side->client_cpu >= 0);
}

/* The columns are named by the first line of the file, which tests/bench/run writes. */
static void write_row(FILE *file, const struct result *result, const struct spread *spread)
{
    fprintf(file, "%s\t%s\t%s", result->work, result->against, relation_of(result));
    write_number(file, result->target, result->relation != RESULT_ONLY_MEASURED);
    fprintf(file, "\t%s", result->unit[0] ? result->unit : "ratio");
    write_number(file, spread->median, true);
    write_number(file, spread->low, true);
    write_number(file, spread->high, true);
    fprintf(file, "\t%s\t%zu", verdict_of(result, spread), result->values->count);
    write_side(file, &result->ours);
    write_side(file, &result->theirs);
    fprintf(file, "\t%s\n", result->figure_unit[0] ? result->figure_unit : "-");
}

void results_add(const struct result *result)
{
    struct spread spread = spread_of(result->values);
    print(result, &spread);
    const char *path = getenv("RESULTS");
    if (!path)
        return;
    FILE *file = fopen(path, "a");
    if (!file)
        err(1, "%s", path);
    write_row(file, result, &spread);
    if (fclose(file) != 0)
        err(1, "%s", path);
}

void results_add_alone(const char *work, enum result_relation relation, double target,
                       const char *unit, struct samples *values)
{
    results_add(&(struct result){.work = work,
                                 .against = "-",
                                 .relation = relation,
                                 .target = target,
                                 .unit = unit,
                                 .values = values,
                                 .figure_unit = ""});
}
