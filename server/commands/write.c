/*
 * PUT, MPUT, DEL: each adds one write to the connection's submission; the committer decides it.
 */
#include "commands/handlers.h"
#include "protocol/limits.h"

/* A request within the limit on lines may still hold a key or value over its own. */
static const char *too_large(struct slice key, struct slice value)
{
    if (key.len > LIMIT_KEY)
        return "the key is longer than 64 KiB";
    if (value.len > LIMIT_VALUE)
        return "the value is longer than 16 MiB";
    return NULL;
}

_Static_assert(LIMIT_KEY == 64 * 1024 && LIMIT_VALUE == 16 * 1024 * 1024,
               "the sentences above name the limits");

static enum call_result refuse(struct call *call, enum status status, const char *problem)
{
    submission_refuse(call->submission, status, problem);
    return CALL_WAIT;
}

/* Writes the arguments as pairs. */
static enum call_result put_pairs(struct call *call)
{
    size_t count = call_argument_count(call);
    for (size_t i = 0; i < count; i += 2) {
        const char *problem = too_large(call_argument(call, i), call_argument(call, i + 1));
        if (problem != NULL)
            return refuse(call, STATUS_LIMIT, problem);
    }
    submission_begin(call->submission, WRITE_ANSWERS_OK);
    for (size_t i = 0; i < count; i += 2)
        submission_put(call->submission, call_argument(call, i), call_argument(call, i + 1));
    submission_end(call->submission);
    return CALL_WAIT;
}

enum call_result write_put(struct call *call)
{
    return put_pairs(call);
}

enum call_result write_mput(struct call *call)
{
    if (call_argument_count(call) % 2 != 0)
        return refuse(call, STATUS_ARGS, "MPUT takes pairs: the last key has no value");
    return put_pairs(call);
}

enum call_result write_del(struct call *call)
{
    size_t count = call_argument_count(call);
    submission_begin(call->submission, WRITE_ANSWERS_DELETED);
    for (size_t i = 0; i < count; i++)
        submission_delete(call->submission, call_argument(call, i));
    submission_end(call->submission);
    return CALL_WAIT;
}
