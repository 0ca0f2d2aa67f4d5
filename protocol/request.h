/*
 * Requests, decoded as they arrive: bytes in, argv out. Knows no socket and no command's meaning.
 * The first byte of each picks its face: an asterisk is RESP, all else is a line.
 *
 * The decoder never changes its input, so a caller may look at a request, decide that it is not
 * its turn, and decode the same bytes again later.
 */
#ifndef LEVERET_PROTOCOL_REQUEST_H
#define LEVERET_PROTOCOL_REQUEST_H

#include "protocol/bytes.h"
#include "protocol/line.h"
#include "protocol/resp.h"
#include "protocol/status.h"

/* What must survive between two arrivals. All zeroes is a fresh start. */
struct request_decoder {
    struct line_finder finder;
    struct resp_decoder resp;
    size_t seen;                 /* so many bytes at the start hold no whole request */
    const struct limits *limits; /* NULL for LIMITS_DEFAULT */
};

enum request_face {
    REQUEST_LINE,
    REQUEST_RESP,
};

/* The face of a request that begins with this byte. */
enum request_face request_face_of(char first);

/* A decoded request. All zeroes is valid; reuse keeps the memory; end with request_fini. */
struct request {
    enum request_face face;
    struct tokens argv;  /* the command's name first; dies with the input and the next decoding */
    bool crlf;           /* the line ended with CRLF, so the reply's lines do too */
    enum status status;  /* for REQUEST_BAD and REQUEST_LOST: the code to answer with */
    const char *problem; /* and the sentence; static, or in `text` */
    char text[RESP_PROBLEM];
};

void request_fini(struct request *request);

enum request_result {
    REQUEST_READY, /* `argv` holds at least one token */
    REQUEST_MORE,  /* the input ends inside a request */
    REQUEST_BAD,   /* answer with `problem` and go on */
    REQUEST_LOST,  /* answer with `problem` and close: where the next request starts is unknown */
};

/*
 * Decodes the first request of `input`, passing over empty lines, remarks and empty arrays. `input`
 * starts where the previous call's *used left it. *used counts the bytes done with: all of the
 * request except on REQUEST_MORE, when only what was passed over counts.
 */
MUST_CHECK enum request_result request_decode(struct request_decoder *decoder, struct slice input,
                                              struct request *request, size_t *used);

#endif
