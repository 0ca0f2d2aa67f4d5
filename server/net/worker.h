/*
 * A worker: a thread with an event loop that owns its connections outright. Nobody else touches
 * them; other threads post messages to its inbox.
 *
 * What connections need only while they are being served is the worker's: the bytes just
 * received, the request being decoded, the replies being written. An idle connection has none.
 */
#ifndef LEVERET_NET_WORKER_H
#define LEVERET_NET_WORKER_H

#include <stdatomic.h>

#include "commands/call.h"
#include "net/inbox.h"
#include "protocol/request.h"

struct conn;

/* Bytes received at once. */
#define WORKER_INPUT_SIZE ((size_t)64 * 1024)

/* What all workers share; outlives them. Times are in milliseconds. */
struct worker_options {
    const struct service *service;
    int64_t request_timeout;    /* a request must arrive whole within this */
    int64_t stall_timeout;      /* a peer must take something within this */
    int64_t scan_timeout;       /* a call must end within this */
    int64_t grace;              /* how long a stopping worker finishes what it has */
    void (*stopped)(void *arg); /* the worker's loop has ended; on the worker's thread */
    void *stopped_arg;
};

struct worker {
    const struct worker_options *options;
    struct event_base *base;
    struct inbox inbox;
    struct event *tick;
    pthread_t thread;

    struct conn *conns; /* all that are open */
    size_t open;        /* their number */
    struct conn *ready; /* those with work left that does not wait for the socket */
    struct conn **ready_end;
    struct conn *dead; /* closed in this round of the loop; freed at its end */

    char *input;            /* WORKER_INPUT_SIZE bytes: what was just received */
    struct request request; /* the one being decoded */
    struct buffer output;   /* the replies being written */
    bool stopping;
    int64_t stop_deadline;

    struct message stop_message;
    struct message room_message;
    atomic_bool room_posted;
};

/* Makes the worker and starts its thread. NULL when the system refuses. */
struct worker *worker_new(const struct worker_options *options, unsigned number);

/* Hands over a connected, non-blocking socket. Any thread. */
void worker_adopt(struct worker *worker, int fd);

/* The committer has room again: connections that waited for it go on. Any thread. */
void worker_room(struct worker *worker);

/* Asks the worker to finish what it has received and end; `stopped` tells when. Once only. */
void worker_stop(struct worker *worker);

/* Waits for the thread to end. After this no connection is open. */
void worker_join(struct worker *worker);

/* Frees. The store must be closed, so that no commit can still come back. */
void worker_free(struct worker *worker);

/* For connections, on the worker's thread --------------------------------- */

/* Calls conn_continue for it in the next round of the loop. */
void worker_ready(struct worker *worker, struct conn *conn);

#endif
