/*
 * The committer: the one thread that changes the store.
 *
 * Connections hand it submissions. Each round takes all that wait, decides every write in order
 * against the store and what the round has already changed, and writes the whole round at once:
 *
 *     workers --commit--> queue --round--> decide --> stage --> one write (one fdatasync)
 *                                                                 --> wrote --> done
 *
 * So writes need no locks among each other, and everybody who waits shares one fdatasync. A round
 * is one atomic batch of the engine, hence so is each write in it. A barrier among the writes makes
 * its whole round one: it costs the same once as a thousand times.
 *
 * After the engine fails to write, nothing more is written: what is on disk is unknown from there
 * on, and appending behind a failed append loses later records when the log is read back. Reads go
 * on, and the engine tries to recover:
 *
 *     WRITABLE --a write failed, or committer_fail--> READ-ONLY --recover, every now and then--+
 *        ^                                                                                     |
 *        +---------------------------------- it succeeded -------------------------------------+
 */
#ifndef LEVERET_STORE_COMMITTER_H
#define LEVERET_STORE_COMMITTER_H

#include "store/decision.h"
#include "store/latch.h"
#include "store/store.h"
#include "store/submission.h"

struct committer;

/* What a round needs of the store behind it. Called on the committer's thread only. */
struct committer_engine {
    decision_look_fn *look;
    /* Add to the batch that write() writes. */
    void (*put)(void *engine, struct slice key, struct slice value);
    void (*del)(void *engine, struct slice key);
    /* What there is room for when what is in the batch is written, and so many bytes more. NULL:
     * for all. */
    enum space_room (*room)(void *engine, uint64_t more);
    /* Writes the batch, which may be empty, and empties it; returns when it is as durable as the
     * store promises. With `barrier`: when it and all that was ever written is on disk. False with
     * *error: STATUS_IO when nothing of the batch was written, for certain, else STATUS_UNKNOWN. */
    bool (*write)(void *engine, bool barrier, struct store_error *error);
    /* After that, in order: of the writes from `first` up to `end` those that are STATUS_OK are
     * there. */
    void (*wrote)(void *engine, const struct submission *submission, size_t first, size_t end);
    /* After a failed write: makes the store one that can be written again. It may take as long as
     * it needs. False with *error when that cannot be done now. NULL: it never can. */
    bool (*recover)(void *engine, struct store_error *error);
    void *engine;
};

/* Starts the thread. NULL when that fails. */
struct committer *committer_new(const struct committer_engine *engine);

/* Commits all that waits and stops the thread. Nothing may be handed in any more. */
void committer_stop(struct committer *committer);

/* After that. Tells the log of a committer_fail that came behind the last write. */
void committer_free(struct committer *committer);

/* See store_commit and its neighbours in store.h; any thread. */
void committer_take(struct committer *committer, struct submission *submission);
bool committer_is_full(struct committer *committer);
void committer_on_room(struct committer *committer, store_room_fn *room, void *arg);
bool committer_is_writable(struct committer *committer);
bool committer_is_busy(struct committer *committer, uint64_t *rounds);

/* Something failed that makes writing unsafe, as if a write had. Any thread; returns at once. */
void committer_fail(struct committer *committer, const struct store_error *error);

/* See latch.h; any thread. */
void committer_tell(struct committer *committer, struct latch_facts *facts);

#endif
