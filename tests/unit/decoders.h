/*
 * Decoders: those of the protocol, put so that what they find can be compared as text. Tests and
 * fuzzers feed them whole and in pieces.
 */
#ifndef LEVERET_TESTS_UNIT_DECODERS_H
#define LEVERET_TESTS_UNIT_DECODERS_H

#include "protocol/resp.h"
#include "tests/unit/cuts.h"

/* Each goes the way of its user in the program: decode until it asks for more, or the peer makes no
 * sense. */
extern const struct cuts_decoder decoders_request;
extern const struct cuts_decoder decoders_resp;
extern const struct cuts_decoder decoders_answer;

/* What decoders_resp.open makes. */
struct decoders_resp_state {
    struct resp_decoder decoder;
    struct tokens argv;
};

#endif
