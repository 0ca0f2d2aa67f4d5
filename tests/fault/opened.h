/*
 * Opened: a data directory opened as the daemon opens it, in a child of the test, and all that it
 * answers then about the keys of a story. A crash or a hang ends the child alone.
 */
#ifndef LEVERET_TESTS_FAULT_OPENED_H
#define LEVERET_TESTS_FAULT_OPENED_H

#include "tests/fault/story.h"

enum opened_end {
    OPENED_SERVED,  /* it opened, answered, and closed */
    OPENED_REFUSED, /* it did not open, and `text` says why */
    OPENED_BROKEN,  /* the child crashed or hung, and `text` says how */
};

/* Where versions are expected: what stands there instead. */
#define OPENED_ERROR UINT32_MAX       /* the answer was that it cannot be read */
#define OPENED_WRONG (UINT32_MAX - 1) /* bytes that were never written */

/* The ways that everything is read. */
enum opened_way {
    OPENED_GET,
    OPENED_SCAN,
    OPENED_REVERSE,
    OPENED_WAYS,
};

struct opened {
    enum opened_end end;
    char text[320];
    uint32_t found[OPENED_WAYS][STORY_KEYS]; /* versions */
    unsigned strange;                        /* rows whose keys are none of the story's */
    unsigned errors;
};

/* Opens, reads and closes the directory. The result dies with the next call. */
const struct opened *opened_run(const char *path, bool paranoid);

/* Whether each answer is that of these versions, or an error. Else *key and *way tell of one that
 * is not. */
MUST_CHECK bool opened_agrees(const struct opened *opened, const uint32_t versions[STORY_KEYS],
                              uint32_t *key, enum opened_way *way);

#endif
