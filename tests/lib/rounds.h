/*
 * Rounds: how long a test goes on that could go on for ever, and what it found.
 */
#ifndef LEVERET_TESTS_LIB_ROUNDS_H
#define LEVERET_TESTS_LIB_ROUNDS_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/* The number of rounds: the first in an ordinary run, the second when $LEVERET_LONG is set; and
 * $LEVERET_ROUNDS wins over both. */
static inline uint64_t rounds_choose(uint64_t ordinary, uint64_t at_length)
{
    const char *chosen = getenv("LEVERET_ROUNDS");
    if (chosen != NULL)
        return strtoull(chosen, NULL, 10);
    return getenv("LEVERET_LONG") != NULL ? at_length : ordinary;
}

/* The seed of a test's chance: $LEVERET_SEED, or one that nobody has had. The test prints it. */
static inline uint64_t rounds_seed(void)
{
    const char *chosen = getenv("LEVERET_SEED");
    uint64_t seed = 0;
    if (chosen != NULL)
        return strtoull(chosen, NULL, 10);
    FILE *random = fopen("/dev/urandom", "r");
    if (random == NULL || fread(&seed, sizeof(seed), 1, random) != 1)
        abort();
    fclose(random);
    return seed >> 32;
}

/* Tells what a test measured or counted: the run shows such lines though the test passes. */
#define rounds_tell(...) (fprintf(stderr, "figure: " __VA_ARGS__), fputc('\n', stderr))

#endif
