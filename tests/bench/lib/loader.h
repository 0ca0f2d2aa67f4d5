/*
 * A loader as a contestant: redis-benchmark for the RESP face, `leveret bench` for the line face,
 * with the same number of connections, keys and values. Its figure is requests a second.
 */
#ifndef LEVERET_TESTS_BENCH_LIB_LOADER_H
#define LEVERET_TESTS_BENCH_LIB_LOADER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "tests/bench/lib/contest.h"

enum loader_face {
    LOADER_RESP,
    LOADER_LINES,
};

/* What the line loader tells and redis-benchmark does not. Milliseconds. */
struct loader_latency {
    double p50;
    double p999;
};

struct loader {
    enum loader_face face;
    int port;
    pid_t server;     /* whose CPU is looked at */
    const char *work; /* get or set */
    unsigned clients;
    unsigned pipeline;
    uint64_t keys;
    uint64_t hot;      /* only with lines: scattered keys; 0 for none */
    uint64_t requests; /* of a turn: 0 until the first one has shown what takes about a second */
    uint64_t done;     /* requests of the turn just taken */
    struct loader_latency latency; /* of the turn just taken */
    bool tls; /* only with lines: speaks TLS, and trusts whom $SSL_CERT_FILE names */
};

/* A contestant's `take`; `how` is a struct loader. What the server goes on doing after its last
 * reply is waited for, and counts as its CPU. */
void loader_take(void *how, struct turn *turn);

/* The same without a look at the server: it may be busy for others. */
void loader_run(struct loader *loader, struct turn *turn);

/* Starts $LEVERET writing flat out over so many connections, until process_end; waits until the
 * first writes are done. */
pid_t loader_write_on(int port, unsigned clients, uint64_t keys);

#endif
