/*
 * A worker: a thread with a loop that owns its connections outright. Nobody else touches them;
 * other threads post messages to its inbox.
 */
#ifndef LEVERET_NET_WORKER_H
#define LEVERET_NET_WORKER_H

#include "commands/census.h"
#include "net/loop.h"

struct worker;

/* Told once, on the worker's thread, that its loop has ended. */
typedef void worker_stopped_fn(void *arg);

/* Makes the worker and starts its thread. NULL when the system refuses. `number` tells it from
 * others in a list of threads. */
struct worker *worker_new(const struct loop_options *options, unsigned number,
                          worker_stopped_fn *stopped, void *arg);

/* Hands over a connected, non-blocking socket, and its seat (see admission.h). A secure one speaks
 * TLS. Any thread. */
void worker_adopt(struct worker *worker, int fd, uint32_t seat, bool secure);

/* There is room again, at the committer or for bytes: connections that waited for it go on. Any
 * thread. */
void worker_room(struct worker *worker);

/* Posts a message that runs on the worker's thread, with the worker as its owner. False, and not
 * posted, when the worker has ended, and so has no connections. Any thread. */
MUST_CHECK bool worker_offer(struct worker *worker, struct message *message);

/* Takes the census of the worker's connections, on its own thread. */
void worker_visit(struct worker *worker, struct census *census);

/* The most bytes of the budget that one connection holds; on the worker's own thread, like the
 * next. */
size_t worker_heaviest(struct worker *worker);

/* Closes connections that hold so many bytes at least, until the budget has room again; their
 * number. */
size_t worker_cut(struct worker *worker, size_t least);

/* Asks the worker to finish what it has received and end. Once only. */
void worker_stop(struct worker *worker);

/* Waits for the thread to end. After this no connection is open. */
void worker_join(struct worker *worker);

/* Frees. The store must be closed, so that no commit can still come back. */
void worker_free(struct worker *worker);

#endif
