/*
 * HELLO and AUTH. There are no passwords yet: everybody is the user `default`, who as in a Redis
 * without a password may give any.
 */
#include "commands/redis/hello.h"

#include "commands/redis/functions.h"
#include "commands/redis/version.h"
#include "protocol/number.h"

/* What a HELLO asks for. */
struct wish {
    int64_t version; /* 0: as it is */
    bool names_user;
    struct slice user;
    bool names_itself;
    struct slice name;
};

bool hello_accepts_name(struct call *call, struct slice name)
{
    if (!client_accepts(name))
        reply_fail(&call->reply, "ERR Client names cannot contain spaces, newlines or special "
                                 "characters.");
    else if (name.len > CLIENT_LONGEST)
        reply_fail(&call->reply, "ERR Client names cannot be longer than 1 KiB here");
    else
        return true;
    return false;
}

static bool read_version(struct call *call, struct wish *wish)
{
    if (!number_read_canonical(call_argument(call, 0), &wish->version))
        reply_fail(&call->reply, "ERR Protocol version is not an integer or out of range");
    else if (wish->version < 2 || wish->version > 3)
        reply_fail(&call->reply, "NOPROTO unsupported protocol version");
    else
        return true;
    return false;
}

/* Reads one option from the nth argument on; how many it takes, or 0 after saying an error. */
static size_t read_option(struct call *call, size_t n, struct wish *wish)
{
    struct slice option = call_argument(call, n);
    size_t more = call_argument_count(call) - n - 1;
    if (slice_equal_fold(option, SLICE("AUTH")) && more >= 2) {
        wish->names_user = true;
        wish->user = call_argument(call, n + 1);
        return 3;
    }
    if (slice_equal_fold(option, SLICE("SETNAME")) && more >= 1) {
        wish->names_itself = true;
        wish->name = call_argument(call, n + 1);
        return 2;
    }
    reply_fail(&call->reply, "ERR Syntax error in HELLO option '%.*s'",
               (int)strnlen(option.data, option.len), option.data);
    return 0;
}

static bool read_wish(struct call *call, struct wish *wish)
{
    size_t count = call_argument_count(call);
    if (count > 0 && !read_version(call, wish))
        return false;
    for (size_t n = 1; n < count;) {
        size_t taken = read_option(call, n, wish);
        if (taken == 0)
            return false;
        n += taken;
    }
    return true;
}

/* Says Redis's error when there is no such user. */
static bool knows_user(struct call *call, struct slice user)
{
    if (slice_equal(user, SLICE("default")))
        return true;
    reply_fail(&call->reply, "WRONGPASS invalid username-password pair or user is disabled.");
    return false;
}

static void introduce(struct call *call)
{
    struct reply *reply = &call->reply;
    reply_map(reply, 7);
    reply_text(reply, "server");
    reply_text(reply, "redis"); /* so that libraries speak to it as they do to Redis */
    reply_text(reply, "version");
    reply_text(reply, REDIS_VERSION);
    reply_text(reply, "proto");
    reply_integer(reply, reply->resp3 ? 3 : 2);
    reply_text(reply, "id");
    reply_integer(reply, (int64_t)call->connection);
    reply_text(reply, "mode");
    reply_text(reply, "standalone");
    reply_text(reply, "role");
    reply_text(reply, "master");
    reply_text(reply, "modules");
    reply_array(reply, 0);
}

enum call_result hello_hello(struct call *call)
{
    struct wish wish = {0};
    if (!read_wish(call, &wish) || (wish.names_user && !knows_user(call, wish.user)) ||
        (wish.names_itself && !hello_accepts_name(call, wish.name)))
        return CALL_DONE;
    if (wish.names_itself && !client_keep(&call->client, CLIENT_NAME, wish.name))
        return call_no_memory(call);
    if (wish.version != 0)
        call->reply.resp3 = wish.version == 3;
    introduce(call);
    return CALL_DONE;
}

enum call_result hello_auth(struct call *call)
{
    size_t count = call_argument_count(call);
    if (count > 2)
        reply_fail(&call->reply, "ERR syntax error");
    else if (count == 1)
        reply_fail(&call->reply,
                   "ERR AUTH <password> called without any password configured for the default "
                   "user. Are you sure your configuration is correct?");
    else if (knows_user(call, call_argument(call, 0)))
        reply_ok(&call->reply);
    return CALL_DONE;
}
