#include "commands/dispatch.h"

#include "commands/confine.h"
#include "commands/handlers.h"
#include "commands/redis/vocabulary.h"
#include "commands/slow.h"
#include "ops/clock.h"
#include "protocol/command.h"
#include "protocol/reply_resp.h"

static call_fn *const handlers[COMMAND_TOTAL] = {
#define COMMAND(name, handler, ...) [COMMAND_##name] = handler,
#define ALIAS(name, command)
#include "protocol/commands.def"
#undef COMMAND
#undef ALIAS
};

/* Nobody's business is anybody's. */
static enum role role_for(const struct found *found)
{
    if (found->own != NULL)
        return command_role(found->own);
    return found->redis == NULL ? ROLE_NOBODY : redis_role(found->redis);
}

void dispatch_find(struct call *call, enum request_face face)
{
    struct slice name = call->argv->items[0];
    if (face == REQUEST_LINE)
        call->found = (struct found){.own = command_find(name)};
    else
        call->found = vocabulary_find(name);
    call->found.denied =
        call->user->role != ROLE_ADMIN && role_for(&call->found) > call->user->role;
}

bool dispatch_is_write(const struct call *call, enum request_face face)
{
    const struct command *command = call->found.own;
    if (call->found.denied)
        return false;
    if (face == REQUEST_RESP && command == NULL)
        return vocabulary_is_write(call);
    if (face == REQUEST_RESP && transaction_is_open(&call->client.transaction))
        return false;
    return command != NULL && (command->flags & COMMAND_WRITES) != 0 &&
           command_takes(command, call_argument_count(call)) &&
           (command->id == COMMAND_COMMIT || !batch_is_open(&call->batch));
}

/* A write keeps its place among those before it. */
static enum call_result no_memory(struct call *call)
{
    if (call->submission == NULL)
        return call_no_memory(call);
    submission_refuse(call->submission, STATUS_MEMORY, status_meaning(STATUS_MEMORY));
    return CALL_WAIT;
}

static void refuse_unknown(struct call *call)
{
    struct slice name = call->argv->items[0];
    reply_error(&call->reply, STATUS_UNKNOWN_COMMAND, "no command %.*s; try HELP", call_shown(name),
                name.data);
}

static void refuse_arguments(struct call *call, const struct command *command)
{
    reply_error(&call->reply, STATUS_ARGS, "usage: %s%s%s%s", call_name_head(call), command->name,
                command->usage[0] == '\0' ? "" : " ", command->usage);
}

static enum call_result deny(struct call *call)
{
    if (call->face == REQUEST_RESP)
        return vocabulary_deny(call);
    if (call->user->role == ROLE_NOBODY)
        reply_error(&call->reply, STATUS_NOAUTH, "log in first: AUTH user password");
    else
        reply_error(&call->reply, STATUS_DENIED, "that takes the role %s, and %s has the role %s",
                    role_name(role_for(&call->found)),
                    call->user->name[0] == '\0' ? "who did not log in" : call->user->name,
                    role_name(call->user->role));
    return CALL_DONE;
}

static enum call_result start(struct call *call)
{
    const struct command *command = call->found.own;
    call->last = command == NULL ? NULL : command->name;
    call->last_part = NULL;
    if (call->found.denied)
        return deny(call);
    if (call->face == REQUEST_RESP && command == NULL)
        return vocabulary_start(call);
    if (call->face == REQUEST_RESP && !vocabulary_enter_own(call))
        return CALL_DONE;
    if (command == NULL)
        refuse_unknown(call);
    else if (!command_takes(command, call_argument_count(call)))
        refuse_arguments(call, command);
    else if (!scope_enter(call, command))
        return no_memory(call);
    else if (confine_is_on(call->user) && !confine_allows_own(call, command))
        return confine_refuse(call);
    else
        return handlers[command->id](call);
    return CALL_DONE;
}

static enum call_result settle(struct call *call, enum call_result result)
{
    if (call->reply.erred)
        batch_spoil(&call->batch);
    return result;
}

/* Only requests of its own face count for a Redis client that skips replies. */
static void begin(struct call *call)
{
    if (call->face == REQUEST_RESP)
        client_begin(&call->client);
}

/* Takes back what was said since `from` to a Redis client that wants no reply. */
static void hush(struct call *call, size_t from)
{
    if (call->face == REQUEST_RESP && client_is_silent(&call->client))
        call->reply.out->len = from;
}

/* What is counted ------------------------------------------------------------ */

static unsigned identify(const struct call *call)
{
    if (call->found.own != NULL)
        return METER_OWN + call->found.own->id;
    return call->found.redis != NULL ? METER_REDIS + call->found.redis->id : METER_UNKNOWN;
}

