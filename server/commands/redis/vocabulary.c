#include "commands/redis/vocabulary.h"

#include <ctype.h>
#include <stdio.h>

#include "commands/confine.h"
#include "commands/redis/functions.h"
#include "commands/redis/subcommand.h"
#include "protocol/limits.h"

static call_fn *const handlers[REDIS_TOTAL] = {
#define REDIS_KEYS(name, function, ...)
#define REDIS_CALL(name, handler, ...) [REDIS_##name] = handler,
#define REDIS_BOTH(name, function, handler, ...) [REDIS_##name] = handler,
#include "protocol/redis.def"
#undef REDIS_KEYS
#undef REDIS_CALL
};

/* Longest part of the arguments that the error about an unknown command repeats, as in Redis. */
#define LONGEST_SHOWN 128

/* The name behind LEVERET. of such a request; false for all others. */
static bool is_own(struct slice name, struct slice *own)
{
    struct slice head = SLICE(CALL_NAME_HEAD);
    if (name.len <= head.len || !slice_equal_fold(slice_of(name.data, head.len), head))
        return false;
    *own = slice_of(name.data + head.len, name.len - head.len);
    return true;
}

struct found vocabulary_find(struct slice name)
{
    struct slice own;
    if (!is_own(name, &own))
        return (struct found){.redis = redis_find(name)};
    const struct command *command = command_find(own);
    bool served = command != NULL && (command->flags & COMMAND_RESP) != 0;
    return (struct found){.own = served ? command : NULL};
}

/* A write to a key that the user may not have is none: it is answered as a read is. */
bool vocabulary_is_write(const struct call *call)
{
    const struct redis_command *command = call->found.redis;
    const struct transaction *transaction = &call->client.transaction;
    if (command == NULL || !redis_takes(command, call->argv->count) || call->scope.prefix.len > 0 ||
        batch_is_open(&call->batch))
        return false;
    if (command->id == REDIS_EXEC)
        return transaction_can_run(transaction);
    return (command->flags & REDIS_WRITE) != 0 && keyspace_function(command) != NULL &&
           !transaction_is_open(transaction) && confine_allows_redis(call, command);
}

/* Refusals ----------------------------------------------------------------------- */

static void append_arguments(struct buffer *text, const struct tokens *argv)
{
    size_t start = text->len;
    for (size_t i = 1; i < argv->count && text->len - start < LONGEST_SHOWN; i++) {
        struct slice word = argv->items[i];
        size_t room = LONGEST_SHOWN - (text->len - start);
        size_t len = strnlen(word.data == NULL ? "" : word.data, word.len);
        buffer_append_byte(text, '\'');
        buffer_append(text, word.data, len < room ? len : room);
        buffer_append_string(text, "' ");
    }
}

static void refuse_unknown(struct call *call)
{
    struct slice name = call->argv->items[0];
    struct buffer text = {0};
    int shown = (int)strnlen(name.data, name.len < LONGEST_SHOWN ? name.len : LONGEST_SHOWN);
    append_arguments(&text, call->argv);
    reply_fail(&call->reply, "ERR unknown command '%.*s', with args beginning with: %.*s", shown,
               name.data, (int)text.len, text.data == NULL ? "" : text.data);
    buffer_fini(&text);
}

static void refuse_arity(struct call *call, const struct redis_command *command)
{
    char name[32] = "";
    for (size_t i = 0; i < command->length; i++)
        name[i] = (char)tolower((unsigned char)command->name[i]);
    if (command->id != REDIS_EXEC) {
        reply_fail(&call->reply, "ERR wrong number of arguments for '%s' command", name);
        return;
    }
    reply_fail(&call->reply,
               "EXECABORT Transaction discarded because of: wrong number of arguments for '%s' "
               "command",
               name);
    transaction_close(&call->client.transaction); /* EXEC ends it in any case */
}

static void refuse_in_transaction(struct call *call)
{
    struct slice name = call->argv->items[0];
    reply_fail(&call->reply, "ERR %.*s cannot stand in a transaction here", call_shown(name),
               name.data);
}

static const char long_key[] = "the key is longer than 64 KiB";
_Static_assert(LIMIT_KEY == 64 * 1024, "the sentence above names the limit");

/* True when the command would store a value under a key that is too long for that. */
static bool has_long_key(const struct call *call, const struct redis_command *command)
{
    size_t at = 0;
    if ((command->flags & REDIS_WRITE) == 0 || command->id == REDIS_DEL ||
        command->id == REDIS_UNLINK || command->id == REDIS_GETDEL)
        return false;
    while (redis_next_key(command, call->argv->count, &at))
        if (call->argv->items[at].len > LIMIT_KEY)
            return true;
    return false;
}

