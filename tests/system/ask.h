/*
 * Ask: one request as tokens, and the many ways to write it as a line.
 */
#ifndef LEVERET_TESTS_SYSTEM_ASK_H
#define LEVERET_TESTS_SYSTEM_ASK_H

#include "protocol/bytes.h"
#include "tests/lib/chance.h"

#define ASK_MOST 32

/* All zeroes is a request without tokens; the buffers are kept from one to the next. */
struct ask {
    struct buffer tokens[ASK_MOST];
    size_t count;
    bool open; /* the line is spoiled by a quote that nobody closes */
};

void ask_fini(struct ask *ask);

/* Starts another request with the name of its command, or adds a token. */
void ask_begin(struct ask *ask, const char *name);
void ask_add(struct ask *ask, struct slice token);
void ask_word(struct ask *ask, const char *word);
void ask_number(struct ask *ask, uint64_t number);

struct slice ask_token(const struct ask *ask, size_t n);

/* Appends the request as a line without its ending: quotes, escapes, spaces and the case of the
 * first token as chance has it. */
void ask_append(const struct ask *ask, struct chance *chance, struct buffer *out);

#endif
