/*
 * Roles: what a user may do, and how its name and role are written in the users file. Knows no
 * password and no file.
 */
#ifndef LEVERET_PROTOCOL_ROLE_H
#define LEVERET_PROTOCOL_ROLE_H

#include "protocol/bytes.h"

/* Each may do what those before it may. */
enum role {
    ROLE_NOBODY, /* has to say who it is first */
    ROLE_READS,
    ROLE_WRITES,
    ROLE_ADMIN,
};

/* The role of that word: read, write or admin. False when there is none. */
MUST_CHECK bool role_find(struct slice word, enum role *role);

/* Its word; "none" for nobody. A static string. */
const char *role_name(enum role role);

/* True for a name that a user may have: up to LIMIT_USER bytes of visible ASCII, so that it can
 * stand in logs, lists and certificates as it is. */
bool role_accepts_name(struct slice name);

#endif