/* Writes ------------------------------------------------------------------------- */

/* Adds a write that needs no program, because it does not look. False when it is none of these. */
static bool add_plain(struct call *call, const struct redis_command *command)
{
    struct submission *submission = call->submission;
    const struct slice *words = call->argv->items;
    size_t count = call->argv->count;
    if ((command->id != REDIS_SET || count != 3) && (command->id != REDIS_MSET || count % 2 == 0))
        return false;
    submission_begin(submission, WRITE_ANSWERS_OK);
    for (size_t i = 1; i < count; i += 2)
        submission_put(submission, words[i], words[i + 1]);
    submission_end(submission);
    return true;
}

static enum call_result write(struct call *call, const struct redis_command *command)
{
    struct submission *submission = call->submission;
    if (command->id == REDIS_EXEC)
        return transaction_exec(call);
    if (has_long_key(call, command)) {
        submission_refuse(submission, STATUS_LIMIT, long_key);
    } else if (!add_plain(call, command)) {
        submission_begin(submission, WRITE_ANSWERS_SAID);
        submission_run(submission, keyspace_program, keyspace_flavour(command, call->reply.resp3),
                       call->argv->items, call->argv->count);
        submission_end(submission);
    }
    return CALL_WAIT;
}

void vocabulary_answer(struct call *call, const struct submission *submission,
                       const struct write *write)
{
    if (write->status == STATUS_OK)
        reply_formatted(&call->reply, slice_of(submission->said.data + write->said,
                                               write->said_end - write->said));
    else if (write->status == STATUS_CONFLICT)
        reply_null_array(&call->reply);
    else
        reply_error(&call->reply, write->status, "%s", write->problem);
    if (write->watcher != NULL)
        transaction_close(&call->client.transaction);
}

/* Dispatch ----------------------------------------------------------------------- */

static enum call_result serve(struct call *call, const struct redis_command *command)
{
    bool queues = transaction_is_open(&call->client.transaction);
    if (queues && keyspace_function(command) != NULL && has_long_key(call, command))
        reply_error(&call->reply, STATUS_LIMIT, "%s", long_key);
    else if (queues && keyspace_function(command) != NULL)
        transaction_queue(call, command);
    else if (queues && (command->flags & REDIS_NOT_QUEUED) != 0)
        refuse_in_transaction(call);
    else if (handlers[command->id] != NULL)
        return handlers[command->id](call);
    else
        keyspace_read(call, command);
    return CALL_DONE;
}

/* Such commands see no keys, and one of them is RESET, which ends prefix and batch. */
static bool is_about_connection(const struct redis_command *command)
{
    return strcmp(command->group, "connection") == 0;
}

static enum call_result serve_found(struct call *call)
{
    const struct redis_command *command = call->found.redis;
    call->last = command == NULL ? NULL : command->name;
    if (call->submission != NULL)
        return write(call, command);
    if (command == NULL) {
        refuse_unknown(call);
    } else if (!redis_takes(command, call->argv->count)) {
        refuse_arity(call, command);
    } else if (call->scope.prefix.len > 0 && !is_about_connection(command)) {
        reply_fail(&call->reply, "ERR the connection is inside a prefix, see USE; Redis's commands "
                                 "see whole keys");
    } else if (batch_is_open(&call->batch) && !is_about_connection(command)) {
        reply_fail(&call->reply,
                   "ERR a batch is open, see BEGIN; Redis's commands know no batches");
    } else if (confine_is_on(call->user) && !confine_allows_redis(call, command)) {
        confine_refuse_redis(call);
    } else {
        return serve(call, command);
    }
    return CALL_DONE;
}

/* An error before EXEC makes it refuse. */
static void spoil_if_erred(struct call *call)
{
    struct transaction *transaction = &call->client.transaction;
    if (call->reply.erred && transaction_is_open(transaction))
        transaction->aborted = true;
}

enum call_result vocabulary_deny(struct call *call)
{
    const struct found *found = &call->found;
    subcommand_deny(call, found->own != NULL ? found->own->name : found->redis->name, NULL);
    spoil_if_erred(call);
    return CALL_DONE;
}

enum call_result vocabulary_start(struct call *call)
{
    enum call_result result = serve_found(call);
    spoil_if_erred(call);
    return result;
}

bool vocabulary_enter_own(struct call *call)
{
    struct slice *name = &call->argv->items[0];
    if (!transaction_is_open(&call->client.transaction))
        return is_own(*name, name);
    refuse_in_transaction(call);
    spoil_if_erred(call);
    return false;
}
