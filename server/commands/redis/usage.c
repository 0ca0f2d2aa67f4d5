#include "commands/redis/usage.h"

/* Commands that take nothing, or subcommands, are left out. */
static const char *const usages[REDIS_TOTAL] = {
    [REDIS_GET] = "key",
    [REDIS_SET] = "key value [NX|XX] [GET] [KEEPTTL]",
    [REDIS_SETNX] = "key value",
    [REDIS_GETSET] = "key value",
    [REDIS_GETDEL] = "key",
    [REDIS_GETRANGE] = "key start end",
    [REDIS_SUBSTR] = "key start end",
    [REDIS_SETRANGE] = "key offset value",
    [REDIS_STRLEN] = "key",
    [REDIS_APPEND] = "key value",
    [REDIS_MGET] = "key [key ...]",
    [REDIS_MSET] = "key value [key value ...]",
    [REDIS_MSETNX] = "key value [key value ...]",
    [REDIS_INCR] = "key",
    [REDIS_DECR] = "key",
    [REDIS_INCRBY] = "key increment",
    [REDIS_DECRBY] = "key decrement",
    [REDIS_INCRBYFLOAT] = "key increment",
    [REDIS_DEL] = "key [key ...]",
    [REDIS_UNLINK] = "key [key ...]",
    [REDIS_EXISTS] = "key [key ...]",
    [REDIS_TOUCH] = "key [key ...]",
    [REDIS_TYPE] = "key",
    [REDIS_RENAME] = "key newkey",
    [REDIS_RENAMENX] = "key newkey",
    [REDIS_COPY] = "source destination [DB 0] [REPLACE]",
    [REDIS_SCAN] = "cursor [MATCH pattern] [COUNT count] [TYPE type]",
    [REDIS_KEYS] = "pattern",
    [REDIS_FLUSHDB] = "[ASYNC|SYNC]",
    [REDIS_FLUSHALL] = "[ASYNC|SYNC]",
    [REDIS_SWAPDB] = "index1 index2",
    [REDIS_WATCH] = "key [key ...]",
    [REDIS_HELLO] = "[protover [AUTH username password] [SETNAME clientname]]",
    [REDIS_AUTH] = "[username] password",
    [REDIS_PING] = "[message]",
    [REDIS_ECHO] = "message",
    [REDIS_SELECT] = "index",
    [REDIS_INFO] = "[section [section ...]]",
    [REDIS_LOLWUT] = "[VERSION version]",
    [REDIS_WAIT] = "numreplicas timeout",
};

const char *usage_of(const struct redis_command *command)
{
    return usages[command->id] == NULL ? "" : usages[command->id];
}
