/*
 * Requests of both faces: the first byte of each picks its decoder.
 */
#include "tests/fuzz/target.h"
#include "tests/unit/decoders.h"

void target_take(struct slice input)
{
    target_expect_cuts_equal(&decoders_request, input);
}
