/*
 * The exposition: what the server counts, in the text format of Prometheus, version 0.0.4. It shows
 * no key, no value, and no name of a user or a peer.
 */
#ifndef LEVERET_EXPOSITION_H
#define LEVERET_EXPOSITION_H

#include "facts.h"

#define EXPOSITION_TYPE "text/plain; version=0.0.4; charset=utf-8"

/* Appends all of it. Asks the disk how full it is, so it may take as long as that. False when there
 * is no memory. Any thread. */
MUST_CHECK bool exposition_write(const struct facts *facts, struct buffer *out);

#endif
