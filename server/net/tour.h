/*
 * A tour: takes a census from worker to worker. Knows no connection.
 */
#ifndef LEVERET_NET_TOUR_H
#define LEVERET_NET_TOUR_H

#include "net/worker.h"

/* Has every worker show its connections to the census, one worker after the other, then tells the
 * census that it is over; a worker that has ended is passed over. False, and nothing happens, when
 * there is no memory. Any thread. The workers live until all have ended and the census is over,
 * which it is by then. */
MUST_CHECK bool tour_start(struct worker *const *workers, size_t count, struct census *census);

#endif
