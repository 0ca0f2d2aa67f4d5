/*
 * Match: one game of several clients over the same few keys, as it is written down for the
 * checkers: a clock, the values given so far, a history for each key, a ladder of scans. Knows no
 * socket and no request.
 *
 * There are MATCH_KEYS single keys, three twins that are only ever written together and count as
 * one more key, and a counter for each client.
 */
#ifndef LEVERET_TESTS_FAULT_MATCH_H
#define LEVERET_TESTS_FAULT_MATCH_H

#include "protocol/bytes.h"
#include "tests/fault/history.h"
#include "tests/fault/ladder.h"

#define MATCH_KEYS 8
#define MATCH_TWINS 3

/* The index of the twins' history. */
#define MATCH_TWIN MATCH_KEYS

/* Their names; that of a counter is `c` or `x` and the number of its client. */
extern const char *const match_keys[MATCH_KEYS];
extern const char *const match_twins[MATCH_TWINS];

struct match {
    uint64_t clock;
    uint32_t last_value;
    uint32_t seen[MATCH_KEYS + 1]; /* what somebody found there last: a good guess */
    struct history histories[MATCH_KEYS + 1];
    struct ladder ladder;
    const char *problem; /* what is wrong beyond all histories; NULL while nothing is */
};

/* What a scan showed. */
struct match_view {
    uint32_t keys[MATCH_KEYS];
    uint32_t twins[MATCH_TWINS];
    uint32_t counts[LADDER_WRITERS];
};

/* A new game begins with what the keys hold now. */
void match_begin(struct match *match, const struct match_view *view);

void match_fini(struct match *match);

/* The next moment, and a value that nobody has had. */
uint64_t match_time(struct match *match);
uint32_t match_value(struct match *match);

/* All that is known of what the twins hold; notes a problem when they differ. */
uint32_t match_read_twins(struct match *match, const uint32_t twins[MATCH_TWINS]);

/* A read of a key from `begin` to now. */
void match_add_read(struct match *match, unsigned key, uint64_t begin, uint32_t value);

/* A scan from scan->begin to now: a read of everything. */
void match_add_scan(struct match *match, struct ladder_scan *scan, const struct match_view *view);

/* The daemon is dead: nothing that was asked of it happens any more. */
void match_seal(struct match *match);

/* Judges all. What is wrong, in a few words; NULL when nothing is. */
const char *match_judge(struct match *match);

/* Takes a row of a scan of all, as a line prints it; false for one that nobody wrote. Rows whose
 * keys begin with `m:` only make scans long. */
bool match_read_row(struct slice row, struct match_view *view);

#endif
