/*
 * A user: who a peer is, what it may do, and which keys there are for it.
 *
 * Never changes once it is made. Whoever keeps one beyond a call of its own holds it; the last who
 * lets go frees it. Any thread.
 */
#ifndef LEVERET_OPS_USER_H
#define LEVERET_OPS_USER_H

#include "protocol/bytes.h"

/* Each may do what those before it may. */
enum user_role {
    USER_NOBODY, /* has to say who it is first */
    USER_READS,
    USER_WRITES,
    USER_ADMIN,
};

struct user {
    const char *name; /* "" for peers that did not say */
    enum user_role role;
    /* What its keys begin with: in bytewise order, and none begins with another. Without any, it
     * may have every key. */
    const struct slice *prefixes;
    size_t prefix_count;
};

/* Every peer, while nobody is asked who they are. */
extern const struct user user_anyone;

#endif
