/*
 * Load: many connections that ask the same work of a server as fast as it answers, from one
 * thread, as redis-benchmark does for Redis's protocol.
 *
 * Each connection sends its next requests when all replies to the last are there.
 */
#ifndef LEVERET_CLIENT_CLI_LOAD_H
#define LEVERET_CLIENT_CLI_LOAD_H

#include "client/cli/exit.h"
#include "client/cli/latency.h"
#include "client/cli/target.h"
#include "client/cli/work.h"

struct load_plan {
    struct target target;
    const char *prefix; /* that each connection uses; NULL for none */

    const struct work *work;
    unsigned clients;
    unsigned pipeline; /* requests that a connection sends at once */
    uint64_t requests; /* of all connections together */
    uint64_t seconds;  /* 0: until that many requests; else for so long, however many */
    size_t value_size;
    uint64_t keys; /* each request takes one of so many, all as likely */
    uint64_t hot;  /* 0, or: one of only so many, which lie evenly among the keys */
    uint64_t seed; /* of the keys' order; not 0 */
};

/* What came of it. */
struct load_outcome {
    enum exit_status status; /* FINE, REFUSED when a reply was ERR, or why it was broken off */
    uint64_t replies;
    uint64_t not_found;     /* of them */
    uint64_t errors;        /* of them; and CONFLICT, which nothing here asks for */
    char problem[256];      /* the first error; "" for none */
    double seconds;         /* from the first request to the last reply */
    double cpu;             /* seconds that this process computed meanwhile */
    struct latency latency; /* from sending the requests to receiving each reply */
};

/* Runs the plan. A connection that fails ends it, which has then been complained about. */
void load_run(const struct load_plan *plan, struct load_outcome *outcome);

#endif
