/*
 * What a server says to a client.
 */
#include "tests/fuzz/target.h"
#include "tests/unit/decoders.h"

void target_take(struct slice input)
{
    target_expect_cuts_equal(&decoders_answer, input);
}
