/*
 * Redis's MGET, EXISTS and TOUCH outside of transactions: look-ups over turns, so that tens of
 * thousands of keys keep nobody waiting, and yet of one moment, because no write may come between
 * the keys of one request of Redis's.
 */
#include "commands/lookup.h"
#include "commands/redis/functions.h"

static void say_value(struct reply *reply, struct slice key, struct slice value)
{
    (void)key;
    if (value.data != NULL)
        reply_bulk(reply, value);
    else
        reply_null(reply);
}

/* The array has begun when a key cannot be read: its error is one of the values. */
static const struct lookup_kind values = {
    .each = say_value,
    .errs_in_place = true,
    .at_one_moment = true,
};

static void say_number(struct reply *reply, uint64_t found)
{
    reply_integer(reply, (int64_t)found);
}

static const struct lookup_kind existence = {.end = say_number, .at_one_moment = true};

enum call_result several_mget(struct call *call)
{
    size_t count = call_argument_count(call);
    if (!lookup_open(call, count, (struct store_view){0}, &values))
        return CALL_DONE;
    reply_array(&call->reply, count);
    return lookup_next(call);
}

enum call_result several_exists(struct call *call)
{
    bool opened = lookup_open(call, call_argument_count(call), (struct store_view){0}, &existence);
    return opened ? lookup_next(call) : CALL_DONE;
}
