/*
 * Throng: clients that write to a daemon and read from it all at once, on both faces, each as fast
 * as it is answered, and a tally of it all. What they ask follows from a seed; in which order the
 * daemon does it does not.
 *
 * The daemon may be stopped or killed under them at any moment. An answer that no request may have
 * ends the test, and so does a wait of more than DEADLINE_SECONDS. Used from one thread.
 */
#ifndef LEVERET_TESTS_FAULT_THRONG_H
#define LEVERET_TESTS_FAULT_THRONG_H

#include "tests/fault/tally.h"
#include "tests/lib/daemon.h"

struct throng;

/* How writes and reads were answered since throng_new. */
struct throng_counts {
    uint64_t acknowledged;
    uint64_t refused; /* READONLY, FULL or IO: it did not happen */
    uint64_t unknown; /* UNKNOWN */
    uint64_t barriers;
    uint64_t reads;
    uint64_t unread; /* reads that failed */
};

struct throng_options {
    unsigned clients;
    unsigned groups;  /* of keys, of each client */
    unsigned at_once; /* requests a client sends before it waits, at most */
    bool barriers;    /* the first client sends SYNC at times */
    uint64_t seed;
};

struct throng *throng_new(const struct throng_options *options);
void throng_free(struct throng *throng);

/* New connections of all. What was unanswered on earlier ones stays of unknown fate. */
void throng_connect(struct throng *throng, const struct daemon *daemon);

/* All that have their answers ask for more; then those that came within a few milliseconds are
 * taken. False once a connection ended. */
bool throng_turn(struct throng *throng);

/* Turns until so many more writes were answered, well or not. False once a connection ended. */
bool throng_write(struct throng *throng, uint64_t writes);

/* Asks for nothing more and takes what is there to be taken now. */
void throng_drain(struct throng *throng);

/* Asks for nothing more, and waits until everybody has all answers. */
void throng_rest(struct throng *throng);

const struct throng_counts *throng_counts(const struct throng *throng);

/* Reads all that the daemon holds and judges it; see tally_judge. Not while answers are to come
 * on connections that still are open. */
void throng_judge(struct throng *throng, const struct daemon *daemon, enum tally_promise promise,
                  int64_t moment, struct tally_verdict *verdict);

#endif
