/*
 * HTTP: the listener for Prometheus and for probes, on a thread of its own. Its pages ask the file
 * system and the engine, which may take as long as the disk does; that is nothing for the main
 * thread, which hears signals, nor for workers. So it answers also while the server starts and
 * stops.
 *
 * It reads only, and takes one request a connection: GET and HEAD. It is bounded: HTTP_GUESTS
 * connections at a time, each for ten seconds at most; when all places are taken, whoever has been
 * there longest goes.
 */
#ifndef LEVERET_HTTP_H
#define LEVERET_HTTP_H

#include "pages.h"

struct http;

/* Connections at a time. */
#define HTTP_GUESTS 32

/* True for [HOST:]PORT, whether or not one can listen there. */
MUST_CHECK bool http_accepts(const char *address);

/* Listens on [HOST:]PORT, of 127.0.0.1 without a host, and serves the pages, which outlive it.
 * NULL, with a line in the log, when that fails. */
struct http *http_start(const char *address, struct pages *pages);

/* Closes everything and waits for the thread, which pages_settle was waited for. NULL is allowed.
 */
void http_stop(struct http *http);

#endif
