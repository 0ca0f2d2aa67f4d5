/*
 * A peer: a thread on a Unix socket that plays a server by a script, so that a test decides every
 * byte and every end of a connection.
 */
#ifndef LEVERET_TESTS_UNIT_CLIENT_PEER_H
#define LEVERET_TESTS_UNIT_CLIENT_PEER_H

#include "client/leveret.h"
#include "protocol/bytes.h"

enum peer_act {
    PEER_HEAR,    /* reads these bytes, and they must be these */
    PEER_SAY,     /* sends these bytes */
    PEER_DRIBBLE, /* sends these bytes one by one */
    PEER_REMARKS, /* sends these bytes, then one remark every 300 ms for 1.5 seconds */
    PEER_HANG_UP, /* closes; what follows is about the next connection */
    PEER_SILENCE, /* reads until the other side closes, and says nothing */
    PEER_PART,    /* the other side closes, and not one byte comes before that */
};

struct peer_step {
    enum peer_act act;
    const char *text;
};

struct peer;

/* Starts a peer that plays `count` steps, which must outlive it. */
struct peer *peer_open(const struct peer_step *steps, size_t count);

/* Where it listens, as leveret_new takes it. Dies with the peer. */
const char *peer_address(const struct peer *peer);

/* A client of that peer, not connected yet; leveret_free ends it. */
struct leveret *peer_client(const struct peer *peer);

/* Waits until the script is played, and frees. Ends the test when it was not played as written. */
void peer_close(struct peer *peer);

/* A script as an array of steps. */
#define PEER_PLAYS(...)                                                                            \
    peer_open((const struct peer_step[]){__VA_ARGS__},                                             \
              sizeof((const struct peer_step[]){__VA_ARGS__}) / sizeof(struct peer_step))

/* A peer that answers every line with one row of `size` bytes that ends in the line's number, and
 * OK 1. It writes to the end before it reads on, so a client that only writes would block it. */
struct peer *peer_open_flood(size_t lines, size_t size);

#endif
