/*
 * Redis's commands by name, with what COMMAND tells of them. There are no handlers here.
 */
#ifndef LEVERET_PROTOCOL_REDIS_H
#define LEVERET_PROTOCOL_REDIS_H

#include "protocol/bytes.h"
#include "protocol/role.h"

enum redis_flags {
    REDIS_READONLY = 1,
    REDIS_WRITE = 2,      /* the committer decides the reply */
    REDIS_FAST = 4,       /* as Redis tells it */
    REDIS_NOT_QUEUED = 8, /* cannot stand in a transaction here, though it can in Redis */
    REDIS_OPEN = 16,      /* also for those who have to log in first */
    REDIS_ADMIN = 32,     /* for administrators */
    REDIS_SECRET = 64,    /* its arguments are nobody's business, and never kept */
    REDIS_WHOLE = 128,    /* tells of everybody's keys: not for users confined to some */
};

enum redis_id {
#define REDIS_KEYS(name, ...) REDIS_##name,
#define REDIS_CALL(name, ...) REDIS_##name,
#include "protocol/redis.def"
#undef REDIS_KEYS
#undef REDIS_CALL
    REDIS_TOTAL
};

struct redis_command {
    enum redis_id id;
    const char *name; /* in capitals */
    size_t length;    /* of the name */
    int arity;        /* words with the name; negative: at least so many */
    unsigned flags;
    int first; /* where keys stand among the words; 0: there are none */
    int last;  /* negative: from the end */
    int step;
    const char *group;
    const char *since;
    const char *summary;
};

/* The command of that name, whatever its case; NULL when there is none. */
const struct redis_command *redis_find(struct slice name);

const struct redis_command *redis_at(enum redis_id id);

/* What a user must be allowed for it. */
enum role redis_role(const struct redis_command *command);

/* True when the command takes that many words, its name counted. */
bool redis_takes(const struct redis_command *command, size_t words);

/* Moves *at, which is 0 at first, to the next of so many words that is a key. False when there is
 * none. */
bool redis_next_key(const struct redis_command *command, size_t words, size_t *at);

#endif
