/*
 * Dialling: from an address to a connected, non-blocking socket. Knows nothing of what is said
 * over it.
 */
#ifndef LEVERET_CLIENT_LIB_DIAL_H
#define LEVERET_CLIENT_LIB_DIAL_H

#include <stddef.h>

#include "client/lib/address.h"

/*
 * Tries each address that the host has until one answers, giving each `timeout_ms` (0: no limit).
 * A descriptor that the caller owns, or -1 with a sentence in `problem`.
 */
__attribute__((warn_unused_result)) int dial(const struct address *address, unsigned timeout_ms,
                                             char *problem, size_t problem_size);

/*
 * Waits for `events` (of poll) on the descriptor; signals do not end the wait. The events seen, 0
 * after `timeout_ms` (0: no limit) without any, or -1 and errno.
 */
int dial_wait(int fd, short events, unsigned timeout_ms);

#endif
