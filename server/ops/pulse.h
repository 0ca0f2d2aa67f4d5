/*
 * The pulse: what the threads of this process do, as the system sees them. Two looks tell which of
 * them went on in between, and which wait for a disk. Linux only; dear, so for doubts only.
 */
#ifndef LEVERET_OPS_PULSE_H
#define LEVERET_OPS_PULSE_H

#include "protocol/bytes.h"

/* Threads beyond so many are not seen. */
#define PULSE_MOST 256

struct pulse {
    size_t count;
    struct pulse_thread {
        int number;     /* of the system's; that of the process for the main thread */
        char name[16];  /* see thread.h */
        bool disk;      /* waits for a disk now, and can be told nothing meanwhile */
        uint64_t waits; /* how often it waited for anything; grows unless it hangs or spins */
    } threads[PULSE_MOST];
};

/* False when the system does not tell. */
MUST_CHECK bool pulse_take(struct pulse *pulse);

/* True when the thread of the later look waits for a disk, or went on since the earlier one. */
bool pulse_goes_on(const struct pulse *earlier, const struct pulse_thread *thread);

#endif
