/*
 * Specification: the text of protocol/PROTOCOL.md, for tests that hold the code to it.
 */
#ifndef LEVERET_TESTS_LIB_SPECIFICATION_H
#define LEVERET_TESTS_LIB_SPECIFICATION_H

#include <stdlib.h>

#include "tests/lib/paths.h"
#include "tests/lib/scratch.h"

/* End with buffer_fini. */
static inline struct buffer specification_read(void)
{
    char *path = scratch_path(paths_source(), "protocol/PROTOCOL.md");
    struct buffer text = scratch_read(path);
    free(path);
    return text;
}

#endif
