/*
 * SNAPSHOT and RELEASE: views of the store that outlive a request, for every connection of the same
 * user that knows their number, and for administrators.
 */
#include "commands/handlers.h"
#include "commands/words.h"
#include "protocol/number.h"

/* Seconds that a snapshot stays when nobody uses it. */
#define USUAL_TTL 60
#define LONGEST_TTL 86400

static bool read_ttl(const struct call *call, uint64_t *ttl)
{
    size_t count = call_argument_count(call);
    *ttl = USUAL_TTL;
    if (count == 0)
        return true;
    return count == 2 && slice_equal_fold(call_argument(call, 0), SLICE("TTL")) &&
           number_read(call_argument(call, 1), LONGEST_TTL, ttl) && *ttl > 0;
}

static enum call_result answer_id(struct call *call, uint64_t id)
{
    struct buffer digits = {0};
    buffer_append_u64(&digits, id);
    if (digits.failed)
        call_no_memory(call);
    else
        reply_value(&call->reply, buffer_slice(&digits));
    buffer_fini(&digits);
    return CALL_DONE;
}

enum call_result snapshot_begin(struct call *call)
{
    struct store_error error;
    uint64_t ttl = 0;
    uint64_t id = 0;
    if (!read_ttl(call, &ttl)) {
        reply_error(&call->reply, STATUS_BADARG,
                    "SNAPSHOT takes TTL and a whole number of seconds from 1 to %d", LONGEST_TTL);
        return CALL_DONE;
    }
    if (!store_snapshot(call->service->store, ttl, slice_from_string(call->user->name), &id,
                        &error))
        return call_store_failed(call, &error, REPLY_NONE);
    return answer_id(call, id);
}

enum call_result snapshot_end(struct call *call)
{
    uint64_t id = 0;
    if (!words_snapshot(call, call_argument(call, 0), &id))
        reply_error(&call->reply, STATUS_BADARG, "RELEASE takes the number of a snapshot");
    else if (!store_release(call->service->store, id))
        reply_error(&call->reply, STATUS_SNAPSHOT, "%s", status_meaning(STATUS_SNAPSHOT));
    else
        reply_ok(&call->reply);
    return CALL_DONE;
}
