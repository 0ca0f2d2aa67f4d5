/*
 * A call: one request on its way through a handler. Knows no socket and no engine.
 *
 * A connection has one call at a time. It starts the handler, and while the handler asks to be
 * called again, resumes it; call_finish releases what the handler kept, on every way out. All on
 * the connection's own thread, except call_wake.
 */
#ifndef LEVERET_COMMANDS_CALL_H
#define LEVERET_COMMANDS_CALL_H

#include "commands/batch.h"
#include "commands/redis/client.h"
#include "commands/scans.h"
#include "commands/scope.h"
#include "ops/meter.h"
#include "ops/user.h"
#include "protocol/bytes.h"
#include "protocol/command.h"
#include "protocol/redis.h"
#include "protocol/reply.h"
#include "protocol/request.h"
#include "store/store.h"

enum call_result {
    CALL_DONE,   /* the reply is complete */
    CALL_MORE,   /* resume me when what I wrote has been sent */
    CALL_WAIT,   /* somebody works for me: the committer, if I added a write to the submission, else
                    whoever I gave the work to; then resume me when they wake the call */
    CALL_FOLLOW, /* resume me when somebody wakes the call, if ever */
    CALL_CLOSE,  /* the reply is complete; send it, then close */
};

/* Takes one fact: its name, and what it is. */
typedef void fact_fn(void *sink, const char *name, const char *value);

/* What becomes of the wish for facts. */
enum told {
    TOLD,
    TOLD_NO_SUCH, /* there is no such section */
    TOLD_DENIED,  /* it takes the role admin */
};

struct census;
struct cursors;

/* What handlers may use. The same for every call; outlives them all. */
struct service {
    struct store *store;
    struct scans *scans;     /* that are open */
    struct cursors *cursors; /* of SCAN; see redis/cursor.h */
    /* Tells somebody of that role the facts of the named section of INFO, or of all when it is
     * empty. */
    enum told (*tell)(void *facts, struct slice section, enum role role, fact_fn *fact, void *sink);
    const char *sections; /* their names, for people */
    /* The same in Redis's sections and names, one section at a time. */
    bool (*tell_redis)(void *facts, struct slice section, fact_fn *fact, void *sink);
    /* Tells all settings, in Redis's names. */
    void (*tell_settings)(void *facts, fact_fn *fact, void *sink);
    void *facts;
    /* Takes a census of all connections; see census.h. False, and nothing happens, when there is
     * no memory. */
    bool (*take_census)(void *server, struct census *census);
    void *server;
};

/* The command that a request names: one of Leveret's own vocabulary, or one of Redis's, or neither
 * when nobody knows it. */
struct found {
    const struct command *own;
    const struct redis_command *redis;
    bool denied; /* the user may not do that */
};

struct slowlog_words;
struct call;
typedef enum call_result call_fn(struct call *call);

struct call {
    const struct service *service;
    struct reply reply;
    uint64_t connection;     /* its number, for the log */
    const struct user *user; /* who asks; held by the connection */
    char *certified;         /* the name of the user for whom its certificate stands; or NULL */
    unsigned login_failures; /* since the last that succeeded */
    enum request_face face;
    const char *last;          /* the name of the latest command, in capitals; NULL for none */
    const char *last_part;     /* and of its subcommand; or NULL */
    const struct tokens *argv; /* the name first; dies when the handler first returns */
    struct found found;        /* what it names; see dispatch_find */
    struct meter *meter;       /* of the worker */
    unsigned metered;          /* what the request is counted as: enum meter_id */
    int64_t began; /* turn_began of the turn in which the request was taken up; 0 for one
                      that follows */

    /* For a command that writes: where to add its one write. NULL for others, and in a batch. */
    struct submission *submission;
    struct batch batch;    /* outlives the call; the connection closes it at its end */
    struct scope scope;    /* likewise */
    struct client client;  /* likewise */
    struct buffer *scoped; /* the loop's: the request's keys inside the scope */

