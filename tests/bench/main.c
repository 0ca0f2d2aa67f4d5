/* bench DIRECTORY [NAME...]: runs the named measurements, or all, over data below DIRECTORY. */
#include <err.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "tests/bench/bench.h"
#include "tests/bench/lib/place.h"
#include "tests/bench/lib/server.h"
#include "tests/bench/lib/store.h"

static const struct measurement {
    const char *name;
    void (*measure)(const char *directory);
    bool peers; /* the name `peers` stands for all of these */
} measurements[] = {
    {"gets", gets_measure, true},       {"sets", sets_measure, true},
    {"streams", streams_measure, true}, {"growth", growth_measure, true},
    {"tail", tail_measure, true},       {"scan", scan_measure, false},
    {"ranges", ranges_measure, false},  {"memory", memory_measure, false},
    {"commit", commit_measure, false},  {"idle", idle_measure, false},
    {"tls", tls_measure, false},
};

#define TOTAL (sizeof(measurements) / sizeof(*measurements))

static bool has_name(const struct measurement *measurement, const char *name)
{
    return strcmp(measurement->name, name) == 0 ||
           (measurement->peers && strcmp(name, "peers") == 0);
}

static void check(const char *name)
{
    for (size_t i = 0; i < TOTAL; i++)
        if (has_name(&measurements[i], name))
            return;
    errx(2, "no measurement %s; see ./dev help", name);
}

/* Without a name, all are wanted. */
static bool is_wanted(const struct measurement *measurement, char *const *names, int count)
{
    for (int i = 0; i < count; i++)
        if (has_name(measurement, names[i]))
            return true;
    return count == 0;
}

static void remove_directory(const char *directory)
{
    char command[600];
    snprintf(command, sizeof(command), "rm -rf '%s'", directory);
    if (system(command) != 0)
        errx(1, "failed: %s", command);
}

static void measure(const struct measurement *measurement, const char *parent)
{
    char *directory = place_in(parent, measurement->name);
    if (mkdir(directory, 0700) != 0)
        err(1, "%s", directory);
    measurement->measure(directory);
    remove_directory(directory);
    free(directory);
}

/* The program opens LevelDB as the daemon does. */
static void adopt_options(const char *parent)
{
    struct server server;
    char *directory = place_in(parent, "options");
    if (mkdir(directory, 0700) != 0)
        err(1, "%s", directory);
    server_start(&server, directory);
    store_adopt(server.port);
    server_stop(&server);
    remove_directory(directory);
    free(directory);
}

int main(int argc, char **argv)
{
    if (argc < 2)
        errx(2, "usage: bench DIRECTORY [NAME...]");
    for (int i = 2; i < argc; i++)
        check(argv[i]);
    adopt_options(argv[1]);
    for (size_t i = 0; i < TOTAL; i++)
        if (is_wanted(&measurements[i], argv + 2, argc - 2))
            measure(&measurements[i], argv[1]);
    return 0;
}
