/*
 * Fleet: writers at work on a daemon that may end at any moment, and the question whether what it
 * holds afterwards is true to what they were told. Half of the writers speak RESP, and half of each
 * face pipeline while the others wait for every answer.
 */
#ifndef LEVERET_TESTS_FAULT_FLEET_H
#define LEVERET_TESTS_FAULT_FLEET_H

#include "tests/fault/crowd.h"
#include "tests/fault/writer.h"

struct daemon;

struct fleet {
    struct crowd *crowd;
    struct writer writers[CROWD_SIZE];
    bool refused[CROWD_SIZE];
    bool leaving; /* nothing more is asked */
    uint64_t acknowledged;
    uint64_t refusals;
    char strange[256]; /* a refusal that is none of a stopping daemon; empty without one */
};

/* What a check found: writers of whom it was so. */
struct fleet_tally {
    unsigned lost;
    unsigned half;
    unsigned invented;
    char first[256]; /* the first of them, for people */
};

void fleet_init(struct fleet *fleet, uint64_t seed);
void fleet_fini(struct fleet *fleet);

/* The store is a new one, and empty. */
void fleet_forget(struct fleet *fleet);

/* Connects all and lets them write for so long, or until the last connection has ended. */
void fleet_join(struct fleet *fleet, const struct daemon *daemon);
void fleet_write(struct fleet *fleet, int ms);

/* Asks nothing more, and hears what still comes until every connection has ended; false when some
 * have not after so long. Then they are closed. */
bool fleet_leave(struct fleet *fleet, int ms);

/* Reads the whole store of a daemon that runs, judges it, and goes on from what is there. */
void fleet_check(struct fleet *fleet, const struct daemon *daemon, struct fleet_tally *tally);

#endif
