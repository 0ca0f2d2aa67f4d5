/*
 * Session: requests of one face that use every command of it, in blocks that each begin with an
 * empty store and stand alone.
 */
#ifndef LEVERET_TESTS_FAULT_SESSION_H
#define LEVERET_TESTS_FAULT_SESSION_H

#include "protocol/bytes.h"

struct session_block {
    bool redis;
    const char *requests[40]; /* NULL behind the last; $ stands for the latest snapshot */
};

extern const struct session_block session_blocks[];
extern const size_t session_count;

#endif
