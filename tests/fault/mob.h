/*
 * A mob: any number of peers that all do the same, driven by one thread of the test with epoll.
 * Knows no protocol: what they say is the script's.
 *
 * All calls are the test's own thread's. Whatever the system refuses ends the test.
 */
#ifndef LEVERET_TESTS_FAULT_MOB_H
#define LEVERET_TESTS_FAULT_MOB_H

#include "protocol/bytes.h"

enum mob_reading {
    MOB_DEAF,  /* reads nothing, and has little room in its kernel for what comes */
    MOB_SIPS,  /* a byte at each pause, likewise */
    MOB_READS, /* all that comes */
};

/* What each of them does. The bytes are borrowed until the mob has stopped. */
struct mob_script {
    struct slice opening; /* said first, once */
    struct slice again;   /* then said over and over; may be empty */
    int pause_ms;         /* before each time and each sip; 0: as soon as the peer takes it */
    enum mob_reading reading;
    bool half_closes; /* behind the opening */
    bool storms;      /* hangs up as soon as it is connected, and comes again */
};

struct mob;

/* Connects them to the port of 127.0.0.1, and waits until each has said its opening or was let go.
 */
struct mob *mob_start(int port, size_t count, const struct mob_script *script);

/* How many the other side has let go; how often one of them connected. */
size_t mob_gone(const struct mob *mob);
size_t mob_came(const struct mob *mob);

/* Waits until the other side has let so many go, at most for as long as a test waits for anything.
 */
void mob_await_gone(const struct mob *mob, size_t count);

/* They all hang up. NULL is allowed. */
void mob_stop(struct mob *mob);

#endif
