/*
 * The table of users from within, for the files that make it and look into it; see users.h.
 */
#ifndef LEVERET_OPS_USERS_TABLE_H
#define LEVERET_OPS_USERS_TABLE_H

#include <stdatomic.h>

#include "ops/users.h"

struct account {
    struct user user;
    char *name;    /* the user's */
    char *hash;    /* NULL: no password */
    unsigned line; /* of the file */
};

struct users {
    atomic_size_t holders;
    struct account anonymous;
    struct account *accounts; /* by name, then by line */
    size_t count;
};

#endif
