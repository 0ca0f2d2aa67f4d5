/*
 * FLUSHDB and FLUSHALL: delete everything, as DELPREFIX does it.
 */
#include "commands/delprefix.h"
#include "commands/redis/functions.h"
#include "ops/allowed.h"

/* Redis's two words choose between what it does at once and behind the reply; here the reply always
 * comes when all is gone. */
static bool takes_words(const struct call *call)
{
    if (call_argument_count(call) == 0)
        return true;
    struct slice word = call_argument(call, 0);
    return call_argument_count(call) == 1 &&
           (slice_equal_fold(word, SLICE("ASYNC")) || slice_equal_fold(word, SLICE("SYNC")));
}

enum call_result flush_flush(struct call *call)
{
    if (!takes_words(call))
        reply_fail(&call->reply, "ERR syntax error");
    else if (!allowed.flush)
        reply_fail(&call->reply, "ERR deleting everything is not allowed here; leveretd "
                                 "--allow-flush yes would allow it");
    else
        return delprefix_everything(call);
    return CALL_DONE;
}
