/*
 * Letters: the words that a request is made of, as chance has them, each kind under a letter.
 *
 *     k key   v value   i integer   f number   r index   o offset   g pattern   n name   w any word
 *     s an option of SET   c of COPY   m of SCAN   h of HELLO
 *
 * Keys are few, short and made of nasty bytes, so that they meet; numbers stand at their edges, and
 * some are none.
 */
#ifndef LEVERET_TESTS_INTEROP_LETTERS_H
#define LEVERET_TESTS_INTEROP_LETTERS_H

#include "tests/interop/words.h"
#include "tests/lib/chance.h"

/* Adds a word of that kind. */
void letters_add(struct words *words, struct chance *chance, char letter);

#endif
