/*
 * A crew: all the workers, who start, stop and are spoken to together.
 */
#ifndef LEVERET_NET_CREW_H
#define LEVERET_NET_CREW_H

#include "net/worker.h"

struct crew;

/* Told once, on the thread of the last of them, that the loops of all have ended. */
typedef void crew_ended_fn(void *arg);

/* Starts so many workers. NULL, with a line in the log and none left, when the system refuses. The
 * options outlive the crew. */
struct crew *crew_new(const struct loop_options *options, size_t count, crew_ended_fn *ended,
                      void *arg);

/* The workers, borrowed; *count is their number. */
struct worker *const *crew_workers(const struct crew *crew, size_t *count);

/* There is room at the committer: for store_on_room. Any thread. */
void crew_room(void *crew);

/* Somebody has to be closed for memory: for budget_open. Any thread. */
void crew_hunt(void *crew);

/* Has the census taken of all connections; see tour.h. Any thread. */
MUST_CHECK bool crew_take_census(void *crew, struct census *census);

/* Asks all to finish what they have received, and to end. Once only. */
void crew_stop(struct crew *crew);

/* Waits for all to end, who were asked to. After this no connection is open. */
void crew_join(struct crew *crew);

/* Frees. The store must be closed, so that no commit can still come back. NULL is allowed. */
void crew_free(struct crew *crew);

#endif
