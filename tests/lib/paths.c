#include "tests/lib/paths.h"

#include <stdlib.h>

static const char *chosen(const char *variable, const char *built)
{
    const char *path = getenv(variable);
    return path == NULL || *path == '\0' ? built : path;
}

const char *paths_daemon(void)
{
    return chosen("LEVERETD", TESTS_BUILD "/server/leveretd");
}

const char *paths_client(void)
{
    return chosen("LEVERET", TESTS_BUILD "/client/leveret");
}

const char *paths_source(void)
{
    return TESTS_SOURCE;
}

const char *paths_build(void)
{
    return TESTS_BUILD;
}
