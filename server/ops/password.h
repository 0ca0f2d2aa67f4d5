/*
 * A password against a hash: an argon2id string of libsodium's. Knows no user. Any thread.
 */
#ifndef LEVERET_OPS_PASSWORD_H
#define LEVERET_OPS_PASSWORD_H

#include "protocol/bytes.h"

/* The costliest hash that is verified, in KiB of memory and in passes over it. `leveret passwd`
 * makes ones of 64 MiB and 2 passes. */
#define PASSWORD_HASH_KIB (256 * 1024)
#define PASSWORD_HASH_PASSES 16

enum password_fit {
    PASSWORD_FITS,
    PASSWORD_WRONG,
    PASSWORD_NO_MEMORY, /* there was not as much as the hash takes, so nobody knows */
};

/* Why a text cannot be the hash of a user, as a sentence; NULL when it can. */
const char *password_hash_problem(const char *hash);

/* Takes tens of milliseconds and megabytes, as the hash says. The hash has no problem. */
enum password_fit password_fits(const char *hash, struct slice password);

#endif
