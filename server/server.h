/*
 * The server: starts its parts in order, waits for signals, and stops them in reverse. The only
 * file that knows all the parts.
 */
#ifndef LEVERET_SERVER_H
#define LEVERET_SERVER_H

#include "config.h"

enum server_result {
    SERVER_STOPPED,     /* a clean stop */
    SERVER_FAILED,      /* could not start; the log says why */
    SERVER_INTERRUPTED, /* told to stop before it could serve: exit as below, all is well */
    SERVER_FORCED,      /* stopping took too long, or a second signal came: exit without waiting for
                           anything, because threads still run */
};

/* Serves until a signal. The configuration outlives the call. */
MUST_CHECK enum server_result server_run(const struct config *config);

#endif
