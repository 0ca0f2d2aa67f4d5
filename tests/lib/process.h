/*
 * Process: a program that runs beside the test, and all that it prints. Knows nothing of what the
 * program is.
 *
 * It dies with the test's process, however that ends. Used from one thread. Whatever goes wrong
 * ends the test.
 */
#ifndef LEVERET_TESTS_LIB_PROCESS_H
#define LEVERET_TESTS_LIB_PROCESS_H

#include <sys/types.h>

#include "protocol/bytes.h"

/* One of the two outputs of a process. */
struct process_stream {
    int fd;             /* -1 once it ended */
    struct buffer text; /* with a NUL behind it, not counted */
};

/* One run at a time, any number of runs. */
struct process {
    pid_t pid; /* 0: nothing runs */
    int pidfd;
    int status; /* of the last run, as process_wait gives it */
    struct process_stream out;
    struct process_stream err;
};

void process_init(struct process *process);

/* Kills what still runs. */
void process_fini(struct process *process);

/*
 * Runs argv (NULL at the end) with more variables (NAME=VALUE, NULL at the end) in its environment,
 * under the user and group `user` unless that is 0. Forgets what earlier runs printed.
 */
void process_start(struct process *process, const char *const *argv, char *const *variables,
                   uid_t user);

/* All that this run printed so far; dies with the next call. */
const char *process_out(struct process *process);
const char *process_err(struct process *process);

/* Waits until standard error contains the text. */
void process_await(struct process *process, const char *text);

/* Waits for the end: the exit status, or -N when signal N ended it. */
int process_wait(struct process *process);

/* SIGKILL and the end, if it runs. */
void process_kill(struct process *process);

#endif
