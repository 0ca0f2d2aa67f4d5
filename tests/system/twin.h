/*
 * Twin: what the daemon should answer, request by request. It keeps a model of the store and of
 * what each connection has open, and does each thing in the simplest way. It shares no code with
 * the daemon but the list of commands, the reading of numbers and the writing of quotes.
 */
#ifndef LEVERET_TESTS_SYSTEM_TWIN_H
#define LEVERET_TESTS_SYSTEM_TWIN_H

#include "tests/system/ask.h"
#include "tests/system/model.h"

#define TWIN_SESSIONS 3

/* Snapshots that are remembered, the let-go ones among them, and those that may be open at once:
 * start the daemon with this --max-snapshots. */
#define TWIN_SNAPSHOTS 9
#define TWIN_OPEN_SNAPSHOTS 6
#define TWIN_OPEN_SNAPSHOTS_TEXT "6"

enum twin_note_kind { TWIN_PUT, TWIN_DEL, TWIN_CHECK, TWIN_CHECK_PRESENT, TWIN_CHECK_ABSENT };

/* A write or a check in a batch. */
struct twin_note {
    enum twin_note_kind kind;
    struct buffer key; /* whole, also inside USE */
    struct buffer value;
};

/* What a connection has open. */
struct twin_session {
    struct buffer within; /* the prefix of USE */
    bool batch;
    bool spoiled;
    struct twin_note *notes;
    size_t count;
    size_t cap;
};

struct twin_snapshot {
    struct buffer id; /* empty: never taken, or not told yet */
    bool open;
    struct model model;
};

/* All zeroes is the twin of a daemon over an empty store. */
struct twin {
    struct model model;
    struct twin_session sessions[TWIN_SESSIONS];
    struct twin_snapshot snapshots[TWIN_SNAPSHOTS];
    size_t taken; /* snapshots so far; the last one is in slot (taken - 1) % TWIN_SNAPSHOTS */
};

void twin_fini(struct twin *twin);

/* The daemon was started anew: the store is what it was, sessions and snapshots are gone. */
void twin_restart(struct twin *twin);

/*
 * Appends the reply that the request on that session must get, and changes what it changes.
 * Remarks are left out. An error is `ERR CODE "` and no more: its sentence may change. An id
 * that only the daemon knows is `?` and nothing else: tell it with twin_learn before the next
 * request.
 */
void twin_answer(struct twin *twin, size_t session, const struct ask *ask, struct buffer *out);

/* The id that SNAPSHOT answered. */
void twin_learn(struct twin *twin, struct slice id);

#endif
