/*
 * Requests of the RESP face. This decoder takes the first byte of each for an asterisk.
 */
#include "tests/fuzz/target.h"
#include "tests/unit/decoders.h"

void target_take(struct slice input)
{
    target_expect_cuts_equal(&decoders_resp, input);
}
