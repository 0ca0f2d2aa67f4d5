/*
 * PUT, MPUT, DEL, DELIFEQ, INCR, SYNC: each adds one write to the connection's submission; the
 * committer decides it.
 */
#include "commands/handlers.h"
#include "ops/allowed.h"
#include "protocol/number.h"

/* A request within the limit on lines may still hold a key or value over its own. */
static const char *too_large(struct slice key, struct slice value)
{
    if (key.len > LIMIT_KEY)
        return "the key is longer than 64 KiB";
    if (value.len > allowed.value)
        return "the value is longer than --max-value allows";
    return NULL;
}

_Static_assert(LIMIT_KEY == 64 * 1024, "a sentence above names the limit");

/* Starts the call's write, in the batch if one is open; what to add the mutations to. */
static struct submission *begin(struct call *call, enum write_answer answer)
{
    if (batch_is_open(&call->batch))
        return call->batch.writes;
    submission_begin(call->submission, answer);
    return call->submission;
}

static enum call_result end(struct call *call)
{
    if (batch_is_open(&call->batch))
        return call_batched(call);
    submission_end(call->submission);
    return CALL_WAIT;
}

static enum call_result refuse(struct call *call, enum status status, const char *problem)
{
    if (batch_is_open(&call->batch)) {
        reply_error(&call->reply, status, "%s", problem);
        return CALL_DONE;
    }
    submission_refuse(call->submission, status, problem);
    return CALL_WAIT;
}

/* Conditions --------------------------------------------------------------- */

struct condition {
    enum mutation_kind check;
    struct slice value; /* of CHECK_VALUE */
};

/* Reads NX, XX or IFEQ old from the arguments behind the pair; false when they are none of these.
 */
static bool read_condition(const struct call *call, struct condition *condition)
{
    static const struct {
        const char *word;
        size_t arguments;
        enum mutation_kind check;
    } conditions[] = {{"NX", 3, CHECK_ABSENT}, {"XX", 3, CHECK_PRESENT}, {"IFEQ", 4, CHECK_VALUE}};
    size_t count = call_argument_count(call);
    for (size_t i = 0; i < sizeof(conditions) / sizeof(conditions[0]); i++) {
        if (count != conditions[i].arguments ||
            !slice_equal_fold(call_argument(call, 2), slice_from_string(conditions[i].word)))
            continue;
        condition->check = conditions[i].check;
        condition->value = count == 4 ? call_argument(call, 3) : SLICE("");
        return true;
    }
    return false;
}

/* Writes ------------------------------------------------------------------- */

/* Why one of the first `count` arguments, which are pairs, cannot be written; NULL when all can. */
static const char *check_pairs(const struct call *call, size_t count)
{
    const char *problem = NULL;
    for (size_t i = 0; problem == NULL && i < count; i += 2)
        problem = too_large(call_argument(call, i), call_argument(call, i + 1));
    return problem;
}

enum call_result write_put(struct call *call)
{
    struct slice key = call_argument(call, 0);
    bool conditional = call_argument_count(call) > 2;
    struct condition condition;
    const char *problem = check_pairs(call, 2);
    if (problem != NULL)
        return refuse(call, STATUS_LIMIT, problem);
    if (conditional && !read_condition(call, &condition))
        return refuse(call, STATUS_BADARG,
                      "behind the value comes NX, XX or IFEQ old; quote a value with spaces");
    struct submission *submission = begin(call, WRITE_ANSWERS_OK);
    if (conditional)
        submission_check(submission, condition.check, key, condition.value);
    submission_put(submission, key, call_argument(call, 1));
    return end(call);
}

enum call_result write_mput(struct call *call)
{
    size_t count = call_argument_count(call);
    if (count % 2 != 0)
        return refuse(call, STATUS_ARGS, "MPUT takes pairs: the last key has no value");
    const char *problem = check_pairs(call, count);
    if (problem != NULL)
        return refuse(call, STATUS_LIMIT, problem);
    struct submission *submission = begin(call, WRITE_ANSWERS_OK);
    for (size_t i = 0; i < count; i += 2)
        submission_put(submission, call_argument(call, i), call_argument(call, i + 1));
    return end(call);
}

enum call_result write_del(struct call *call)
{
    size_t count = call_argument_count(call);
    struct submission *submission = begin(call, WRITE_ANSWERS_DELETED);
    for (size_t i = 0; i < count; i++)
        submission_delete(submission, call_argument(call, i));
    return end(call);
}

enum call_result write_delifeq(struct call *call)
{
    struct slice key = call_argument(call, 0);
    struct submission *submission = begin(call, WRITE_ANSWERS_OK);
    submission_check(submission, CHECK_VALUE, key, call_argument(call, 1));
    submission_delete(submission, key);
    return end(call);
}

enum call_result write_incr(struct call *call)
{
    struct slice key = call_argument(call, 0);
    int64_t delta = 1;
    if (call_argument_count(call) == 2 && !number_read_signed(call_argument(call, 1), &delta))
        return refuse(call, STATUS_BADARG, "INCR adds a whole number of 64 bits");
    if (key.len > LIMIT_KEY)
        return refuse(call, STATUS_LIMIT, too_large(key, SLICE("")));
    if (batch_is_open(&call->batch))
        return refuse(call, STATUS_BATCH,
                      "INCR answers its sum at once, so it cannot be in a batch");
    struct submission *submission = begin(call, WRITE_ANSWERS_VALUE);
    submission_add(submission, key, delta);
    return end(call);
}

/* A write of nothing that waits for everything before it. */
enum call_result write_sync(struct call *call)
{
    if (batch_is_open(&call->batch))
        return refuse(call, STATUS_BATCH, "SYNC waits at once, so it cannot be in a batch");
    submission_barrier(begin(call, WRITE_ANSWERS_OK));
    return end(call);
}
