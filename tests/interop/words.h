/*
 * Words: one request of RESP.
 */
#ifndef LEVERET_TESTS_INTEROP_WORDS_H
#define LEVERET_TESTS_INTEROP_WORDS_H

#include "protocol/bytes.h"

#define WORDS_MOST 32

/* All zeroes is a request without words; the buffers are kept from one to the next. */
struct words {
    struct buffer items[WORDS_MOST];
    size_t count;
};

void words_fini(struct words *words);

/* Starts another request with the name of its command, or adds a word. */
void words_begin(struct words *words, const char *name);
void words_add(struct words *words, struct slice word);
void words_say(struct words *words, const char *word);

/* The word of that number, empty when there is none; true when it is that one, whatever its case.
 */
struct slice words_at(const struct words *words, size_t n);
bool words_is(const struct words *words, size_t n, const char *word);

/* Appends the request as an array of bulk strings. */
void words_append(const struct words *words, struct buffer *out);

#endif
