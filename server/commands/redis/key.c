#include "commands/redis/functions.h"

void key_del(struct keyspace *keys)
{
    reply_fail(keys->reply, "ERR not served yet");
}

void key_exists(struct keyspace *keys)
{
    reply_fail(keys->reply, "ERR not served yet");
}

void key_type(struct keyspace *keys)
{
    reply_fail(keys->reply, "ERR not served yet");
}

void key_rename(struct keyspace *keys)
{
    reply_fail(keys->reply, "ERR not served yet");
}

void key_renamenx(struct keyspace *keys)
{
    reply_fail(keys->reply, "ERR not served yet");
}

void key_copy(struct keyspace *keys)
{
    reply_fail(keys->reply, "ERR not served yet");
}
