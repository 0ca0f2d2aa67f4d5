/*
 * SIZE and PROPERTY: what the store tells about its data as a whole, without reading them.
 */
#include "commands/handlers.h"
#include "commands/words.h"

enum call_result admin_size(struct call *call)
{
    struct words words;
    struct range range;
    if (!words_read(call, WORDS_BOUNDS | WORDS_REVERSE, &words) ||
        !words_range(call, call_argument(call, 0), &words, &range))
        return CALL_DONE;
    reply_count(&call->reply, store_size(call->service->store, &range));
    range_fini(&range);
    return CALL_DONE;
}

enum call_result admin_property(struct call *call)
{
    struct slice name = call_argument(call, 0);
    struct buffer value = {0};
    bool known = store_property(call->service->store, name, &value);
    if (value.failed)
        call_no_memory(call);
    else if (known)
        reply_value(&call->reply, buffer_slice(&value));
    else
        reply_error(&call->reply, STATUS_BADARG, "no property %.*s", call_shown(name), name.data);
    buffer_fini(&value);
    return CALL_DONE;
}
