/*
 * The LevelDB of the store, which can be closed and opened again while others use it.
 *
 *     OPEN --close: nobody new enters, those inside leave, holds are let go--> CHANGING
 *       ^                                                                       |    ^
 *       +------------------------ open: it went well ---------------------------+    | open
 *                                                                               v    |
 *                                          open: it failed ------------------> FAILED
 *
 * Who uses LevelDB enters before and leaves after; while it is open that is one count up and one
 * down. Who keeps something of LevelDB's over the time outside, such as an iterator or a snapshot,
 * has a hold: closing lets it go, and its owner learns that the next time.
 *
 * One thread at a time opens and closes: at first the one that starts the store, then the
 * committer's. Everything else may be called on any thread.
 */
#ifndef LEVERET_STORE_DATABASE_H
#define LEVERET_STORE_DATABASE_H

#include <leveldb/c.h>

#include "store/store.h"

struct database;

/* Something of LevelDB's that is kept while its owner is outside. Embedded by its owner. */
struct database_hold {
    struct database_hold *next;
    struct database_hold *previous;
    void (*let_go)(struct database_hold *hold, leveldb_t *db); /* gives it back to LevelDB */
    bool gone; /* it was let go; read it only inside */
};

/* A closed one; `options` are borrowed. NULL when there is no memory. */
struct database *database_new(const char *path, const leveldb_options_t *options);

/* Closes and frees. Nobody may be inside or have a hold. NULL is allowed. */
void database_free(struct database *database);

/* Opens what is closed, but lets nobody in yet. False with *error when LevelDB cannot. */
MUST_CHECK bool database_open(struct database *database, struct store_error *error);

/* Lets everybody in. */
void database_admit(struct database *database);

/* Closes what is open: waits until all have left, for whom nobody waits who is inside, and lets all
 * holds go. Those who enter wait until database_admit or database_refuse. */
void database_close(struct database *database);

/* Begins to open again what is closed: who enters waits again, unless it was closed long ago. */
void database_retry(struct database *database);

/* Opening failed: until the next try those who enter are told why. Closes it if it is open. */
void database_refuse(struct database *database, const struct store_error *why);

/* For the thread that opens and closes: LevelDB, without entering; NULL while it is closed. */
leveldb_t *database_own(struct database *database);

/* Why it is closed; likewise. */
void database_why(struct database *database, struct store_error *error);

/* Enters. Waits while it is being opened again, but only for the first ten seconds after it was
 * closed: when a disk hangs, each thread waits once, and not once for each who asks it. NULL with
 * *error, STATUS_IO, when it is closed; then there is nothing to leave. A thread that is inside may
 * enter again, and leaves as often. */
MUST_CHECK leveldb_t *database_enter(struct database *database, struct store_error *error);

/* The same, but does not wait: NULL when it is not open, and then every hold is gone or going. */
MUST_CHECK leveldb_t *database_try(struct database *database);
void database_leave(struct database *database);

/* Inside: from now on the hold is let go by closing, unless by database_drop before. */
void database_keep(struct database *database, struct database_hold *hold);

/* Lets the hold go unless that has happened; then it may be freed. Inside or outside; never waits
 * for an opening. */
void database_drop(struct database *database, struct database_hold *hold);

#endif
