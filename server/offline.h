/*
 * Offline: the errands that the daemon runs on a directory instead of serving it, and what it tells
 * the person who asked, on standard output and standard error.
 */
#ifndef LEVERET_OFFLINE_H
#define LEVERET_OFFLINE_H

#include "config.h"

enum offline_result {
    OFFLINE_DONE,
    OFFLINE_FAILED,
    OFFLINE_UNCONFIRMED, /* nothing was done, because --yes was not given */
};

/* Makes config->repair one that can be served again. */
MUST_CHECK enum offline_result offline_repair(const struct config *config);

/* Removes config->destroy, or tells what that would remove. */
MUST_CHECK enum offline_result offline_destroy(const struct config *config);

#endif
