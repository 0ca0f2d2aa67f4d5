/*
 * A target: one way by which foreign bytes come into the program. Each is a file of its own that
 * defines target_take; libfuzzer.c feeds it what libFuzzer makes up, seeds.c the files that are
 * kept. Knows neither.
 */
#ifndef LEVERET_TESTS_FUZZ_TARGET_H
#define LEVERET_TESTS_FUZZ_TARGET_H

#include "protocol/bytes.h"
#include "tests/unit/cuts.h"

/* Takes any bytes. Ends the process by abort when they are not treated as promised. */
void target_take(struct slice input);

/* Aborts, saying what was promised, unless it holds. */
void target_expect(bool holds, const char *promise);

/* Aborts, showing both, unless they are equal. */
void target_expect_equal(const char *what, struct slice got, struct slice expected);

/* The decoder must say the same of the input whole, byte by byte, and in pieces whose lengths the
 * input itself decides. */
void target_expect_cuts_equal(const struct cuts_decoder *decoder, struct slice input);

/* A number that the bytes decide (FNV-1a): what else a target does with them depends on them only,
 * so a file with them is all that is needed to see it again. */
uint64_t target_seed(struct slice input);

#endif
