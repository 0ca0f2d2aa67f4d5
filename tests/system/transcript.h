/*
 * Transcript: the sessions that PROTOCOL.md shows, read from its text.
 *
 *     > GET a          a request
 *     OK "1"           its whole reply; a line `...` stands for any lines
 *
 * In a ```redis block the words of a request are sent as a RESP array, and the reply is what
 * redis-cli prints of it.
 *
 * A word like $id stands for digits that the server chose, and further on in the same block, in
 * requests too, for the same digits.
 */
#ifndef LEVERET_TESTS_SYSTEM_TRANSCRIPT_H
#define LEVERET_TESTS_SYSTEM_TRANSCRIPT_H

#include "protocol/bytes.h"

struct transcript_step {
    struct slice request; /* without a line ending */
    struct slice reply;   /* whole lines; empty when none comes */
    bool redis;           /* of the RESP face */
    unsigned block;       /* which block of the text it stands in, from 0 */
};

struct transcript {
    struct transcript_step *steps; /* they borrow the text */
    size_t count;
    unsigned blocks;
};

/* The words of a block, as far as the server has chosen. All zeroes to begin with. */
struct transcript_names {
    struct {
        char name[16];
        char digits[24];
    } items[8];
    size_t count;
};

/* Reads every ```transcript and ```redis block of the text. End with transcript_fini. */
void transcript_read(struct transcript *transcript, struct slice text);
void transcript_fini(struct transcript *transcript);

/* True when the request holds such a word, so that replies to those before it are needed first. */
bool transcript_uses_names(const struct transcript_step *step);

/* Appends the request with digits for its words; one not chosen yet ends the test. */
void transcript_append_request(const struct transcript_names *names,
                               const struct transcript_step *step, struct buffer *out);

/* True when the reply is what the step expects; its lines may end with CRLF. Then what the server
 * chose joins the names. */
bool transcript_matches(struct transcript_names *names, struct slice reply, struct slice expected);

#endif
