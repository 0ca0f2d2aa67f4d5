/*
 * Garbage: what begins like arrays of RESP and then is none, in every way that comes to mind.
 */
#ifndef LEVERET_TESTS_INTEROP_GARBAGE_H
#define LEVERET_TESTS_INTEROP_GARBAGE_H

#include "protocol/bytes.h"
#include "tests/lib/chance.h"

/*
 * Appends what to send on a fresh connection before no more is sent. No whole request is followed
 * by anything but an asterisk: that would be a line, which the two servers read differently. No
 * array declares between 64 Ki and 2 Gi words, where one server has its bound and the other not.
 */
void garbage_append(struct buffer *out, struct chance *chance);

#endif
