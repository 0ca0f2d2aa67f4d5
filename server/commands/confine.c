#include "commands/confine.h"

#include "protocol/reply_resp.h"

static const char not_for_you[] = "that tells of all keys, and the user is confined to prefixes";
static const char not_yours[] = "a key is in none of the prefixes that the user is confined to";

bool confine_range(const struct user *user, struct slice prefix, struct range *range)
{
    if (!range_init(range, prefix))
        return false;
    if (!confine_is_on(user) || range_confine(range, user->prefixes, user->prefix_count))
        return true;
    range_fini(range);
    return false;
}

bool confine_allows_own(const struct call *call, const struct command *command)
{
    unsigned keys = command->flags & COMMAND_KEYS;
    size_t count = call_argument_count(call);
    if (!confine_is_on(call->user))
        return true;
    if ((command->flags & COMMAND_WHOLE) != 0)
        return false;
    if (keys == 0 || keys == COMMAND_KEY_OWN || (command->flags & COMMAND_RANGE) != 0)
        return true;
    size_t end = (keys & COMMAND_KEY_FIRST) != 0 && count > 0 ? 1 : count;
    size_t step = (keys & COMMAND_KEY_PAIRS) != 0 ? 2 : 1;
    for (size_t i = 0; i < end; i += step)
        if (!confine_allows(call->user, call_argument(call, i)))
            return false;
    return true;
}

bool confine_allows_redis(const struct call *call, const struct redis_command *command)
{
    size_t at = 0;
    if (!confine_is_on(call->user))
        return true;
    if ((command->flags & REDIS_WHOLE) != 0)
        return false;
    while (redis_next_key(command, call->argv->count, &at))
        if (!confine_allows(call->user, call->argv->items[at]))
            return false;
    return true;
}

enum call_result confine_refuse(struct call *call)
{
    const struct command *command = call->found.own;
    bool whole = command != NULL && (command->flags & COMMAND_WHOLE) != 0;
    if (call->submission != NULL) {
        submission_refuse(call->submission, STATUS_DENIED, not_yours);
        return CALL_WAIT;
    }
    reply_error(&call->reply, STATUS_DENIED, "%s", whole ? not_for_you : not_yours);
    return CALL_DONE;
}

void confine_refuse_redis(struct call *call)
{
    reply_fail(&call->reply, "NOPERM No permissions to access a key");
}
