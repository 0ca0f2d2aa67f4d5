/*
 * Requests, decoded as they arrive: bytes in, argv out. Knows no socket and no command's meaning.
 *
 * The decoder never changes its input, so a caller may look at a request, decide that it is not
 * its turn, and decode the same bytes again later.
 */
#ifndef LEVERET_PROTOCOL_REQUEST_H
#define LEVERET_PROTOCOL_REQUEST_H

#include "protocol/bytes.h"
#include "protocol/line.h"
#include "protocol/status.h"

/* What must survive between two arrivals. All zeroes is a fresh start. */
struct request_decoder {
    struct line_finder finder;
};

/* A decoded request. All zeroes is valid; reuse keeps the memory; end with request_fini. */
struct request {
    struct tokens argv;  /* the command's name first; dies with the input and the next decoding */
    bool crlf;           /* the line ended with CRLF, so the reply's lines do too */
    enum status status;  /* for REQUEST_BAD and REQUEST_LOST: the code to answer with */
    const char *problem; /* and the sentence; a static string */
};

void request_fini(struct request *request);

enum request_result {
    REQUEST_READY, /* `argv` holds at least one token */
    REQUEST_MORE,  /* the input ends inside a request */
    REQUEST_BAD,   /* answer with `problem` and go on */
    REQUEST_LOST,  /* answer with `problem` and close: where the next request starts is unknown */
};

/*
 * Decodes the first request of `input`, passing over empty lines and remarks. `input` starts where
 * the previous call's *used left it. *used counts the bytes done with: all of the request except
 * on REQUEST_MORE, when only empty lines and remarks count.
 */
MUST_CHECK enum request_result request_decode(struct request_decoder *decoder, struct slice input,
                                              struct request *request, size_t *used);

#endif
