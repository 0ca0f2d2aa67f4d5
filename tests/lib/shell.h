/*
 * Shell: runs one command line and keeps what came of it.
 */
#ifndef LEVERET_TESTS_LIB_SHELL_H
#define LEVERET_TESTS_LIB_SHELL_H

#include "protocol/bytes.h"

/* What a command line left behind. Both buffers hold a NUL behind their last byte. */
struct shell {
    int status; /* the exit status, or -N when signal N ended it */
    struct buffer out;
    struct buffer err;
};

/*
 * Runs the command line that the printf text makes with bash -o pipefail, standard input empty.
 * After 120 seconds the whole process group is killed and the test ends. In the environment:
 * LEVERETD and LEVERET, the paths of the binaries, and SOURCE, the top of the source tree.
 * End with shell_fini.
 */
struct shell shell_run(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The same with bytes on standard input. */
struct shell shell_feed(struct slice input, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

void shell_fini(struct shell *shell);

/* Runs it and ends the test, with both outputs, unless it exits with that status and its
 * standard output is exactly `out`. NULL: any output. */
void shell_expect(int status, const char *out, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
