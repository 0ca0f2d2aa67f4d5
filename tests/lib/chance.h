/*
 * Chance: numbers that look random and are the same in every run (splitmix64, Steele 2014).
 */
#ifndef LEVERET_TESTS_LIB_CHANCE_H
#define LEVERET_TESTS_LIB_CHANCE_H

#include <stddef.h>
#include <stdint.h>

/* Start it with any seed. */
struct chance {
    uint64_t state;
};

static inline uint64_t chance_next(struct chance *chance)
{
    uint64_t mixed = chance->state += 0x9e3779b97f4a7c15;
    mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111eb;
    return mixed ^ (mixed >> 31);
}

/* 0 to limit - 1. */
static inline size_t chance_below(struct chance *chance, size_t limit)
{
    return (size_t)(chance_next(chance) % limit);
}

static inline void chance_bytes(struct chance *chance, char *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++)
        bytes[i] = (char)(unsigned char)chance_next(chance);
}

#endif
