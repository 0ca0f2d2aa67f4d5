#include "commands/batch.h"

#include "commands/handlers.h"

bool batch_is_open(const struct batch *batch)
{
    return batch->writes != NULL;
}

void batch_spoil(struct batch *batch)
{
    if (!batch_is_open(batch))
        return;
    batch->spoiled = true;
    buffer_fini(&batch->writes->mutations);
}

void batch_close(struct batch *batch)
{
    submission_free(batch->writes);
    *batch = (struct batch){0};
}

static enum call_result refuse(struct call *call, const char *problem)
{
    reply_error(&call->reply, STATUS_BATCH, "%s", problem);
    return CALL_DONE;
}

enum call_result batch_begin(struct call *call)
{
    struct batch *batch = &call->batch;
    if (batch_is_open(batch))
        return refuse(call, "a batch is open already");
    batch->writes = submission_new();
    if (batch->writes == NULL || !submission_reserve(batch->writes)) {
        batch_close(batch);
        return call_no_memory(call);
    }
    submission_begin(batch->writes, WRITE_ANSWERS_OK);
    reply_ok(&call->reply);
    return CALL_DONE;
}

/* CHECK key ABSENT means what it says; a key that should hold this very word is CHECK key IFEQ
 * ABSENT. */
enum call_result batch_check(struct call *call)
{
    struct slice key = call_argument(call, 0);
    struct slice second = call_argument(call, 1);
    bool has_three = call_argument_count(call) == 3;
    if (!batch_is_open(&call->batch))
        return refuse(call, "CHECK belongs into a batch; see BEGIN");
    if (has_three && !slice_equal_fold(second, SLICE("IFEQ"))) {
        reply_error(&call->reply, STATUS_BADARG,
                    "CHECK takes a value, ABSENT, or IFEQ and a value");
        return CALL_DONE;
    }
    if (!has_three && slice_equal_fold(second, SLICE("ABSENT")))
        submission_check(call->batch.writes, CHECK_ABSENT, key, SLICE(""));
    else
        submission_check(call->batch.writes, CHECK_VALUE, key,
                         has_three ? call_argument(call, 2) : second);
    return call_batched(call);
}

enum call_result batch_commit(struct call *call)
{
    struct batch *batch = &call->batch;
    if (!batch_is_open(batch)) {
        submission_refuse(call->submission, STATUS_BATCH, "no batch is open");
    } else if (batch->spoiled) {
        submission_refuse(call->submission, STATUS_BATCH,
                          "a request in the batch failed; nothing was changed");
    } else {
        submission_begin(call->submission, WRITE_ANSWERS_OK);
        submission_append(call->submission, batch->writes);
        submission_end(call->submission);
    }
    batch_close(batch);
    return CALL_WAIT;
}

enum call_result batch_abort(struct call *call)
{
    if (!batch_is_open(&call->batch))
        return refuse(call, "no batch is open");
    batch_close(&call->batch);
    reply_ok(&call->reply);
    return CALL_DONE;
}
