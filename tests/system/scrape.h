/*
 * Scrape: asks the daemon's HTTP listener, as Prometheus and probes do.
 */
#ifndef LEVERET_TESTS_SYSTEM_SCRAPE_H
#define LEVERET_TESTS_SYSTEM_SCRAPE_H

#include "tests/lib/daemon.h"

/* Its port, which the daemon was started to pick; waits until its log tells it. */
int scrape_port(struct daemon *daemon);

/* The whole answer to a request of these bytes; end with buffer_fini. */
struct buffer scrape_send(struct daemon *daemon, const char *request);

/* The answer to GET of the path, whose status must be this; likewise. */
struct buffer scrape_get(struct daemon *daemon, const char *path, int status);

/* The number behind the name and its labels on /metrics; 0 when it is not there. */
double scrape_number(struct daemon *daemon, const char *sample);

#endif
