/*
 * A user: who a peer is, what it may do, and which keys there are for it.
 *
 * Never changes once it is made. Whoever keeps one beyond a call of its own holds it; see users.h
 * for where they come from. Any thread.
 */
#ifndef LEVERET_OPS_USER_H
#define LEVERET_OPS_USER_H

#include "protocol/bytes.h"
#include "protocol/role.h"

struct users;

struct user {
    const char *name; /* "" for peers that did not say */
    enum role role;
    /* What its keys begin with: in bytewise order, and none begins with another. Without any, it
     * may have every key. */
    const struct slice *prefixes;
    size_t prefix_count;
    struct users *table; /* lives as long as one of its users is held; NULL: for ever */
};

/* Every peer, while nobody is asked who they are. */
extern const struct user user_anyone;

#endif
