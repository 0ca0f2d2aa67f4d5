/*
 * PING, HELP, INFO, QUIT: about the session and the server, not the data.
 */
#include <stdio.h>

#include "commands/handlers.h"
#include "protocol/command.h"

enum call_result session_ping(struct call *call)
{
    reply_value(&call->reply,
                call_argument_count(call) == 0 ? SLICE("PONG") : call_argument(call, 0));
    return CALL_DONE;
}

static void remark_usage(struct reply *reply, const struct command *command)
{
    char text[200];
    snprintf(text, sizeof(text), "%s%s%s", command->name, command->usage[0] == '\0' ? "" : " ",
             command->usage);
    reply_remark(reply, slice_from_string(text));
}

static void help_all(struct reply *reply)
{
    for (unsigned i = 0; i < COMMAND_TOTAL; i++)
        remark_usage(reply, command_at((enum command_id)i));
    reply_remark(reply,
                 SLICE("Quote a token that holds spaces: \"two words\". HELP command says more."));
    reply_ok(reply);
}

enum call_result session_help(struct call *call)
{
    if (call_argument_count(call) == 0) {
        help_all(&call->reply);
        return CALL_DONE;
    }
    struct slice name = call_argument(call, 0);
    const struct command *command = command_find(name);
    if (command == NULL) {
        reply_error(&call->reply, STATUS_BADARG, "no command %.*s; try HELP", call_shown(name),
                    name.data);
        return CALL_DONE;
    }
    remark_usage(&call->reply, command);
    reply_remark(&call->reply, slice_from_string(command->summary));
    reply_ok(&call->reply);
    return CALL_DONE;
}

struct rows {
    struct reply *reply;
    uint64_t count;
};

static void take_fact(void *sink, const char *name, const char *value)
{
    struct rows *rows = sink;
    reply_row(rows->reply, slice_from_string(name), slice_from_string(value));
    rows->count++;
}

enum call_result session_info(struct call *call)
{
    struct slice section = call_argument_count(call) == 0 ? SLICE("") : call_argument(call, 0);
    const struct service *service = call->service;
    struct rows rows = {.reply = &call->reply};
    switch (service->tell(service->facts, section, call->user->role, take_fact, &rows)) {
    case TOLD:
        reply_count(&call->reply, rows.count);
        break;
    case TOLD_NO_SUCH:
        reply_error(&call->reply, STATUS_BADARG, "no section %.*s; there are %s",
                    call_shown(section), section.data, service->sections);
        break;
    case TOLD_DENIED:
        reply_error(&call->reply, STATUS_DENIED, "INFO %.*s takes the role admin",
                    call_shown(section), section.data);
        break;
    }
    return CALL_DONE;
}

enum call_result session_quit(struct call *call)
{
    reply_ok(&call->reply);
    return CALL_CLOSE;
}
