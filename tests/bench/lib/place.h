/*
 * Paths below a measurement's directory.
 */
#ifndef LEVERET_TESTS_BENCH_LIB_PLACE_H
#define LEVERET_TESTS_BENCH_LIB_PLACE_H

#include <err.h>
#include <stdio.h>
#include <stdlib.h>

/* The path `directory/name`, which the caller frees. Nothing is made. */
static inline char *place_in(const char *directory, const char *name)
{
    char *path;
    if (asprintf(&path, "%s/%s", directory, name) < 0)
        errx(1, "out of memory");
    return path;
}

#endif
