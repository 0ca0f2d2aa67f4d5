/*
 * A loop: one thread's event loop, and what the connections it serves share. Knows no connection
 * from the inside.
 *
 * What a connection needs only while it is being served is the loop's: the bytes just received,
 * the request being decoded, the replies being written. An idle connection has none.
 *
 * All on the loop's own thread, except posting to its inbox.
 */
#ifndef LEVERET_NET_LOOP_H
#define LEVERET_NET_LOOP_H

#include <event2/event.h>

#include "commands/call.h"
#include "net/inbox.h"
#include "protocol/limits.h"
#include "protocol/request.h"

struct admission;
struct conn;
struct meter;

/* Bytes received at once. What a pipeline of writes holds of them is one commit, so the more, the
 * fewer times such a peer waits for the disk; what a stalled peer holds of them is memory. */
#define LOOP_INPUT_SIZE ((size_t)128 * 1024)

/* What all loops share, beside what is allowed (ops/allowed.h); outlives them. */
struct loop_options {
    const struct service *service;
    struct admission *admission; /* where connections had their seats from */
    int64_t grace;               /* how long a stopping loop finishes what it has, in ms */
};

/* Something to run soon, embedded in what it is about. All zeroes but `run` is valid. */
struct task {
    struct task *next;
    bool queued;
    void (*run)(struct task *task);
};

struct loop {
    const struct loop_options *options;
    struct event_base *base;
    struct inbox inbox;
    unsigned turns; /* taken in this round */
    unsigned asked; /* requests taken in this turn */
    bool stopping;  /* no new work; end when the last connection has closed */

    struct conn *conns; /* all that are open; the connections keep this list themselves */
    size_t open;        /* their number */

    struct task *tasks;
    struct task **tasks_end;

    struct meter *meter;    /* what its connections count */
    struct limits limits;   /* that are allowed in this turn */
    char *input;            /* LOOP_INPUT_SIZE bytes: what was just received */
    struct request request; /* the one being decoded */
    struct buffer scoped;   /* its keys, inside the scope of its connection */
    struct buffer output;   /* the replies being written */
};

/* False, with nothing to undo, when the system refuses. `owner` is handed to every message of the
 * inbox. */
MUST_CHECK bool loop_init(struct loop *loop, const struct loop_options *options, void *owner);

/* Runs the messages left in the inbox and the tasks, then frees. No connection may be open. */
void loop_fini(struct loop *loop);

/* Gives back the memory that unusually large requests left behind. No request may be in use. */
void loop_trim(struct loop *loop);

/* Runs the task in the next round, once however often it is asked for. It may be asked for again
 * when it runs, and may free what it is embedded in. */
void loop_later(struct loop *loop, struct task *task);

/* One round: waits for events unless there are tasks, then runs both. Tasks that ask to run again
 * wait for the next round, so that the sockets are looked at in between. */
void loop_round(struct loop *loop);

#endif
