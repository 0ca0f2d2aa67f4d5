/*
 * Questions: requests as chance has them, of every kind, most of them sensible. Keys are short and
 * made of few, nasty bytes, so that they meet: as equals, as prefixes of each other, at 0xff.
 */
#ifndef LEVERET_TESTS_SYSTEM_QUESTIONS_H
#define LEVERET_TESTS_SYSTEM_QUESTIONS_H

#include "tests/system/twin.h"

/* Makes the next request of a session. It looks at the twin for values to compare with, children
 * to go on after and snapshots to name, so that such requests succeed often enough. */
void questions_make(struct ask *ask, struct chance *chance, const struct twin *twin,
                    size_t session);

#endif
