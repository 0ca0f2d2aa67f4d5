#include "commands/redis/functions.h"

void client_fini(struct client *client)
{
    transaction_close(&client->transaction);
}

enum call_result client_hello(struct call *call)
{
    reply_fail(&call->reply, "ERR not served yet");
    return CALL_DONE;
}

enum call_result client_auth(struct call *call)
{
    reply_fail(&call->reply, "ERR not served yet");
    return CALL_DONE;
}

void client_ping(struct keyspace *keys)
{
    if (keys->argc > 2)
        reply_fail(keys->reply, "ERR wrong number of arguments for 'ping' command");
    else if (keys->argc == 2)
        reply_bulk(keys->reply, keys->argv[1]);
    else
        reply_simple(keys->reply, "PONG");
}

void client_echo(struct keyspace *keys)
{
    reply_bulk(keys->reply, keys->argv[1]);
}

enum call_result client_quit(struct call *call)
{
    reply_fail(&call->reply, "ERR not served yet");
    return CALL_DONE;
}

enum call_result client_reset(struct call *call)
{
    reply_fail(&call->reply, "ERR not served yet");
    return CALL_DONE;
}

void client_select(struct keyspace *keys)
{
    reply_fail(keys->reply, "ERR not served yet");
}

enum call_result client_client(struct call *call)
{
    reply_fail(&call->reply, "ERR not served yet");
    return CALL_DONE;
}
