/*
 * CLIENT: what a connection says of itself and asks about itself. What it asks about the others is
 * in peers.c.
 */
#include "commands/redis/functions.h"
#include "commands/redis/hello.h"
#include "commands/redis/peers.h"
#include "commands/redis/subcommand.h"

static enum call_result syntax_error(struct call *call)
{
    reply_fail(&call->reply, "ERR syntax error");
    return CALL_DONE;
}

static enum call_result say_id(struct call *call)
{
    reply_integer(&call->reply, (int64_t)call->connection);
    return CALL_DONE;
}

/* Names -------------------------------------------------------------------------- */

static enum call_result say_name(struct call *call)
{
    const char *name = call->client.texts[CLIENT_NAME];
    if (name == NULL)
        reply_null(&call->reply);
    else
        reply_text(&call->reply, name);
    return CALL_DONE;
}

static enum call_result keep(struct call *call, enum client_text which, struct slice text)
{
    if (!client_keep(&call->client, which, text))
        return call_no_memory(call);
    reply_ok(&call->reply);
    return CALL_DONE;
}

static enum call_result take_name(struct call *call)
{
    struct slice name = call_argument(call, 1);
    return hello_accepts_name(call, name) ? keep(call, CLIENT_NAME, name) : CALL_DONE;
}

/* Of Redis 7.2, and said by many libraries without looking at the version first. */
static enum call_result take_library(struct call *call)
{
    struct slice what = call_argument(call, 1);
    struct slice text = call_argument(call, 2);
    bool version = slice_equal_fold(what, SLICE("LIB-VER"));
    const char *name = version ? "lib-ver" : "lib-name";
    if (!version && !slice_equal_fold(what, SLICE("LIB-NAME")))
        reply_fail(&call->reply, "ERR Unrecognized option '%.*s'",
                   (int)strnlen(what.data, what.len), what.data);
    else if (!client_accepts(text))
        reply_fail(&call->reply, "ERR %s cannot contain spaces, newlines or special characters.",
                   name);
    else if (text.len > CLIENT_LONGEST)
        reply_fail(&call->reply, "ERR %s cannot be longer than 1 KiB here", name);
    else
        return keep(call, version ? CLIENT_LIBRARY_VERSION : CLIENT_LIBRARY, text);
    return CALL_DONE;
}

/* Switches ----------------------------------------------------------------------- */

static enum call_result turn(struct call *call, bool *flag)
{
    struct slice word = call_argument(call, 1);
    bool on = slice_equal_fold(word, SLICE("ON"));
    if (!on && !slice_equal_fold(word, SLICE("OFF")))
        return syntax_error(call);
    *flag = on;
    reply_ok(&call->reply);
    return CALL_DONE;
}

static enum call_result turn_no_evict(struct call *call)
{
    return turn(call, &call->client.no_evict);
}

static enum call_result turn_no_touch(struct call *call)
{
    return turn(call, &call->client.no_touch);
}

/* OFF and SKIP have no reply themselves; ON always has. */
static enum call_result turn_replies(struct call *call)
{
    struct client *client = &call->client;
    struct slice word = call_argument(call, 1);
    if (slice_equal_fold(word, SLICE("ON"))) {
        client->replies = CLIENT_REPLIES;
        reply_ok(&call->reply);
    } else if (slice_equal_fold(word, SLICE("OFF"))) {
        client->replies = CLIENT_SILENT;
    } else if (slice_equal_fold(word, SLICE("SKIP"))) {
        if (client->replies != CLIENT_SILENT)
            client->replies = CLIENT_SKIPS_NEXT;
    } else {
        return syntax_error(call);
    }
    return CALL_DONE;
}

/* There is no tracking ------------------------------------------------------------- */

static enum call_result say_redirection(struct call *call)
{
    reply_integer(&call->reply, -1);
    return CALL_DONE;
}

static enum call_result refuse_caching(struct call *call)
{
    reply_fail(&call->reply, "ERR CLIENT CACHING can be called only when the client is in tracking "
                             "mode with OPTIN or OPTOUT mode enabled");
    return CALL_DONE;
}

static enum call_result help(struct call *call)
{
    return subcommand_help(call, &clients_container);
}

static const struct subcommand parts[] = {
    {"CACHING", refuse_caching, 3, "YES|NO", "refused: nothing is tracked here", "6.0.0", false},
    {"GETNAME", say_name, 2, "", "the connection's name", "2.6.9", false},
    {"GETREDIR", say_redirection, 2, "", "-1: nothing is tracked here", "6.0.0", false},
    {"HELP", help, 2, "", "these lines", "5.0.0", false},
    {"ID", say_id, 2, "", "the connection's number", "5.0.0", false},
    {"INFO", peers_info, 2, "", "the connection as LIST shows it", "6.2.0", false},
    {"KILL", peers_kill, -3,
     "addr:port | [ID id] [TYPE type] [USER name] [ADDR addr:port] [LADDR addr:port] [SKIPME "
     "YES|NO]",
     "close connections", "2.4.0", true},
    {"LIST", peers_list, -2, "[TYPE type] [ID id...]", "all connections, one a line", "2.4.0",
     true},
    {"NO-EVICT", turn_no_evict, 3, "ON|OFF", "accepted: no connection is evicted", "7.0.0", true},
    {"NO-TOUCH", turn_no_touch, 3, "ON|OFF", "accepted: reading changes nothing", "7.2.0", false},
    {"REPLY", turn_replies, 3, "ON|OFF|SKIP", "whether requests are replied to", "3.2.0", false},
    {"SETINFO", take_library, 4, "LIB-NAME name|LIB-VER version", "what library this is", "7.2.0",
     false},
    {"SETNAME", take_name, 3, "name", "give the connection a name", "2.6.9", false},
};

const struct container clients_container = {"CLIENT", parts, sizeof(parts) / sizeof(parts[0])};

enum call_result clients_client(struct call *call)
{
    return subcommand_serve(call, &clients_container);
}
