/*
 * Reference: Debian's Redis server, of a test's own, to compare with. It is told to be as small as
 * leveretd is: one database, the same longest value, nothing on disk, and only the commands that
 * protocol/redis.def lists, so that it calls the others unknown.
 */
#ifndef LEVERET_TESTS_INTEROP_REFERENCE_H
#define LEVERET_TESTS_INTEROP_REFERENCE_H

#include "tests/lib/wire.h"

struct reference;

/* Runs one in a directory, which stays the caller's. It dies with the test's process. */
struct reference *reference_run(const char *directory);

/* Kills it. NULL is allowed. */
void reference_free(struct reference *reference);

/* A new connection; the caller closes it. */
struct wire *reference_connect(const struct reference *reference);

#endif
