#include "commands/redis/functions.h"

enum call_result about_swapdb(struct call *call)
{
    reply_fail(&call->reply, "ERR not served yet");
    return CALL_DONE;
}

enum call_result about_command(struct call *call)
{
    reply_fail(&call->reply, "ERR not served yet");
    return CALL_DONE;
}

enum call_result about_info(struct call *call)
{
    reply_fail(&call->reply, "ERR not served yet");
    return CALL_DONE;
}

enum call_result about_config(struct call *call)
{
    reply_fail(&call->reply, "ERR not served yet");
    return CALL_DONE;
}

void about_time(struct keyspace *keys)
{
    reply_fail(keys->reply, "ERR not served yet");
}

void about_lolwut(struct keyspace *keys)
{
    reply_fail(keys->reply, "ERR not served yet");
}

void about_wait(struct keyspace *keys)
{
    reply_fail(keys->reply, "ERR not served yet");
}

enum call_result about_monitor(struct call *call)
{
    reply_fail(&call->reply, "ERR not served yet");
    return CALL_DONE;
}
