/*
 * GET, MGET, EXISTS: look keys up and answer.
 */
#include "commands/handlers.h"
#include "commands/lookup.h"
#include "commands/words.h"

/* GET --------------------------------------------------------------------- */

static void got(void *arg, enum status status, struct slice value, const struct store_error *error)
{
    struct call *call = arg;
    if (status == STATUS_OK && !reply_fits(&call->reply, REPLY_NONE, value))
        reply_error(&call->reply, STATUS_LIMIT, REPLY_TOO_LARGE);
    else if (status == STATUS_OK)
        reply_value(&call->reply, value);
    else if (status == STATUS_NOT_FOUND)
        reply_not_found(&call->reply);
    else
        call_store_failed(call, error, REPLY_NONE);
}

enum call_result read_get(struct call *call)
{
    struct words words;
    if (words_read(call, WORDS_VIEW | WORDS_CARE, &words))
        store_get(call->service->store, words.view, call_argument(call, 0), got, call);
    return CALL_DONE;
}

/* Several keys ------------------------------------------------------------ */

static const struct lookup_kind rows = {.each = reply_row, .end = reply_count};
static const struct lookup_kind existence = {.end = reply_count};

/* The last two of three or more arguments, when they can be one: who reads keys that end so says
 * AT NOW. Every other argument is a key. */
static bool names_view(const struct call *call, size_t count, struct store_view *view)
{
    *view = (struct store_view){0};
    return count >= 3 && slice_equal_fold(call_argument(call, count - 2), SLICE("AT")) &&
           words_moment(call, call_argument(call, count - 1), &view->snapshot);
}

enum call_result read_mget(struct call *call)
{
    struct store_view view;
    size_t count = call_argument_count(call);
    if (names_view(call, count, &view))
        count -= 2;
    return lookup_open(call, count, view, &rows) ? lookup_next(call) : CALL_DONE;
}

enum call_result read_exists(struct call *call)
{
    bool opened = lookup_open(call, call_argument_count(call), (struct store_view){0}, &existence);
    return opened ? lookup_next(call) : CALL_DONE;
}
