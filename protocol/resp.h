/*
 * RESP framing: the arrays of bulk strings that Redis clients send. Knows no command and no line.
 *
 *     *3 CRLF  $3 CRLF SET CRLF  $1 CRLF k CRLF  $1 CRLF v CRLF
 *
 * Bytes are judged as Redis 7.0 judges them, and refused with its words. Nothing is allocated from
 * a declared length: tokens borrow from the input.
 */
#ifndef LEVERET_PROTOCOL_RESP_H
#define LEVERET_PROTOCOL_RESP_H

#include "protocol/bytes.h"
#include "protocol/limits.h"
#include "protocol/line.h"

/* What must survive between two arrivals. All zeroes is a fresh start. */
struct resp_decoder {
    size_t at;                   /* so many bytes at the start were looked at and found well */
    size_t left;                 /* bulk strings that come behind them */
    size_t needed;               /* bytes of input without which there is no use in looking again */
    const struct limits *limits; /* NULL for LIMITS_DEFAULT */
};

enum resp_result {
    RESP_READY, /* `argv` holds at least one token */
    RESP_EMPTY, /* an array of nothing: it gets no reply */
    RESP_MORE,  /* the input ends inside a request */
    RESP_LOST,  /* where the next request starts is unknown; `problem` says why */
    RESP_NO_MEMORY,
};

/* Longest sentence about a problem, with its NUL. */
#define RESP_PROBLEM 64

/*
 * Decodes the request at the start of `input`, which begins with an asterisk and starts where the
 * previous call's *used left it. *used counts its bytes; 0 on RESP_MORE. The tokens die with the
 * input and with the next call. On RESP_LOST `problem` holds a sentence.
 */
MUST_CHECK enum resp_result resp_decode(struct resp_decoder *decoder, struct slice input,
                                        struct tokens *argv, char problem[RESP_PROBLEM],
                                        size_t *used);

#endif
