#include "commands/redis/keyspace.h"

#include "commands/redis/functions.h"
#include "ops/allowed.h"

static keyspace_fn *const functions[REDIS_TOTAL] = {
#define REDIS_KEYS(name, function, ...) [REDIS_##name] = function,
#define REDIS_CALL(name, handler, ...)
#include "protocol/redis.def"
#undef REDIS_KEYS
#undef REDIS_CALL
};

keyspace_fn *keyspace_function(const struct redis_command *command)
{
    return functions[command->id];
}

bool keyspace_get(struct keyspace *keys, struct slice key, struct slice *value)
{
    return keys->engine->get(keys, key, value);
}

bool keyspace_has(struct keyspace *keys, struct slice key)
{
    struct slice value;
    return keyspace_get(keys, key, &value);
}

void keyspace_put(struct keyspace *keys, struct slice key, struct slice value)
{
    keys->engine->put(keys, key, value);
}

void keyspace_delete(struct keyspace *keys, struct slice key)
{
    keys->engine->del(keys, key);
}

void keyspace_answer(struct keyspace *keys, struct slice key)
{
    keys->engine->answer(keys, key);
}

bool keyspace_allows(struct keyspace *keys, size_t length)
{
    if (length <= allowed.value)
        return true;
    reply_fail(keys->reply, "ERR string exceeds maximum allowed size (proto-max-bulk-len)");
    return false;
}

void keyspace_syntax_error(struct keyspace *keys)
{
    reply_fail(keys->reply, "ERR syntax error");
}

void keyspace_not_integer(struct keyspace *keys)
{
    reply_fail(keys->reply, "ERR value is not an integer or out of range");
}

/* On a worker ------------------------------------------------------------------ */

static const struct store_error too_large = {.status = STATUS_LIMIT, .text = REPLY_TOO_LARGE};

static void got(void *arg, enum status status, struct slice value, const struct store_error *error)
{
    struct keyspace *keys = arg;
    if (status == STATUS_OK && !reply_fits(keys->reply, REPLY_NONE, value))
        keys->error = too_large;
    else if (status == STATUS_OK)
        buffer_append_slice(&keys->value, value);
    else if (status != STATUS_NOT_FOUND)
        keys->error = *error;
    keys->found = status == STATUS_OK && keys->error.status == STATUS_OK;
}

static bool get_from_store(struct keyspace *keys, struct slice key, struct slice *value)
{
    struct call *call = keys->arg;
    buffer_clear(&keys->value);
    store_get(call->service->store, (struct store_view){0}, key, got, keys);
    *value = buffer_slice(&keys->value);
    if (keys->value.failed)
        keys->error.status = STATUS_MEMORY;
    return keys->found && !keys->value.failed;
}

static void answer(void *arg, enum status status, struct slice value,
                   const struct store_error *error)
{
    struct keyspace *keys = arg;
    if (status == STATUS_OK && !reply_fits(keys->reply, REPLY_NONE, value))
        keys->error = too_large;
    else if (status == STATUS_OK)
        reply_bulk(keys->reply, value);
    else if (status == STATUS_NOT_FOUND)
        reply_null(keys->reply);
    else
        keys->error = *error;
}

/* Says the value where the store has it: no copy is made on the way. */
static void answer_from_store(struct keyspace *keys, struct slice key)
{
    struct call *call = keys->arg;
    store_get(call->service->store, (struct store_view){0}, key, answer, keys);
}

static const struct keyspace_engine worker_engine = {
    .answer = answer_from_store,
    .get = get_from_store,
};

static void fini(struct keyspace *keys)
{
    buffer_fini(&keys->scratch);
    buffer_fini(&keys->value);
}

void keyspace_read(struct call *call, const struct redis_command *command)
{
    struct reply *reply = &call->reply;
    size_t start = reply->out->len;
    struct keyspace keys = {
        .engine = &worker_engine,
        .reply = reply,
        .argv = call->argv->items,
        .argc = call->argv->count,
        .arg = call,
    };
    functions[command->id](&keys);
    if (keys.scratch.failed)
        keys.error.status = STATUS_MEMORY;
    if (keys.error.status != STATUS_OK) {
        reply->out->len = start;
        call_store_failed(call, &keys.error, REPLY_NONE);
    }
    fini(&keys);
}

/* In the committer --------------------------------------------------------------- */

static bool get_from_round(struct keyspace *keys, struct slice key, struct slice *value)
{
    return program_get(keys->arg, key, value);
}

static void answer_from_round(struct keyspace *keys, struct slice key)
{
    struct slice value;
    if (program_get(keys->arg, key, &value))
        reply_bulk(keys->reply, value);
    else
        reply_null(keys->reply);
}

static void put_in_round(struct keyspace *keys, struct slice key, struct slice value)
{
    program_put(keys->arg, key, value);
}

static void delete_in_round(struct keyspace *keys, struct slice key)
{
    program_delete(keys->arg, key);
}

static const struct keyspace_engine program_engine = {
    .answer = answer_from_round,
    .get = get_from_round,
    .put = put_in_round,
    .del = delete_in_round,
};

unsigned keyspace_flavour(const struct redis_command *command, bool resp3)
{
    return (unsigned)command->id << 1 | resp3;
}

void keyspace_program(struct program *program, const struct slice *argv, size_t argc,
                      unsigned flavour)
{
    struct reply reply = {
        .face = &reply_resp, .out = program_reply(program), .resp3 = (flavour & 1) != 0};
    struct keyspace keys = {
        .engine = &program_engine,
        .reply = &reply,
        .argv = argv,
        .argc = argc,
        .arg = program,
    };
    functions[flavour >> 1](&keys);
    if (keys.scratch.failed)
        reply.out->failed = true; /* which fails the write */
    fini(&keys);
}
