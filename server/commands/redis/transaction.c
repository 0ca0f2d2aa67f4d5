#include "commands/redis/transaction.h"

#include "commands/redis/functions.h"
#include "ops/allowed.h"

/* What a connection may watch, in bytes of memory. */
#define MOST_WATCHED ((size_t)4 * 1024 * 1024)

bool transaction_is_open(const struct transaction *transaction)
{
    return transaction->writes != NULL;
}

bool transaction_can_run(const struct transaction *transaction)
{
    return transaction_is_open(transaction) && !transaction->aborted;
}

static void forget_queue(struct transaction *transaction)
{
    submission_free(transaction->writes);
    transaction->writes = NULL;
    transaction->count = 0;
    transaction->changes = false;
    transaction->aborted = false;
}

void transaction_close(struct transaction *transaction)
{
    forget_queue(transaction);
    watcher_free(transaction->watcher);
    transaction->watcher = NULL;
}

void transaction_disown(struct transaction *transaction)
{
    transaction->aborted = transaction_is_open(transaction);
    if (transaction->watcher != NULL)
        watcher_touch(transaction->watcher);
}

/* Queueing ----------------------------------------------------------------------- */

static bool add(struct call *call, const struct redis_command *command)
{
    struct transaction *transaction = &call->client.transaction;
    const struct tokens *argv = call->argv;
    const struct buffer *queued = &transaction->writes->mutations;
    transaction->changes |= (command->flags & REDIS_WRITE) != 0;
    submission_run(transaction->writes, keyspace_program,
                   keyspace_flavour(command, call->reply.resp3), argv->items, argv->count);
    if (queued->failed)
        call_no_memory(call);
    else if (queued->len > allowed.batch)
        reply_error(&call->reply, STATUS_LIMIT,
                    "the transaction is larger than --max-batch allows");
    else
        return true;
    return false;
}

void transaction_queue(struct call *call, const struct redis_command *command)
{
    struct transaction *transaction = &call->client.transaction;
    if (!transaction->aborted && !add(call, command)) {
        buffer_fini(&transaction->writes->mutations); /* they will never run */
        return;
    }
    transaction->count++;
    reply_simple(&call->reply, "QUEUED");
}

/* A request that has no place in a transaction, but is no reason for EXEC to refuse. */
static enum call_result refuse_inside(struct call *call, const char *problem)
{
    reply_fail(&call->reply, "ERR %s", problem);
    call->reply.erred = false;
    return CALL_DONE;
}

enum call_result transaction_multi(struct call *call)
{
    struct transaction *transaction = &call->client.transaction;
    if (transaction_is_open(transaction))
        return refuse_inside(call, "MULTI calls can not be nested");
    transaction->writes = submission_new();
    if (transaction->writes == NULL || !submission_reserve(transaction->writes)) {
        forget_queue(transaction);
        return call_no_memory(call);
    }
    submission_begin(transaction->writes, WRITE_ANSWERS_SAID);
    reply_ok(&call->reply);
    return CALL_DONE;
}

/* Running ------------------------------------------------------------------------ */

/* The program in front of the others: EXEC answers an array of as many values as there are. */
static void begin_array(struct program *program, const struct slice *argv, size_t argc,
                        unsigned count)
{
    struct reply reply = {.face = &reply_resp, .out = program_reply(program)};
    (void)argv;
    (void)argc;
    reply_array(&reply, count);
}

/* With a submission the transaction can run; see vocabulary_is_write. */
enum call_result transaction_exec(struct call *call)
{
    struct transaction *transaction = &call->client.transaction;
    struct submission *submission = call->submission;
    if (submission != NULL) {
        submission_begin(submission, WRITE_ANSWERS_SAID);
        submission_run(submission, begin_array, (unsigned)transaction->count, NULL, 0);
        submission_append(submission, transaction->writes);
        if (!transaction->changes)
            submission_only_reads(submission);
        if (transaction->watcher != NULL)
            submission_watch(submission, transaction->watcher);
        submission_end(submission);
        forget_queue(transaction); /* but not the watcher: the committer looks at it */
        return CALL_WAIT;
    }
    if (transaction_is_open(transaction))
        reply_fail(&call->reply, "EXECABORT Transaction discarded because of previous errors.");
    else
        reply_fail(&call->reply, "ERR EXEC without MULTI");
    if (transaction_is_open(transaction))
        transaction_close(transaction);
    return CALL_DONE;
}

enum call_result transaction_discard(struct call *call)
{
    struct transaction *transaction = &call->client.transaction;
    if (!transaction_is_open(transaction)) {
        reply_fail(&call->reply, "ERR DISCARD without MULTI");
        return CALL_DONE;
    }
    transaction_close(transaction);
    reply_ok(&call->reply);
    return CALL_DONE;
}

/* Watching ----------------------------------------------------------------------- */

static enum status watch(struct call *call)
{
    struct transaction *transaction = &call->client.transaction;
    if (transaction->watcher == NULL)
        transaction->watcher = store_watch(call->service->store);
    if (transaction->watcher == NULL)
        return STATUS_MEMORY;
    for (size_t i = 1; i < call->argv->count; i++) {
        if (watcher_bytes(transaction->watcher) > MOST_WATCHED)
            return STATUS_LIMIT;
        if (!watcher_add(transaction->watcher, call->argv->items[i]))
            return STATUS_MEMORY;
    }
    return STATUS_OK;
}

/* After an error some of the keys are watched: no more than was asked for, and EXEC may only fail
 * for it. */
enum call_result transaction_watch(struct call *call)
{
    struct reply *reply = &call->reply;
    if (transaction_is_open(&call->client.transaction))
        return refuse_inside(call, "WATCH inside MULTI is not allowed");
    enum status status = watch(call);
    if (status == STATUS_OK)
        reply_ok(reply);
    else if (status == STATUS_LIMIT)
        reply_error(reply, status, "one connection watches up to 4 MiB of keys");
    else
        return call_no_memory(call);
    return CALL_DONE;
}

/* In a transaction there is nothing to do: its end forgets what was watched. */
void transaction_unwatch_later(struct keyspace *keys)
{
    reply_ok(keys->reply);
}

enum call_result transaction_unwatch(struct call *call)
{
    struct transaction *transaction = &call->client.transaction;
    watcher_free(transaction->watcher);
    transaction->watcher = NULL;
    reply_ok(&call->reply);
    return CALL_DONE;
}
