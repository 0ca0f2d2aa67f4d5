#include "commands/redis/functions.h"

void string_get(struct keyspace *keys)
{
    keyspace_answer(keys, keys->argv[1]);
}

void string_set(struct keyspace *keys)
{
    reply_fail(keys->reply, "ERR not served yet");
}

void string_setnx(struct keyspace *keys)
{
    reply_fail(keys->reply, "ERR not served yet");
}

void string_getset(struct keyspace *keys)
{
    reply_fail(keys->reply, "ERR not served yet");
}

void string_getdel(struct keyspace *keys)
{
    reply_fail(keys->reply, "ERR not served yet");
}

void string_getrange(struct keyspace *keys)
{
    reply_fail(keys->reply, "ERR not served yet");
}

void string_setrange(struct keyspace *keys)
{
    reply_fail(keys->reply, "ERR not served yet");
}

void string_strlen(struct keyspace *keys)
{
    reply_fail(keys->reply, "ERR not served yet");
}

void string_append(struct keyspace *keys)
{
    reply_fail(keys->reply, "ERR not served yet");
}

void string_mget(struct keyspace *keys)
{
    reply_fail(keys->reply, "ERR not served yet");
}

void string_mset(struct keyspace *keys)
{
    reply_fail(keys->reply, "ERR not served yet");
}

void string_msetnx(struct keyspace *keys)
{
    reply_fail(keys->reply, "ERR not served yet");
}

void string_incr(struct keyspace *keys)
{
    reply_fail(keys->reply, "ERR not served yet");
}

void string_decr(struct keyspace *keys)
{
    reply_fail(keys->reply, "ERR not served yet");
}

void string_incrby(struct keyspace *keys)
{
    reply_fail(keys->reply, "ERR not served yet");
}

void string_decrby(struct keyspace *keys)
{
    reply_fail(keys->reply, "ERR not served yet");
}

void string_incrbyfloat(struct keyspace *keys)
{
    reply_fail(keys->reply, "ERR not served yet");
}
