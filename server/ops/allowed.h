/*
 * What the administrator allows: the numbers that a reload may change while requests are served.
 * (How many connections there may be is for net/admission.h, how many bytes for ops/budget.h.) In a
 * process that sets nothing nearly everything is allowed.
 *
 * The main thread writes them and every thread reads them. Each means something by itself, so each
 * is an atomic number of its own and costs its reader a plain load; who reads two of them may find
 * an old and a new one.
 */
#ifndef LEVERET_OPS_ALLOWED_H
#define LEVERET_OPS_ALLOWED_H

#include <stdatomic.h>
#include <stdint.h>

#include "protocol/limits.h"

struct allowed {
    atomic_size_t line; /* as in struct limits, likewise the next four */
    atomic_size_t value;
    atomic_size_t arguments;
    atomic_size_t batch;
    atomic_size_t output;
    atomic_size_t connections;       /* at a time; for those who tell of it */
    atomic_size_t scans;             /* open at a time, over all connections */
    atomic_size_t turn_requests;     /* taken of one connection before others have their turn */
    atomic_int_least64_t request_ms; /* a request must arrive whole within this */
    atomic_int_least64_t stall_ms;   /* a peer must take something within this */
    atomic_int_least64_t scan_ms;    /* a call must end within this */
    atomic_int_least64_t idle_ms;    /* a peer must ask within this; 0: whenever it likes */
    atomic_int_least64_t slow_us;    /* what takes longer is noted; 0: nothing is */
    atomic_bool flush;               /* everything may be deleted by a word */
};

extern struct allowed allowed;

/* The five limits, for a decoder. */
struct limits allowed_limits(void);

/* The same for those who may do nothing before they log in: AUTH and HELLO fit many times over, and
 * little else. No more than the others. */
struct limits allowed_before_login(void);

/* How long they may take for that; or as long as for a request, if that is less. */
#define ALLOWED_LOGIN_MS 10000

#endif
