/*
 * Phrases: requests of Redis's vocabulary as chance has them, most of them sensible.
 */
#ifndef LEVERET_TESTS_INTEROP_PHRASES_H
#define LEVERET_TESTS_INTEROP_PHRASES_H

#include "tests/interop/words.h"
#include "tests/lib/chance.h"

/* How two servers' replies to the same request must be alike. Errors are always the same bytes. */
enum phrase_likeness {
    PHRASE_SAME,   /* in every byte */
    PHRASE_SORTED, /* in the parts of the array, whose order is nobody's business */
    PHRASE_TYPE,   /* in the type only: ids, times, texts about oneself */
};

/* Makes the next request of a connection. *open: it stands in a transaction, before and after. */
enum phrase_likeness phrases_make(struct words *words, struct chance *chance, bool *open);

#endif
