/*
 * Transcript: the sessions that PROTOCOL.md shows, read from its text.
 *
 *     > GET a          a request
 *     OK "1"           its whole reply; a line `...` stands for any lines
 */
#ifndef LEVERET_TESTS_SYSTEM_TRANSCRIPT_H
#define LEVERET_TESTS_SYSTEM_TRANSCRIPT_H

#include "protocol/bytes.h"

struct transcript_step {
    struct slice request; /* without a line ending */
    struct slice reply;   /* whole lines; empty when none comes */
    unsigned block;       /* which block of the text it stands in, from 0 */
};

struct transcript {
    struct transcript_step *steps; /* they borrow the text */
    size_t count;
    unsigned blocks;
};

/* Reads every ```transcript block of the text. End with transcript_fini. */
void transcript_read(struct transcript *transcript, struct slice text);
void transcript_fini(struct transcript *transcript);

/* True when the reply is what the step expects; its lines may end with CRLF. */
bool transcript_matches(struct slice reply, struct slice expected);

#endif
