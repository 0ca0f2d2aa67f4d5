/*
 * PING, ECHO, SELECT, RESET, QUIT: the connection as a link.
 */
#include "commands/login.h"
#include "commands/redis/functions.h"
#include "protocol/number.h"

void link_ping(struct keyspace *keys)
{
    if (keys->argc > 2)
        reply_fail(keys->reply, "ERR wrong number of arguments for 'ping' command");
    else if (keys->argc == 2)
        reply_bulk(keys->reply, keys->argv[1]);
    else
        reply_simple(keys->reply, "PONG");
}

void link_echo(struct keyspace *keys)
{
    reply_bulk(keys->reply, keys->argv[1]);
}

void link_select(struct keyspace *keys)
{
    int64_t index = 0;
    if (!number_read_canonical(keys->argv[1], &index))
        keyspace_not_integer(keys);
    else if (index < INT32_MIN || index > INT32_MAX)
        reply_fail(keys->reply, "ERR value is out of range, value must between %d and %d",
                   INT32_MIN, INT32_MAX);
    else if (index != 0)
        reply_fail(keys->reply, "ERR DB index is out of range");
    else
        reply_ok(keys->reply);
}

/* Also what the line face knows of: the next to be given this connection finds it as new. */
enum call_result link_reset(struct call *call)
{
    client_reset(&call->client);
    login_forget(call);
    batch_close(&call->batch);
    scope_fini(&call->scope);
    call->reply.resp3 = false;
    reply_simple(&call->reply, "RESET");
    return CALL_DONE;
}

enum call_result link_quit(struct call *call)
{
    reply_ok(&call->reply);
    return CALL_CLOSE;
}
