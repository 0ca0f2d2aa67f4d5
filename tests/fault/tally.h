/*
 * Tally: what clients asked a store to hold and what it acknowledged, hence what it must hold
 * after any end. Knows no socket and no daemon.
 *
 * Keys come in groups of one to four that are only written together, in one write that is atomic:
 * the whole group is put, or the whole group is deleted. The writes of a group are numbered, and
 * are sent one after the other by one client. The value tells group, key and number, so that every
 * byte that is found can be held against what was written.
 *
 *     write   0    1    2    3    4    5
 *             |    |    |    |    |    +-- begun, never answered     may be there
 *             |    |    |    |    +------- ERR READONLY, FULL, IO    must not be there
 *             |    |    |    +------------ ERR UNKNOWN               may be there
 *             |    |    +----------------- OK                        the floor: this or a later one
 *             |    +---------------------- OK                        lost if it is what is found
 *             +--------------------------- what the latest judgement found
 */
#ifndef LEVERET_TESTS_FAULT_TALLY_H
#define LEVERET_TESTS_FAULT_TALLY_H

#include "protocol/bytes.h"

#define TALLY_KEYS 4

struct tally;

/* A tally of an empty store, of so many groups. */
struct tally *tally_new(unsigned groups);
void tally_free(struct tally *tally);

/* How many keys the group has; the name of one of them, a static string until the fourth next
 * call. */
unsigned tally_keys(unsigned group);
const char *tally_key(unsigned group, unsigned key);

/* Appends what the write of that number puts there: letters, digits and colons. */
void tally_append_value(struct buffer *out, unsigned group, unsigned key, unsigned number);

/* A write of the group is about to be sent; its number. Until it ends its fate is unknown. */
unsigned tally_begin(struct tally *tally, unsigned group, bool deletes);

/* The write ended: with OK, or with a promise that it did not happen. Of one whose fate stays
 * unknown nothing is to be said. */
void tally_acknowledge(struct tally *tally, unsigned group, unsigned number);
void tally_refuse(struct tally *tally, unsigned group, unsigned number);

/* A SYNC is about to be sent, after the latest one was answered. It was answered OK. */
void tally_begin_barrier(struct tally *tally);
void tally_end_barrier(struct tally *tally);

/* The latest acknowledged write of the group; 0 when there was none since the judgement. To be kept
 * for tally_may_read. */
unsigned tally_floor(const struct tally *tally, unsigned group);

/* Whether a read that was sent at that floor may answer this; no data: the key is not there. */
bool tally_may_read(const struct tally *tally, unsigned group, unsigned key, unsigned floor,
                    struct slice value);

/* Judgement: what is found in the store, row by row, then against which promise to hold it. */
void tally_find(struct tally *tally, struct slice key, struct slice value);

enum tally_promise {
    TALLY_EVERY,   /* every acknowledged write */
    TALLY_BARRIER, /* those acknowledged before the latest SYNC that was answered OK was sent */
    TALLY_AGE,     /* those acknowledged until a moment */
};

struct tally_verdict {
    uint64_t acknowledged; /* writes since the latest judgement */
    uint64_t lost;         /* groups older than what was promised */
    uint64_t half;         /* groups of which one key is of another write than its neighbour */
    uint64_t wrong;        /* rows that nobody wrote, or whose write was refused */
    uint64_t behind;       /* acknowledged writes that are not there, promised or not */
    char first[160];       /* what was found first of all these, for people */
};

/* Adds to *verdict. What was found is what the store holds from now on. `moment` is monotonic, in
 * milliseconds, and only looked at for TALLY_AGE. */
void tally_judge(struct tally *tally, enum tally_promise promise, int64_t moment,
                 struct tally_verdict *verdict);

#endif
