/*
 * Crowd: many clients of one daemon, served by one thread, that outlive the daemon's end. Knows
 * sockets and lines, and not what they mean.
 *
 * A connection may end at any time, in order or not; that is news and no failure.
 */
#ifndef LEVERET_TESTS_FAULT_CROWD_H
#define LEVERET_TESTS_FAULT_CROWD_H

#include "protocol/bytes.h"

#define CROWD_SIZE 16

struct crowd;

/* Who is told what arrives. Both may call everything below but crowd_free and crowd_run. */
struct crowd_ears {
    /* A line, without its ending; it dies when this returns. */
    void (*line)(void *arg, unsigned client, struct slice line);
    /* The connection has ended: nothing more comes, and of a line without an end nothing came. Not
     * told to who left. */
    void (*end)(void *arg, unsigned client);
    void *arg;
};

/* CROWD_SIZE clients, none of them connected. */
struct crowd *crowd_new(const struct crowd_ears *ears);
void crowd_free(struct crowd *crowd);

/* Connects the client to that port of 127.0.0.1, or tells its end. */
void crowd_join(struct crowd *crowd, unsigned client, int port);

/* Closes the connection at once, whatever is on its way: the daemon sees a reset. */
void crowd_leave(struct crowd *crowd, unsigned client);

/* Whether it is connected, as far as is known; how many are. */
bool crowd_has(const struct crowd *crowd, unsigned client);
unsigned crowd_count(const struct crowd *crowd);

/* Sends as the socket takes it, from crowd_run; nothing is sent on a connection that ended. */
void crowd_say(struct crowd *crowd, unsigned client, struct slice bytes);

/* Bytes that the client was given to say and that the socket has not taken yet. */
size_t crowd_unsent(const struct crowd *crowd, unsigned client);

/* Sends and hears until the time is up, or none is connected. */
void crowd_run(struct crowd *crowd, int ms);

#endif
