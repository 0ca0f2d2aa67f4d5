#include "tests/bench/lib/command.h"

#include <err.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/bench/lib/clock.h"
#include "tests/bench/lib/process.h"

void command_take(void *how, struct turn *turn)
{
    const struct command *command = how;
    double before = process_cpu(command->server);
    double start = clock_now();
    double cpu = process_run((const char *const[]){"sh", "-c", command->command, NULL}, NULL, 0);
    double seconds = clock_now() - start;
    double millions = (double)command->count / 1e6;
    turn->figure = (double)command->count / seconds;
    turn->client_cpu = cpu / millions;
    turn->server_cpu = (process_cpu(command->server) - before) / millions;
}

void command_check(const struct command *command, uint64_t lines)
{
    char text[300];
    char count[32] = "";
    snprintf(text, sizeof(text), "%s | wc -l", command->command);
    process_run((const char *const[]){"sh", "-c", text, NULL}, count, sizeof(count));
    if (strtoull(count, NULL, 10) != lines)
        errx(1, "%s gave %s lines", text, count);
}
