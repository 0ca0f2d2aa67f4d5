/*
 * The words behind a key or prefix: arguments to a view of the store, a range, and how to walk it.
 */
#ifndef LEVERET_COMMANDS_WORDS_H
#define LEVERET_COMMANDS_WORDS_H

#include "commands/call.h"

enum word_set {
    WORDS_BOUNDS = 1,   /* FROM AFTER TO THROUGH */
    WORDS_LIMIT = 2,    /* LIMIT */
    WORDS_PARTS = 4,    /* KEYS VALUES */
    WORDS_CHILDREN = 8, /* DELIM, and AFTER as the child to resume after */
    WORDS_BYTES = 16,   /* BYTES */
    WORDS_VIEW = 32,    /* AT */
    WORDS_CARE = 64,    /* VERIFY NOCACHE */
    WORDS_REVERSE = 128,
    WORDS_DRYRUN = 256,
};

struct words {
    struct slice from; /* FROM or AFTER; no data when absent, likewise below */
    struct slice to;   /* TO or THROUGH */
    struct slice delim;
    bool after;   /* `from` came with AFTER */
    bool through; /* `to` came with THROUGH */
    bool reverse;
    bool keys;
    bool values;
    bool dry_run;
    uint64_t limit; /* rows; WORDS_NO_LIMIT when absent, likewise below */
    uint64_t bytes;
    struct slice at; /* what came with AT; `view` has it */
    struct store_view view;
};

#define WORDS_NO_LIMIT UINT64_MAX

/* Reads the arguments behind the first. Slices in *words borrow from the call's arguments. False
 * when they are wrong, with the error already replied. */
MUST_CHECK bool words_read(struct call *call, unsigned allowed, struct words *words);

/* What the user may have of the range of `prefix` narrowed by the bounds. False when out of memory,
 * with that replied. */
MUST_CHECK bool words_range(struct call *call, struct slice prefix, const struct words *words,
                            struct range *range);

/* The number of a snapshot: any digits, of which those that no snapshot can have, and those of
 * other users, become a number that no snapshot has. False when it is none. */
MUST_CHECK bool words_snapshot(const struct call *call, struct slice text, uint64_t *id);

/* What may stand behind AT: the number of a snapshot, or NOW, which is 0. */
MUST_CHECK bool words_moment(const struct call *call, struct slice text, uint64_t *id);

#endif
