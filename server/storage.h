/*
 * Storage: the store, opened and closed by a thread of its own while signals are heard, because
 * both may take long and a disk that hangs takes for ever.
 */
#ifndef LEVERET_SERVER_STORAGE_H
#define LEVERET_SERVER_STORAGE_H

#include "config.h"
#include "ops/chore.h"
#include "store/store.h"

/* Opens the store that the configuration asks for; *store is NULL when that fails, and the log says
 * why. When it is not CHORE_DONE, a thread is still at it and the process has to end. `signals` is
 * that of signals.h. Once only. */
MUST_CHECK enum chore_result storage_open(const struct config *config, int signals,
                                          struct store **store);

/* Closes it, unless it takes beyond the deadline (clock_ms); likewise. */
MUST_CHECK enum chore_result storage_close(struct store *store, int signals, int64_t deadline);

#endif
