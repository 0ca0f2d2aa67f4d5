#include "tests/bench/lib/table.h"

#include <math.h>
#include <stdio.h>

void table_title(const char *title, const char *how)
{
    printf("\n%s\n  (%s)\n", title, how);
    fflush(stdout);
}

/* Three significant digits are more than any of these figures repeats. */
static int decimals(double value)
{
    if (fabs(value) >= 100)
        return 0;
    return fabs(value) >= 10 ? 1 : 2;
}

static void begin(const char *name, double value, const char *unit)
{
    printf("  %-52s %10.*f %-8s", name, decimals(value), value, unit);
}

static void end(const char *relation, double target, int held)
{
    printf(" target %s %g: %s\n", relation, target, held ? "held" : "MISSED");
    fflush(stdout);
}

void table_figure(const char *name, double value, const char *unit)
{
    begin(name, value, unit);
    printf("\n");
    fflush(stdout);
}

void table_at_most(const char *name, double value, double target, const char *unit)
{
    begin(name, value, unit);
    end("<=", target, value <= target);
}

void table_at_least(const char *name, double value, double target, const char *unit)
{
    begin(name, value, unit);
    end(">=", target, value >= target);
}
