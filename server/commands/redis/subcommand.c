#include "commands/redis/subcommand.h"

#include <stdio.h>

#include "commands/redis/fold.h"
#include "protocol/reply_resp.h"

/* Longest part of a peer's text that Redis repeats here. */
#define LONGEST_SHOWN ((size_t)128)

void subcommand_say_name(struct reply *reply, const char *name, const char *part)
{
    char text[FOLD_NAME];
    fold_name(text, name, part);
    reply_text(reply, text);
}

const struct subcommand *subcommand_find(const struct container *container, struct slice name)
{
    for (size_t i = 0; i < container->count; i++)
        if (slice_equal_fold(name, slice_from_string(container->parts[i].name)))
            return &container->parts[i];
    return NULL;
}

/* As Redis lays it out: a line of the arguments, then indented what it does. */
enum call_result subcommand_help(struct call *call, const struct container *container)
{
    struct reply *reply = &call->reply;
    char line[160];
    reply_array(reply, 1 + 2 * container->count);
    snprintf(line, sizeof(line),
             "%s <subcommand> [<argument> ...]. Subcommands are:", container->name);
    reply_simple(reply, line);
    for (size_t i = 0; i < container->count; i++) {
        const struct subcommand *part = &container->parts[i];
        snprintf(line, sizeof(line), "%s%s%s", part->name, part->usage[0] == '\0' ? "" : " ",
                 part->usage);
        reply_simple(reply, line);
        snprintf(line, sizeof(line), "    %s", part->summary);
        reply_simple(reply, line);
    }
    return CALL_DONE;
}

static bool takes(const struct subcommand *part, size_t words)
{
    size_t arity = (size_t)(part->arity < 0 ? -part->arity : part->arity);
    return part->arity < 0 ? words >= arity : words == arity;
}

void subcommand_deny(struct call *call, const char *name, const char *part)
{
    char text[FOLD_NAME];
    const struct user *user = call->user;
    fold_name(text, name, part);
    if (user->role == ROLE_NOBODY)
        reply_fail(&call->reply, "NOAUTH Authentication required.");
    else
        reply_fail(&call->reply, "NOPERM User %s has no permissions to run the '%s' command",
                   user->name[0] == '\0' ? "default" : user->name, text);
}

enum call_result subcommand_serve(struct call *call, const struct container *container)
{
    struct slice name = call->argv->items[1];
    const struct subcommand *part = subcommand_find(container, name);
    char text[FOLD_NAME];
    if (part == NULL) {
        size_t shown = name.len < LONGEST_SHOWN ? name.len : LONGEST_SHOWN;
        reply_fail(&call->reply, "ERR unknown subcommand '%.*s'. Try %s HELP.",
                   (int)strnlen(name.data, shown), name.data, container->name);
        return CALL_DONE;
    }
    call->last_part = part->name;
    if (part->admin && call->user->role < ROLE_ADMIN) {
        subcommand_deny(call, container->name, part->name);
        return CALL_DONE;
    }
    if (takes(part, call->argv->count))
        return part->serve(call);
    fold_name(text, container->name, part->name);
    reply_fail(&call->reply, "ERR wrong number of arguments for '%s' command", text);
    return CALL_DONE;
}