/* A write is counted when it is answered, and until then carries what as. */
static void note_writes(const struct call *call, size_t before)
{
    for (size_t i = before; i < call->submission->count; i++)
        call->submission->writes[i].note = (uint16_t)call->metered;
}

/* One that follows ends when its peer wants no more, which tells nothing of us. */
static void count_follower(struct call *call)
{
    if (call->began != 0)
        meter_began(call->meter, call->metered);
    call->began = 0;
}

/* The first turn of a call is over. One that goes on is counted at its end. */
static void count_start(struct call *call, enum call_result result)
{
    if (result == CALL_DONE || result == CALL_CLOSE) {
        meter_answered(call->meter, call->metered);
        slow_look(call);
    } else if (result == CALL_FOLLOW) {
        count_follower(call);
    } else {
        slow_keep(call);
    }
    if (call->reply.erred)
        meter_failed(call->meter, call->metered, call->reply.erred_as);
}

/* A later turn of a call is over. */
static void count_resume(struct call *call, enum call_result result)
{
    if (result == CALL_FOLLOW)
        count_follower(call);
    if (result != CALL_DONE && result != CALL_CLOSE)
        return;
    if (call->began != 0) {
        int64_t took = clock_us() - call->began;
        meter_answered_late(call->meter, call->metered, took);
        slow_end(call, took);
    }
    slow_forget(call);
    if (call->reply.erred)
        meter_failed(call->meter, call->metered, call->reply.erred_as);
}

/* Starting and going on ------------------------------------------------------- */

/* A reply for which there was no memory becomes an error, and is over. Not one that waits: somebody
 * works for it. */
static enum call_result mend(struct call *call, size_t from, enum call_result result)
{
    struct buffer *out = call->reply.out;
    if (!out->failed || result == CALL_WAIT)
        return result;
    out->len = from;
    out->failed = false;
    return call_no_memory(call);
}

enum call_result dispatch_start(struct call *call)
{
    size_t from = call->reply.out->len;
    size_t before = call->submission == NULL ? 0 : call->submission->count;
    call->reply.erred = false;
    call->metered = identify(call);
    call->began = call->turn_began;
    if (call->submission == NULL) /* a write begins when it is answered */
        begin(call);
    enum call_result result = settle(call, mend(call, from, start(call)));
    if (call->submission == NULL)
        count_start(call, result);
    else
        note_writes(call, before);
    hush(call, from);
    return result;
}

enum call_result dispatch_resume(struct call *call)
{
    size_t from = call->reply.out->len;
    enum call_result result = settle(call, call->resume(call));
    count_resume(call, result);
    hush(call, from);
    return result;
}

void dispatch_cut(struct call *call, enum status status, const char *text)
{
    size_t from = call->reply.out->len;
    call_cut(call, status, text);
    count_resume(call, CALL_DONE);
    hush(call, from);
}

static void answer(struct call *call, const struct submission *submission,
                   const struct write *write)
{
    struct reply *reply = &call->reply;
    reply->erred = false;
    if (write->answer == WRITE_ANSWERS_SAID)
        vocabulary_answer(call, submission, write);
    else if (write->status == STATUS_CONFLICT)
        reply_conflict(reply, write->conflict);
    else if (write->status != STATUS_OK)
        reply_error(reply, write->status, "%s", write->problem);
    else if (write->answer == WRITE_ANSWERS_DELETED)
        reply_count(reply, write->deleted);
    else if (write->answer == WRITE_ANSWERS_VALUE)
        reply_value(reply, write->value);
    else
        reply_ok(reply);
}

/* A program says its errors itself. */
static void count_answer(const struct call *call, size_t from, unsigned note)
{
    const struct reply *reply = &call->reply;
    bool said = call->face == REQUEST_RESP && reply->out->len > from && !reply->erred &&
                reply->out->data[from] == '-';
    meter_answered(call->meter, note);
    if (reply->erred || said)
        meter_failed(call->meter, note, said ? STATUS_COUNT : reply->erred_as);
}

void dispatch_answer_writes(struct call *call, const struct submission *submission)
{
    int64_t took = clock_us() - call->began;
    call->reply.strip = call->scope.prefix.len;
    for (size_t i = 0; i < submission->count; i++) {
        size_t from = call->reply.out->len;
        begin(call);
        answer(call, submission, &submission->writes[i]);
        count_answer(call, from, submission->writes[i].note);
        hush(call, from);
    }
    slow_writes(call, submission, took);
    meter_end_turn(call->meter, took);
}
