#include "commands/redis/peers.h"

#include <stdlib.h>

#include "commands/inquiry.h"
#include "commands/redis/filter.h"
#include "commands/redis/portrait.h"
#include "protocol/reply_resp.h"

/* A census that looks for some connections, and lists or closes them. */
struct search {
    struct inquiry inquiry;
    struct filter filter;
    struct buffer text; /* a line for each that was found, unless they are closed */
    uint64_t found;
    bool found_self;
    bool by_address; /* the short form of KILL, with replies of its own */
};

static void free_search(void *state)
{
    struct search *search = state;
    filter_fini(&search->filter);
    buffer_fini(&search->text);
    free(search);
}

/* On the peer's thread. The one who asks is not closed here: it has a reply to send first. */
static bool close_found(struct census *census, const struct peer *peer)
{
    struct search *search = (struct search *)census;
    bool self = peer->call == search->inquiry.call;
    if (!filter_takes(&search->filter, peer, self))
        return false;
    search->found++;
    search->found_self |= self;
    return !self;
}

static bool list_found(struct census *census, const struct peer *peer)
{
    struct search *search = (struct search *)census;
    if (filter_takes(&search->filter, peer, peer->call == search->inquiry.call))
        portrait_append(&search->text, peer);
    return false;
}

static struct search *new_search(struct call *call)
{
    struct search *search = calloc(1, sizeof(*search));
    if (search == NULL)
        (void)call_no_memory(call);
    return search;
}

/* Listing ------------------------------------------------------------------------ */

static enum call_result say_list(struct call *call)
{
    struct search *search = call->state;
    if (search->text.failed)
        return call_no_memory(call);
    reply_verbatim(&call->reply, buffer_slice(&search->text));
    return CALL_DONE;
}

enum call_result peers_info(struct call *call)
{
    struct search *search = new_search(call);
    if (search == NULL)
        return CALL_DONE;
    search->filter.only_self = true;
    return inquiry_begin(&search->inquiry, call, list_found, say_list, free_search);
}

enum call_result peers_list(struct call *call)
{
    struct search *search = new_search(call);
    if (search == NULL)
        return CALL_DONE;
    if (filter_read_list(&search->filter, call))
        return inquiry_begin(&search->inquiry, call, list_found, say_list, free_search);
    free_search(search);
    return CALL_DONE;
}

/* Closing ------------------------------------------------------------------------ */

static enum call_result say_closed(struct call *call)
{
    struct search *search = call->state;
    if (!search->by_address)
        reply_integer(&call->reply, (int64_t)search->found);
    else if (search->found == 0)
        reply_fail(&call->reply, "ERR No such client");
    else
        reply_ok(&call->reply);
    return search->found_self ? CALL_CLOSE : CALL_DONE;
}

enum call_result peers_kill(struct call *call)
{
    struct search *search = new_search(call);
    if (search == NULL)
        return CALL_DONE;
    search->by_address = call->argv->count == 3;
    if (filter_read_kill(&search->filter, call))
        return inquiry_begin(&search->inquiry, call, close_found, say_closed, free_search);
    free_search(search);
    return CALL_DONE;
}
