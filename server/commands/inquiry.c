#include "commands/inquiry.h"

static void wake(struct census *census)
{
    call_wake(((struct inquiry *)census)->call);
}

enum call_result inquiry_begin(struct inquiry *inquiry, struct call *call,
                               bool (*visit)(struct census *, const struct peer *), call_fn *resume,
                               void (*release)(void *))
{
    inquiry->call = call;
    inquiry->census = (struct census){.visit = visit, .over = wake};
    if (!call->service->take_census(call->service->server, &inquiry->census)) {
        release(inquiry);
        return call_no_memory(call);
    }
    (void)call_keep(call, inquiry, resume, NULL, release);
    return CALL_WAIT;
}
