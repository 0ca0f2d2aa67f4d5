/*
 * Page: what SCAN answers, piece by piece.
 */
#ifndef LEVERET_TESTS_SYSTEM_PAGE_H
#define LEVERET_TESTS_SYSTEM_PAGE_H

#include "tests/lib/wire.h"

/* The next line must be this type byte and a number. */
uint64_t page_number(struct wire *from, char type);

/* The next bulk string, which holds no line ending; dies with the next call on the wire. */
struct slice page_bulk(struct wire *from);

/* The head of a page: the cursor to go on with, and how many keys follow. */
uint32_t page_take(struct wire *from, uint64_t *keys);

#endif
