/*
 * A keyspace: what a command of Redis's string and key vocabulary sees. The same function serves
 * it on a worker, over the store, and in the committer, over the round that is being decided:
 *
 *     a read                   --> keyspace of the worker: get only
 *     a write, a transaction   --> keyspace of a program: get, put, delete
 *
 * Failures of the engine need no care: nothing is there then, and whatever was said is replaced by
 * the error.
 */
#ifndef LEVERET_COMMANDS_REDIS_KEYSPACE_H
#define LEVERET_COMMANDS_REDIS_KEYSPACE_H

#include "commands/call.h"
#include "protocol/redis.h"
#include "protocol/reply_resp.h"

struct keyspace;

struct keyspace_engine {
    void (*answer)(struct keyspace *keys, struct slice key);
    bool (*get)(struct keyspace *keys, struct slice key, struct slice *value);
    void (*put)(struct keyspace *keys, struct slice key, struct slice value); /* NULL: read only */
    void (*del)(struct keyspace *keys, struct slice key);
};

struct keyspace {
    const struct keyspace_engine *engine;
    struct reply *reply;      /* one value of RESP is to be said */
    const struct slice *argv; /* the name first */
    size_t argc;
    struct buffer scratch; /* for what the function makes up; freed when it returns */

    /* The engine's. */
    void *arg;
    struct buffer value;
    bool found;
    struct store_error error; /* its status is STATUS_OK until something fails */
};

/* Serves one command: reads argv, says one value. */
typedef void keyspace_fn(struct keyspace *keys);

/* False when the key is not there. The value dies with the next call on the keyspace. */
MUST_CHECK bool keyspace_get(struct keyspace *keys, struct slice key, struct slice *value);
bool keyspace_has(struct keyspace *keys, struct slice key);

/* Bytes are copied; they may be those of the last get, or in `scratch`. */
void keyspace_put(struct keyspace *keys, struct slice key, struct slice value);
void keyspace_delete(struct keyspace *keys, struct slice key);

/* Says the value of the key, or null. */
void keyspace_answer(struct keyspace *keys, struct slice key);

/* True when a value of so many bytes may be stored; else says Redis's error. */
MUST_CHECK bool keyspace_allows(struct keyspace *keys, size_t length);

/* Redis's own errors. */
void keyspace_syntax_error(struct keyspace *keys);
void keyspace_not_integer(struct keyspace *keys);

/* Runs a read on the worker, and says the reply of the call. */
void keyspace_read(struct call *call, const struct redis_command *command);

/* The program (store/program.h) that runs a command in the committer. Its flavour is from
 * keyspace_flavour. */
program_fn keyspace_program;
unsigned keyspace_flavour(const struct redis_command *command, bool resp3);

/* The function of the command; NULL when it has a handler instead. */
keyspace_fn *keyspace_function(const struct redis_command *command);

#endif
