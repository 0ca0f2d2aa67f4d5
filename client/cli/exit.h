/*
 * What the process says with its exit status. A larger number is worse, so that of several
 * outcomes the largest counts.
 */
#ifndef LEVERET_CLIENT_CLI_EXIT_H
#define LEVERET_CLIENT_CLI_EXIT_H

#include "client/leveret.h"

enum exit_status {
    EXIT_FINE = 0,
    EXIT_ABSENT = 1,     /* NOT_FOUND or CONFLICT */
    EXIT_USAGE = 2,      /* the command line cannot be understood */
    EXIT_REFUSED = 3,    /* ERR, bad input, or input and output that failed */
    EXIT_CONNECTION = 4, /* none could be made, or it was lost */
};

static inline enum exit_status exit_worse(enum exit_status a, enum exit_status b)
{
    return a > b ? a : b;
}

/* What the outcome of a call means for the exit status. */
static inline enum exit_status exit_from_status(enum leveret_status status)
{
    switch (status) {
    case LEVERET_OK:
    case LEVERET_END:
        return EXIT_FINE;
    case LEVERET_NOT_FOUND:
    case LEVERET_CONFLICT:
        return EXIT_ABSENT;
    case LEVERET_MISUSE:
        return EXIT_USAGE;
    case LEVERET_UNREACHABLE:
    case LEVERET_LOST:
    case LEVERET_TIMEOUT:
    case LEVERET_PROTOCOL:
        return EXIT_CONNECTION;
    default:
        return EXIT_REFUSED;
    }
}

#endif
