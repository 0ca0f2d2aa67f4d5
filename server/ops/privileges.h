/*
 * Privileges: becoming another user than root, for good.
 */
#ifndef LEVERET_OPS_PRIVILEGES_H
#define LEVERET_OPS_PRIVILEGES_H

#include <sys/types.h>

#include "protocol/bytes.h"

/* Whom to become. */
struct privileges {
    const char *name; /* borrowed */
    uid_t user;
    gid_t group;
};

/* What is wrong, as a sentence. */
struct privileges_error {
    char text[256];
};

/* Looks the user up. False with *error when there is none, when that is root, or when this process
 * may become nobody else and is not that user already. */
MUST_CHECK bool privileges_find(const char *name, struct privileges *privileges,
                                struct privileges_error *error);

/* Before the drop: makes the directory for that user if nothing is there. What is there stays as it
 * is; whoever needs the directory finds out what is wrong with it. */
void privileges_make_directory(const struct privileges *privileges, const char *path);

/* Before the drop: what is at the path, such as a socket that was just made, becomes that user's. A
 * link is not followed. */
void privileges_give(const struct privileges *privileges, const char *path);

/* Becomes the user, with its groups and no capability, in all threads. From then on there is no way
 * back, programs that this one might start give none either, and no other process of the user may
 * look into this one. False with *error, and the process should end, unless all of that is so. */
MUST_CHECK bool privileges_drop(const struct privileges *privileges,
                                struct privileges_error *error);

#endif
