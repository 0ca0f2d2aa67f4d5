/* bench DIRECTORY [NAME...]: runs the named measurements, or all, over data below DIRECTORY. */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "tests/bench/bench.h"

static const struct measurement {
    const char *name;
    void (*measure)(const char *directory);
} measurements[] = {
    {"scan", scan_measure},     {"ranges", ranges_measure}, {"memory", memory_measure},
    {"commit", commit_measure}, {"idle", idle_measure},
};

#define TOTAL (sizeof(measurements) / sizeof(*measurements))

static const struct measurement *find(const char *name)
{
    for (size_t i = 0; i < TOTAL; i++) {
        if (strcmp(measurements[i].name, name) == 0)
            return &measurements[i];
    }
    errx(2, "no measurement %s; there are scan, ranges, memory, commit, idle", name);
}

static void measure(const struct measurement *measurement, const char *parent)
{
    char *directory;
    if (asprintf(&directory, "%s/%s", parent, measurement->name) < 0)
        errx(1, "out of memory");
    if (mkdir(directory, 0700) != 0)
        err(1, "%s", directory);
    measurement->measure(directory);
    free(directory);
}

int main(int argc, char **argv)
{
    if (argc < 2)
        errx(2, "usage: bench DIRECTORY [NAME...]");
    for (int i = 2; i < argc; i++)
        (void)find(argv[i]);
    for (int i = 2; i < argc; i++)
        measure(find(argv[i]), argv[1]);
    for (size_t i = 0; argc == 2 && i < TOTAL; i++)
        measure(&measurements[i], argv[1]);
    return 0;
}
