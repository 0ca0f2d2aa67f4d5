#include "commands/redis/functions.h"

enum call_result iterate_scan(struct call *call)
{
    reply_fail(&call->reply, "ERR not served yet");
    return CALL_DONE;
}

enum call_result iterate_keys(struct call *call)
{
    reply_fail(&call->reply, "ERR not served yet");
    return CALL_DONE;
}

enum call_result iterate_dbsize(struct call *call)
{
    reply_fail(&call->reply, "ERR not served yet");
    return CALL_DONE;
}

enum call_result iterate_randomkey(struct call *call)
{
    reply_fail(&call->reply, "ERR not served yet");
    return CALL_DONE;
}

enum call_result iterate_flush(struct call *call)
{
    reply_fail(&call->reply, "ERR not served yet");
    return CALL_DONE;
}
