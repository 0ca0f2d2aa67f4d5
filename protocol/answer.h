/*
 * Answers: the client's side of reply.h. Bytes of line replies in, rows and endings out, one line
 * at a time and however the bytes were cut. Knows no socket.
 */
#ifndef LEVERET_PROTOCOL_ANSWER_H
#define LEVERET_PROTOCOL_ANSWER_H

#include "protocol/bytes.h"
#include "protocol/line.h"
#include "protocol/status.h"

/* What must survive between two arrivals. All zeroes is a fresh start. */
struct answer_decoder {
    struct line_finder finder;
};

/* One decoded line. All zeroes is valid; reuse keeps the memory; end with answer_fini. */
struct answer {
    struct tokens tokens; /* of a row: its parts, one to four; of an ending: all its words */
    enum status status;   /* of an ending; STATUS_COUNT for an ERR whose code is not known here */
    struct slice remark;  /* of a remark: its text */
};

void answer_fini(struct answer *answer);

enum answer_result {
    ANSWER_MORE,   /* the input ends inside a line */
    ANSWER_ROW,    /* a data line: tokens are its parts */
    ANSWER_REMARK, /* a line for people */
    ANSWER_ENDING, /* the line that ends the reply */
    ANSWER_BAD,    /* no line of this protocol; the connection is of no more use */
};

/*
 * Decodes the first line of `input`, which starts where the previous call's *used left it. What
 * `answer` holds dies with the input and with the next call. *used is 0 on ANSWER_MORE.
 */
MUST_CHECK enum answer_result answer_decode(struct answer_decoder *decoder, struct slice input,
                                            struct answer *answer, size_t *used);

/* Of an ending: the key after `MORE`, or false when there is none. */
bool answer_more_key(const struct answer *answer, struct slice *key);

/* Of an ending `OK n ...`: the number; false when there is none. */
bool answer_count(const struct answer *answer, uint64_t *count);

#endif
