#include "protocol/status.h"

#include <assert.h>

static const struct {
    const char *word;
    const char *meaning;
} statuses[STATUS_COUNT] = {
#define STATUS(enumerator, word, meaning) {word, meaning},
    STATUS_LIST(STATUS)
#undef STATUS
};

const char *status_word(enum status status)
{
    assert(status < STATUS_COUNT);
    return statuses[status].word;
}

const char *status_meaning(enum status status)
{
    assert(status < STATUS_COUNT);
    return statuses[status].meaning;
}

enum status status_from_word(struct slice word)
{
    for (unsigned i = 0; i < STATUS_COUNT; i++)
        if (slice_equal(word, slice_from_string(statuses[i].word)))
            return (enum status)i;
    return STATUS_COUNT;
}
