/*
 * Contents: what a server holds, read through cursors and key by key.
 */
#ifndef LEVERET_TESTS_INTEROP_CONTENTS_H
#define LEVERET_TESTS_INTEROP_CONTENTS_H

#include "tests/interop/words.h"
#include "tests/lib/wire.h"

/* Appends the keys that SCAN names, as bulk strings, in order of their bytes and each once. `scan`
 * has the options behind its first two words, which are replaced. How many came again. */
size_t contents_scan(struct wire *wire, struct words *scan, struct buffer *keys);

/* Appends the reply to GET for each of such keys. */
void contents_get(struct wire *wire, struct slice keys, struct buffer *values);

#endif
