/*
 * A follower: a connection that follows, and the sequences that it hears.
 *
 * In texts that are sent or must come, @ stands for the start of all sequences: what the server
 * named first.
 */
#ifndef LEVERET_TESTS_SYSTEM_FOLLOWER_H
#define LEVERET_TESTS_SYSTEM_FOLLOWER_H

#include "tests/lib/daemon.h"

/* Starts the daemon with a history of no more than 64 KiB, and little other memory. */
void follower_start_forgetful(struct daemon *daemon);

/* A new connection that sends the request, a FOLLOW, and takes the first row. *from, unless it is
 * NULL, is the number of the sequence in that. */
struct wire *follower_open(const struct daemon *daemon, const char *request, uint64_t *from);

/* wire_say and wire_expect, with the start for each @. */
void follower_say(struct wire *wire, const char *text);
void follower_expect(struct wire *wire, const char *text);

/* The number of the sequence that ends the line. Its start must be the one that is known, or
 * becomes that. */
uint64_t follower_number(struct slice line);

#endif
