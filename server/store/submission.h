/*
 * A submission: writes from one connection on their way to the committer and their fates on the
 * way back.
 *
 * It holds a run of writes. A write is one request, or one batch of them: its conditions are all
 * checked before its mutations are applied, together or not at all, and it has its own result.
 * Bytes are copied in, so nothing outside needs to live on.
 *
 * One thread at a time: the worker builds it, the committer decides it, the worker reads it.
 */
#ifndef LEVERET_STORE_SUBMISSION_H
#define LEVERET_STORE_SUBMISSION_H

#include "ops/budget.h"
#include "protocol/bytes.h"
#include "protocol/status.h"
#include "store/program.h"

/* What a write answers when it succeeds. */
enum write_answer {
    WRITE_ANSWERS_OK,
    WRITE_ANSWERS_DELETED, /* how many of the keys it deletes were there */
    WRITE_ANSWERS_VALUE,   /* the value that it left: the sum of an addition */
    WRITE_ANSWERS_SAID,    /* what its programs said */
};

enum mutation_kind {
    MUTATION_PUT,
    MUTATION_DELETE,
    MUTATION_ADD,  /* to the decimal number that the key holds; alone in its write */
    CHECK_VALUE,   /* the key must hold this value */
    CHECK_PRESENT, /* the key must be there */
    CHECK_ABSENT,  /* the key must not be there */
    MUTATION_RUN,  /* whatever a program decides; only programs are in its write */
};

struct mutation {
    enum mutation_kind kind;
    struct slice key;
    struct slice value; /* of a put or a check for a value */
    int64_t delta;      /* of an addition */
    struct run {
        program_fn *program;
        unsigned flavour;
        uint32_t argc; /* their lengths and their bytes are the mutation's value */
    } run;
};

/* A change that a program made; the submission's. */
struct change {
    struct change *next;
    struct change *previous;
    struct slice key;
    struct slice value;  /* no data: the key is gone */
    struct slice before; /* what the round held before, likewise; to undo it */
    bool touched_before; /* the round held anything */
    char bytes[];
};

struct watcher; /* watch.h */

struct write {
    const struct watcher *watcher; /* it conflicts when this was touched; NULL for none */
    size_t first;                  /* where its mutations start and end in the submission's bytes */
    size_t end;
    enum write_answer answer;
    bool looks;   /* its fate depends on what is there */
    bool barrier; /* all that was written before it must be on disk when it is done */
    bool reads;   /* its programs change nothing, whatever they find */
    bool leans;   /* its fate rests on what the round had changed and not yet written */
    enum status status;
    uint16_t note;       /* of whoever asked, for the answer; the store does not look at it */
    const char *problem; /* for an error: a sentence, static or from submission_explain */
    uint64_t deleted;
    struct change *changes; /* of its programs, first and last; owned by the submission */
    struct change *last_change;
    size_t said; /* where what they said starts and ends in the submission's */
    size_t said_end;
    struct slice value;    /* the submission's own, likewise below */
    struct slice conflict; /* for STATUS_CONFLICT: the key whose check failed */
};

struct submission {
    struct submission *next; /* the committer's queue */
    struct buffer mutations;
    struct write *writes;
    size_t count;
    size_t cap;
    char *problem;             /* a sentence shared by its writes; owned */
    struct buffer said;        /* by its programs, one after the other */
    size_t changed;            /* bytes that these changed, until they are written */
    struct budget_share share; /* its size, from store_commit on */

    /* Called once by store_commit's engine when every result is final, on the engine's thread. */
    void (*done)(struct submission *submission, void *arg);
    void *arg;
};

/* NULL when there is no memory. */
struct submission *submission_new(void);
void submission_free(struct submission *submission);

/* Makes room for one more write, so that the calls below cannot fail for want of a result. */
MUST_CHECK bool submission_reserve(struct submission *submission);

/* True when this run is long enough: a longer one would make others wait. */
bool submission_is_full(const struct submission *submission);

/* Starts the next write; the mutations that follow belong to it. */
void submission_begin(struct submission *submission, enum write_answer answer);
void submission_put(struct submission *submission, struct slice key, struct slice value);
void submission_delete(struct submission *submission, struct slice key);
void submission_add(struct submission *submission, struct slice key, int64_t delta);

/* A condition of one of the CHECK kinds; `value` is for CHECK_VALUE. */
void submission_check(struct submission *submission, enum mutation_kind kind, struct slice key,
                      struct slice value);

/* A program to be run with these arguments. The write answers what its programs say. */
void submission_run(struct submission *submission, program_fn *program, unsigned flavour,
                    const struct slice *argv, size_t argc);

/* Makes the write one that fails; `problem` as in struct write. */
void write_fail(struct write *write, enum status status, const char *problem);

/* Promises that the programs of the write change nothing, so that it may run while the store is
 * read-only. */
void submission_only_reads(struct submission *submission);

/* Makes the write conflict, with no key named, if a key of the watcher was written meanwhile. The
 * watcher must live until the write is decided. */
void submission_watch(struct submission *submission, const struct watcher *watcher);

/* Makes the write a barrier: it succeeds when it, and every write done before it, is on disk. */
void submission_barrier(struct submission *submission);

/* Ends the write. One whose bytes found no memory becomes a refused one. */
void submission_end(struct submission *submission);

/* Adds the mutations of another submission, which has one write, begun and not ended. */
void submission_append(struct submission *submission, const struct submission *more);

/* Adds a write that fails without being tried; `problem` is a static string. It keeps the place of
 * a bad request among good ones, so that replies stay in order. */
void submission_refuse(struct submission *submission, enum status status, const char *problem);

/* Keeps a copy of the sentence with the submission, and returns it for a write's `problem`. The
 * first sentence stands for all that come after it. */
const char *submission_explain(struct submission *submission, const char *text);

/* Reads the mutation at *at and moves *at behind it. Start at write->first, stop at write->end. */
struct mutation submission_read(const struct submission *submission, size_t *at);

/* The next argument of a program to be run; start with *at 0, and stop after run.argc. */
struct slice submission_argument(const struct mutation *run, size_t *at);

/* Notes what a program of the write did, behind what they did before; bytes are copied. A value
 * without data deletes. NULL when there is no memory. */
struct change *submission_change(struct write *write, struct slice key, struct slice value);

/* Walks over the changes that a successful write makes, in their order. */
struct changes {
    const struct submission *submission;
    const struct write *write;
    size_t at;
    const struct change *next;
};

struct changes submission_changes(const struct submission *submission, const struct write *write);

/* The next one; a value without data means that the key is gone. False behind the last. */
MUST_CHECK bool changes_next(struct changes *changes, struct slice *key, struct slice *value);

/* Forgets what the write's programs changed, when nobody needs it any more. */
void submission_forget_changes(struct write *write);

/* The room that an addition brought for its sum, as text: write->value may point there. At least
 * SUBMISSION_SUM bytes. */
char *submission_sum(struct submission *submission, const struct write *write);
#define SUBMISSION_SUM 24

/* Bytes held, with what its programs said and changed so far. */
size_t submission_size(const struct submission *submission);

#endif
