/*
 * Descriptors: how many connections there may be, so that a full table of descriptors can never hit
 * the store. LevelDB opens files as it writes; one that cannot be opened would end all writes.
 */
#ifndef LEVERET_DESCRIPTORS_H
#define LEVERET_DESCRIPTORS_H

#include "config.h"

/* Raises the process's limit as far as the system allows, once, before any thread is there. Then:
 * as many connections as the configuration asks for, or as the limit has room for beside all else.
 * 0, with a line in the log, when it has room for none. */
MUST_CHECK uint32_t descriptors_for_connections(const struct config *config);

#endif
