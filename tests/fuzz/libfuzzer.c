/*
 * What libFuzzer calls (https://llvm.org/docs/LibFuzzer.html).
 */
#include "tests/fuzz/target.h"

/* libFuzzer has no header; this is its name for it. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    target_take(slice_of((const char *)data, size));
    return 0;
}
