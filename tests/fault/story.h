/*
 * Story: what one client writes, step by step, and what the store then holds. A step is one write:
 * a put, a deletion, or several of them at once. Each value tells its key and its version, and no
 * version comes twice. Knows no socket and no file.
 */
#ifndef LEVERET_TESTS_FAULT_STORY_H
#define LEVERET_TESTS_FAULT_STORY_H

#include "protocol/bytes.h"
#include "tests/lib/chance.h"

#define STORY_KEYS 600
#define STORY_MOST_OPERATIONS 6

/* The version of a key that is not there. */
#define STORY_ABSENT 0

struct story_operation {
    uint32_t key;
    uint32_t version; /* or STORY_ABSENT: it is deleted */
};

struct story {
    struct story_operation *operations; /* owned, in order */
    size_t *ends;                       /* owned; of each step: the operations up to there */
    size_t steps;
    size_t room;
    uint32_t now[STORY_KEYS]; /* the version of each key after all of them */
    uint32_t last_version;
};

void story_fini(struct story *story);

/* Goes on by a step: appends the lines to send to *request, and tells how many lines answer. */
void story_go_on(struct story *story, struct chance *chance, struct buffer *request,
                 unsigned *answers);

/* The versions after the first `operations` operations. */
void story_after(const struct story *story, size_t operations, uint32_t versions[STORY_KEYS]);

/* How many operations the first so many steps have. */
size_t story_operations(const struct story *story, size_t steps);

/* The bytes of a key, and appends those of a value. The key is a static string that dies with the
 * next call. */
struct slice story_key(uint32_t key);
void story_value(uint32_t key, uint32_t version, struct buffer *value);

/* Which key and version the bytes are of; false when they are of none. */
MUST_CHECK bool story_read_key(struct slice bytes, uint32_t *key);
MUST_CHECK bool story_read_value(struct slice bytes, uint32_t key, uint32_t *version);

#endif
