/*
 * Decisions: whether a write may happen, and what exactly it writes, given what the store holds
 * and what the round has already changed. The committer's thread only.
 */
#ifndef LEVERET_STORE_DECISION_H
#define LEVERET_STORE_DECISION_H

#include "store/overlay.h"
#include "store/space.h"
#include "store/store.h"
#include "store/submission.h"

/* Looks a key up in the store. False, and *error, when that failed; else *present, and when it is
 * there its value replaces what `value` held. */
typedef bool decision_look_fn(void *engine, struct slice key, bool *present, struct buffer *value,
                              struct store_error *error);

/* What a round knows. All zeroes but `look` and `engine` is a fresh start. */
struct decision {
    decision_look_fn *look;
    void *engine;
    struct overlay overlay;
    size_t looks; /* of the round, and of the write */
    size_t write_looks;
    size_t looking;      /* writes still to come that look; without any, none need be noted */
    bool broken;         /* a write failed half noted: no later one of the round may look */
    struct buffer value; /* the last one looked up */
    struct slice *argv;  /* of the program that runs */
    size_t argv_cap;
    size_t changed;       /* bytes that programs of the round have changed */
    enum space_room room; /* on the disk; the owner's to set, as is: */
    const char *shut;     /* why nothing may be changed; NULL: it may */
};

/* What is under a key at this point of the round. */
struct decision_found {
    bool present;
    struct slice value; /* dies with the next look */
};

void decision_fini(struct decision *decision);

/* Starts a round, the submissions from `round` on. */
void decision_begin(struct decision *decision, const struct submission *round);

/* Decides the write. True: its mutations are to be written as they now are. False: write->status
 * says why not, and nothing of it may be written; STATUS_FULL when there is no room for it, and
 * STATUS_READONLY when nothing may be changed. */
MUST_CHECK bool decision_make(struct decision *decision, struct submission *submission,
                              struct write *write);

/* Whether a change of that kind may be made, and the disk has room for it; else the write has
 * failed. */
MUST_CHECK bool decision_allows(const struct decision *decision, struct submission *submission,
                                struct write *write, bool puts);

/* All that was decided so far is in the store: the next write may look there. */
void decision_forget(struct decision *decision);

/* Looks a key up for the write. False, and the write has failed, when that cannot be done. */
MUST_CHECK bool decision_look(struct decision *decision, struct submission *submission,
                              struct write *write, struct slice key, struct decision_found *found);

/* program.c ------------------------------------------------------------------ */

/* Runs the programs of the write, one after the other. False: the write has failed, and what they
 * did is undone. */
MUST_CHECK bool program_run_all(struct decision *decision, struct submission *submission,
                                struct write *write);

void program_fini(struct decision *decision);

#endif
