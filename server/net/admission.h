/*
 * Admission: who may have a connection, and how many have one. Knows no socket.
 *
 * Connections are let in by one thread and leave on others, so it has a lock of its own. It bounds
 * what they take of the descriptors, because a store that finds none left can no longer write.
 */
#ifndef LEVERET_NET_ADMISSION_H
#define LEVERET_NET_ADMISSION_H

#include <sys/socket.h>

#include "protocol/bytes.h"

struct admission_options {
    uint32_t most;             /* connections at a time */
    uint32_t most_per_address; /* of one peer's address; 0 for any number */
    bool local_only;           /* serve no peer that is not of this machine */
};

enum admission_verdict {
    ADMISSION_GRANTED,
    ADMISSION_FULL,     /* all connections are taken */
    ADMISSION_CROWDED,  /* all that this peer's address may have are */
    ADMISSION_STRANGER, /* the peer is not of this machine */
};

struct admission;

/* NULL when the system refuses. */
struct admission *admission_new(const struct admission_options *options);

/* Makes room to count so many connections. False when there is no memory. Any thread. */
MUST_CHECK bool admission_reserve(struct admission *admission, uint32_t most);

/* Decides by these options from now on, whose number of connections was reserved. Who was let in
 * stays, also when there are too many now. Any thread. */
void admission_change(struct admission *admission, const struct admission_options *options);

/* All must have left. NULL is allowed. */
void admission_free(struct admission *admission);

/* Whether the peer may have one more connection. When it may, that one is counted until
 * admission_leave is told its *seat. Any thread. */
MUST_CHECK enum admission_verdict
admission_ask(struct admission *admission, const struct sockaddr_storage *peer, uint32_t *seat);

/* The connection is over. Any thread. */
void admission_leave(struct admission *admission, uint32_t seat);

#endif
