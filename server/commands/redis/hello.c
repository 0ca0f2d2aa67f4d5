/*
 * HELLO and AUTH. Where nobody can log in everybody is the user `default`, who as in a Redis
 * without a password may give any.
 */
#include "commands/redis/hello.h"

#include <stdlib.h>

#include "commands/login.h"
#include "commands/redis/functions.h"
#include "commands/redis/version.h"
#include "ops/users.h"
#include "protocol/number.h"

/* What a HELLO asks for. */
struct wish {
    int64_t version; /* 0: as it is */
    bool names_user;
    struct slice user;
    struct slice password;
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
        wish->password = call_argument(call, n + 2);
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

/* Where nobody can log in there is nothing to guess, and nothing to end a connection for. */
static enum call_result say_wrong(struct call *call)
{
    reply_fail(&call->reply, "WRONGPASS invalid username-password pair or user is disabled.");
    return users_exist() ? login_failed(call) : CALL_DONE;
}

static enum call_result say_failed(struct call *call, enum status status)
{
    return status == STATUS_MEMORY ? call_no_memory(call) : say_wrong(call);
}

/* What a login that was not begun comes to. */
static enum call_result say_not_begun(struct call *call, enum login_begun begun)
{
    if (begun == LOGIN_WRONG)
        return say_wrong(call);
    if (begun == LOGIN_NO_MEMORY)
        return call_no_memory(call);
    reply_error(&call->reply, STATUS_LIMIT, "too many log in at a time; try again later");
    return CALL_DONE;
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

/* What is left of a wish while its password is verified. */
struct greeting {
    int64_t version;
    bool names_itself;
    size_t name_len;
    char name[CLIENT_LONGEST + 1]; /* a name that is longer is too long with that */
};

static enum call_result greet(struct call *call, int64_t version, bool names_itself,
                              struct slice name)
{
    if (call->user->role == ROLE_NOBODY) {
        reply_fail(&call->reply,
                   "NOAUTH HELLO must be called with the client already authenticated, otherwise "
                   "the HELLO <proto> AUTH <user> <pass> option can be used to authenticate the "
                   "client and select the RESP protocol version at the same time");
        return CALL_DONE;
    }
    if (names_itself && !hello_accepts_name(call, name))
        return CALL_DONE;
    if (names_itself && !client_keep(&call->client, CLIENT_NAME, name))
        return call_no_memory(call);
    if (version != 0)
        call->reply.resp3 = version == 3;
    introduce(call);
    return CALL_DONE;
}

static enum call_result greet_user(struct call *call)
{
    const struct greeting *greeting = login_more(call);
    enum status status = login_settle(call);
    if (status != STATUS_OK)
        return say_failed(call, status);
    return greet(call, greeting->version, greeting->names_itself,
                 slice_of(greeting->name, greeting->name_len));
}

static enum call_result log_in_and_greet(struct call *call, const struct wish *wish)
{
    struct greeting *greeting = malloc(sizeof(*greeting));
    if (greeting == NULL)
        return call_no_memory(call);
    greeting->version = wish->version;
    greeting->names_itself = wish->names_itself;
    greeting->name_len =
        wish->name.len < sizeof(greeting->name) ? wish->name.len : sizeof(greeting->name);
    if (wish->name.len > 0)
        memcpy(greeting->name, wish->name.data, greeting->name_len);
    enum login_begun begun =
        login_begin(call, wish->user, wish->password, greet_user, greeting, free);
    return begun == LOGIN_WAITS ? CALL_WAIT : say_not_begun(call, begun);
}

enum call_result hello_hello(struct call *call)
{
    struct wish wish = {0};
    if (!read_wish(call, &wish))
        return CALL_DONE;
    if (wish.names_user && users_exist())
        return log_in_and_greet(call, &wish);
    if (wish.names_user && !slice_equal(wish.user, SLICE("default")))
        return say_wrong(call);
    return greet(call, wish.version, wish.names_itself, wish.name);
}

static enum call_result say_how(struct call *call)
{
    enum status status = login_settle(call);
    if (status != STATUS_OK)
        return say_failed(call, status);
    reply_ok(&call->reply);
    return CALL_DONE;
}

/* Where there is nobody to be. */
static enum call_result pretend(struct call *call)
{
    if (call_argument_count(call) == 1)
        reply_fail(&call->reply,
                   "ERR AUTH <password> called without any password configured for the default "
                   "user. Are you sure your configuration is correct?");
    else if (slice_equal(call_argument(call, 0), SLICE("default")))
        reply_ok(&call->reply);
    else
        return say_wrong(call);
    return CALL_DONE;
}

enum call_result hello_auth(struct call *call)
{
    size_t count = call_argument_count(call);
    if (count > 2) {
        reply_fail(&call->reply, "ERR syntax error");
        return CALL_DONE;
    }
    if (!users_exist())
        return pretend(call);
    struct slice user = count == 1 ? SLICE("default") : call_argument(call, 0);
    enum login_begun begun =
        login_begin(call, user, call_argument(call, count - 1), say_how, NULL, NULL);
    return begun == LOGIN_WAITS ? CALL_WAIT : say_not_begun(call, begun);
}
