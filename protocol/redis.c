#include "protocol/redis.h"

#include <assert.h>

static const struct redis_command commands[REDIS_TOTAL] = {
#define REDIS_KEYS(name, function, ...) {REDIS_##name, #name, sizeof(#name) - 1, __VA_ARGS__},
#define REDIS_CALL(name, handler, ...) {REDIS_##name, #name, sizeof(#name) - 1, __VA_ARGS__},
#include "protocol/redis.def"
#undef REDIS_KEYS
#undef REDIS_CALL
};

const struct redis_command *redis_find(struct slice name)
{
    for (size_t i = 0; i < REDIS_TOTAL; i++)
        if (commands[i].length == name.len &&
            slice_equal_fold(name, slice_of(commands[i].name, name.len)))
            return &commands[i];
    return NULL;
}

const struct redis_command *redis_at(enum redis_id id)
{
    assert(id < REDIS_TOTAL);
    return &commands[id];
}

enum role redis_role(const struct redis_command *command)
{
    if ((command->flags & REDIS_OPEN) != 0)
        return ROLE_NOBODY;
    if ((command->flags & REDIS_ADMIN) != 0)
        return ROLE_ADMIN;
    return (command->flags & REDIS_WRITE) != 0 ? ROLE_WRITES : ROLE_READS;
}

bool redis_takes(const struct redis_command *command, size_t words)
{
    size_t arity = (size_t)(command->arity < 0 ? -command->arity : command->arity);
    return command->arity < 0 ? words >= arity : words == arity;
}

bool redis_next_key(const struct redis_command *command, size_t words, size_t *at)
{
    if (command->first == 0)
        return false;
    size_t last = command->last < 0 ? words - (size_t)-command->last : (size_t)command->last;
    *at = *at == 0 ? (size_t)command->first : *at + (size_t)command->step;
    return *at <= last && *at < words;
}
