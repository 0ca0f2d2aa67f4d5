/*
 * A shell command as a contestant: it does the same so many times a turn. Its figure is that
 * number by the seconds from its start to its end.
 */
#ifndef LEVERET_TESTS_BENCH_LIB_COMMAND_H
#define LEVERET_TESTS_BENCH_LIB_COMMAND_H

#include <stdint.h>
#include <sys/types.h>

#include "tests/bench/lib/contest.h"

struct command {
    pid_t server;   /* whose CPU is looked at */
    uint64_t count; /* what a turn does, such as rows */
    char command[256];
};

/* A contestant's `take`; `how` is a struct command. What it prints goes to /dev/null. */
void command_take(void *how, struct turn *turn);

/* Ends the program unless the command prints so many lines. */
void command_check(const struct command *command, uint64_t lines);

#endif
