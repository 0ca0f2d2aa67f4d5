/*
 * The users: a table of who may log in, read from a file, and whom those are who did not. One table
 * is in force at a time; another can replace it while peers are served.
 *
 *     name role hash [prefix]...
 *
 * A line for each user; its tokens are those of the line protocol (see protocol/line.h). The hash
 * is an argon2id string of libsodium's, or `-` for a user without a password. A line that begins
 * with # is a remark. Nobody but the owner may have rights on the file.
 *
 * A table never changes, and goes when it is no longer in force and none of its users is held. Any
 * thread, unless said otherwise.
 */
#ifndef LEVERET_OPS_USERS_H
#define LEVERET_OPS_USERS_H

#include "ops/user.h"

/* Bounds a table: a file of 4 MiB has tens of thousands of users. */
#define USERS_FILE ((size_t)4 * 1024 * 1024)

struct users_options {
    const char *path;            /* of the file; NULL: nobody can log in */
    enum role anonymous;         /* what those may do who did not log in */
    const char *const *prefixes; /* what the keys of those begin with */
    size_t prefix_count;         /* 0: every key */
};

/* What is wrong with the file, as a sentence that names it and the line. */
struct users_error {
    char text[512];
};

/* Makes a table that is not in force. NULL with *error. The options are copied. */
struct users *users_load(const struct users_options *options, struct users_error *error);

/* Frees a table that will not come into force. NULL is allowed. */
void users_discard(struct users *users);

/* Puts it in force. Until the first, everybody is user_anyone. */
void users_install(struct users *take_users);

/* Ends the hold of a caller below, after which the user may be gone. */
void users_release(const struct user *user);

/* Whether anybody can log in. */
bool users_exist(void);

/* What becomes of a user when another table came into force: the same name in it, held for the
 * caller, if its hash is the same; else who did not log in. */
const struct user *users_renew(const struct user *user);

/* True when both may do the same with the same keys. */
bool users_same(const struct user *a, const struct user *b);

/* Changes whenever another table comes into force. Cheap. */
unsigned users_generation(void);

/* Who did not log in, as the table in force has it; held for the caller. */
const struct user *users_anonymous(void);

/* The user of that name in the table in force, held for the caller; NULL when there is none. */
const struct user *users_find(struct slice name);

/* The same if that is the user's password. Else NULL, and errno is ENOMEM when there was no memory
 * to find out. Takes as long when there is no such user, or none with a password: tens of
 * milliseconds and megabytes, as the hashes say; so not on a loop's thread. */
const struct user *users_verify(struct slice name, struct slice password);

#endif