    /* What a handler that wants to be resumed leaves behind. */
    call_fn *resume;
    void (*cut)(struct call *call, enum status status, const char *text); /* end the reply early */
    void (*release)(void *state);
    void *state;
    void (*beat)(struct call *call); /* about once a second while the call waits or follows and what
                                        it wrote is sent; may write remarks and rows; or NULL */
    size_t held;                     /* bytes of `state`, about; see call_keep */
    struct scans_ticket scanning;    /* see call_begin_scan */
    bool holds_view;                 /* keeps old data on disk, so it may not last for ever */

    void (*wake)(struct call *call); /* the connection's; see call_wake */
    /* Writes where the peer is. */
    void (*locate)(const struct call *call, char *text, size_t size);
    struct slowlog_words *slow_words; /* see slow.h; NULL: none are kept */
    int64_t looked;                   /* clock_us, as slow_look saw it last */

    int64_t turn_began; /* clock_us; 0 before the first turn */
    int64_t turn_ends;  /* clock_us: when a handler gives way to others */
    unsigned most;      /* bytes of output with which it gives way, too */
    unsigned steps;     /* of this turn, so that the clock is not read at each */
};

/* Output that a handler may collect before it gives way, in bytes. */
#define CALL_HIGH_WATER ((size_t)128 * 1024)

/* How long a handler may work before it gives way, in microseconds. */
#define CALL_TURN_US 1000

/* Starts a turn: what it may take begins now. `before` is how many others had theirs in this round:
 * when they are many, each is shorter, or whoever comes last would wait for as many full ones. */
void call_begin_turn(struct call *call, unsigned before);

/* True when the handler should give way: enough output, or long enough. Ask after each row. */
bool call_should_pause(struct call *call);

/* Leaves `state` for the next turn; to be called while the request's words are there, which it is
 * taken to hold copies of. A handler that collects more adds that to call->held. `cut` ends the
 * reply with an error when the next turn will not come; `release` frees the state. Returns
 * CALL_MORE; the handler may return CALL_WAIT or CALL_FOLLOW instead. The state of one that waits
 * lives until it is woken, also when its peer is gone before; that of a follower may be released at
 * any time. */
enum call_result call_keep(struct call *call, void *state, call_fn *resume,
                           void (*cut)(struct call *, enum status, const char *),
                           void (*release)(void *));

/* The call will read rows over turns, until it is finished or call_end_scan. False, with the error
 * replied, when as many do as may. Behind call_keep. */
MUST_CHECK bool call_begin_scan(struct call *call);
void call_end_scan(struct call *call);

/* Has a call that waits or follows resumed on its own thread. Any thread; also before the handler
 * has returned. Exactly once for each CALL_WAIT, at most once for each CALL_FOLLOW, and not after
 * the call's state was released. */
void call_wake(struct call *call);

/* Hands in writes that the call owns, and has it resumed there when each has its result. Only
 * behind call_keep. Returns CALL_WAIT. */
enum call_result call_commit(struct call *call, struct submission *submission, call_fn *resume);

/* Ends the reply of a call that was to be resumed, saying why. The call must then be finished. */
void call_cut(struct call *call, enum status status, const char *text);

/* Frees what the handler kept. Safe more than once, and at any time but while it waits. */
void call_finish(struct call *call);

/* Bytes that are held from one turn to the next, for the call and for requests to come. */
size_t call_held(const struct call *call);

/* Replies that memory ran out; returns CALL_DONE. */
enum call_result call_no_memory(struct call *call);

/* Replies what the store failed at, and logs it when it is trouble of the disk. `more` is the last
 * key sent or REPLY_NONE. Returns CALL_DONE. */
enum call_result call_store_failed(struct call *call, const struct store_error *error,
                                   struct slice more);

/* Replies that the request is noted in the open batch, or what is wrong with the batch now. Returns
 * CALL_DONE. */
enum call_result call_batched(struct call *call);

/* How much of a peer's text an error repeats: the precision for a %.*s. */
int call_shown(struct slice text);

/* What stands in front of the names of Leveret's own commands in the RESP face. */
#define CALL_NAME_HEAD "LEVERET."

/* What peers of its face put in front of the command's name. */
const char *call_name_head(const struct call *call);

/* The nth argument, counted from 0 without the command's name. */
struct slice call_argument(const struct call *call, size_t n);
size_t call_argument_count(const struct call *call);

#endif
