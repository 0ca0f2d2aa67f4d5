/*
 * History: what was done to one key by several clients at once, and whether that can have happened
 * one after the other. Knows no client and no protocol.
 *
 * A history is linearizable when every operation can be given a moment between its beginning and
 * its end, so that all of them, done in the order of their moments, come out as they did (Herlihy
 * and Wing 1990). The search is that of Wing and Gong (1993), which remembers where it has been as
 * Lowe does (2017): the set of operations done, and what the key then holds.
 */
#ifndef LEVERET_TESTS_FAULT_HISTORY_H
#define LEVERET_TESTS_FAULT_HISTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Operations of a history, at most. */
#define HISTORY_MOST 512

/* The end of an operation that nobody saw the end of. */
#define HISTORY_OPEN UINT64_MAX

enum history_needs {
    HISTORY_ANY,    /* it comes out so whatever the key holds */
    HISTORY_IS,     /* only if the key holds `value` */
    HISTORY_IS_NOT, /* only if it does not */
};

/*
 * An operation as it came out. Values are numbers; 0 is an absent key. A read of 7 needs that the
 * key is 7. A compare-and-set that conflicted needs that it is not, and sets nothing.
 *
 * Of one that may have happened it is told what it needed and set if it did; else it did nothing.
 */
struct history_operation {
    uint64_t begin; /* no two operations share a time */
    uint64_t end;
    enum history_needs needs;
    uint32_t value;
    bool sets;
    uint32_t to;
    bool maybe;
};

struct history {
    uint32_t start; /* what the key held */
    size_t count;
    struct history_operation operations[HISTORY_MOST];
};

/* Forgets all; from here on the key holds `start`. */
void history_begin(struct history *history, uint32_t start);

/* Adds an operation; they may come in any order. Ends the process when there are too many. */
void history_add(struct history *history, const struct history_operation *operation);

/* What has no end ends now: who might still have done it is gone. */
void history_seal(struct history *history, uint64_t time);

enum history_verdict {
    HISTORY_LINEAR,
    HISTORY_BROKEN,
    HISTORY_UNDECIDED, /* the search was given up; it had become too large */
};

/* Sorts the operations by their beginning, and judges them. */
enum history_verdict history_judge(struct history *history);

#endif
