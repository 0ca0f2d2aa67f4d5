/*
 * The options behind SCAN's cursor, read and refused as Redis does.
 */
#ifndef LEVERET_COMMANDS_REDIS_OPTIONS_H
#define LEVERET_COMMANDS_REDIS_OPTIONS_H

#include "commands/call.h"

struct options_scan {
    uint64_t cursor;
    struct slice match; /* borrows from the call's arguments; no data: everything matches */
    uint64_t count;     /* keys to look at; at least 1 */
    bool strings;       /* keys that hold strings are wanted */
};

/* False with the error replied. */
MUST_CHECK bool options_read_scan(struct call *call, struct options_scan *options);

#endif
