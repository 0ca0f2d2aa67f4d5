/*
 * SIZE and PROPERTY: what the store tells about its data as a whole, without reading them.
 */
#include "commands/handlers.h"
#include "commands/words.h"

enum call_result admin_size(struct call *call)
{
    struct words words;
    struct range range;
    struct store_error error;
    uint64_t bytes = 0;
    if (!words_read(call, WORDS_BOUNDS | WORDS_REVERSE, &words) ||
        !words_range(call, call_argument(call, 0), &words, &range))
        return CALL_DONE;
    if (store_size(call->service->store, &range, &bytes, &error))
        reply_count(&call->reply, bytes);
    else
        call_store_failed(call, &error, REPLY_NONE);
    range_fini(&range);
    return CALL_DONE;
}

enum call_result admin_property(struct call *call)
{
    struct slice name = call_argument(call, 0);
    struct buffer value = {0};
    struct store_error error;
    enum status status = store_property(call->service->store, name, &value, &error);
    if (value.failed)
        call_no_memory(call);
    else if (status == STATUS_OK)
        reply_value(&call->reply, buffer_slice(&value));
    else if (status != STATUS_NOT_FOUND)
        call_store_failed(call, &error, REPLY_NONE);
    else
        reply_error(&call->reply, STATUS_BADARG, "no property %.*s", call_shown(name), name.data);
    buffer_fini(&value);
    return CALL_DONE;
}
