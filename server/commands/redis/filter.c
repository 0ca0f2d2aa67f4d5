#include "commands/redis/filter.h"

#include <stdlib.h>

#include "commands/redis/portrait.h"
#include "protocol/number.h"
#include "protocol/reply_resp.h"

void filter_fini(struct filter *filter)
{
    free(filter->ids);
    free(filter->address);
    free(filter->local);
}

static bool syntax_error(struct call *call)
{
    reply_fail(&call->reply, "ERR syntax error");
    return false;
}

static bool no_memory(struct call *call)
{
    (void)call_no_memory(call);
    return false;
}

/* Values --------------------------------------------------------------------------- */

/* All connections are normal ones: there are neither replicas nor subscribers. */
static bool read_type(struct filter *filter, struct call *call, struct slice type)
{
    static const char *const others[] = {"slave", "replica", "pubsub", "master"};
    if (slice_equal_fold(type, SLICE("normal")))
        return true;
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        if (slice_equal_fold(type, slice_from_string(others[i])))
            filter->nobody = true;
    if (!filter->nobody)
        reply_fail(&call->reply, "ERR Unknown client type '%.*s'",
                   (int)strnlen(type.data, type.len), type.data);
    return filter->nobody;
}

static int compare_ids(const void *a, const void *b)
{
    int64_t left = *(const int64_t *)a;
    int64_t right = *(const int64_t *)b;
    return (left > right) - (left < right);
}

/* All arguments from the nth on. */
static bool read_ids(struct filter *filter, struct call *call, size_t n)
{
    size_t count = call_argument_count(call) - n;
    filter->by_id = true;
    filter->ids = calloc(count, sizeof(filter->ids[0]));
    if (filter->ids == NULL)
        return no_memory(call);
    for (size_t i = 0; i < count; i++) {
        if (!number_read_canonical(call_argument(call, n + i), &filter->ids[i])) {
            reply_fail(&call->reply, "ERR Invalid client ID");
            return false;
        }
    }
    filter->id_count = count;
    qsort(filter->ids, count, sizeof(filter->ids[0]), compare_ids);
    return true;
}

static bool read_id(struct filter *filter, struct call *call, struct slice text)
{
    int64_t id = 0;
    if (!number_read_canonical(text, &id) || id < 1) {
        reply_fail(&call->reply, "ERR client-id should be greater than 0");
        return false;
    }
    if (filter->ids == NULL)
        filter->ids = malloc(sizeof(filter->ids[0]));
    if (filter->ids == NULL)
        return no_memory(call);
    filter->by_id = true;
    filter->ids[0] = id; /* the last one counts */
    filter->id_count = 1;
    return true;
}

static bool read_address(char **address, struct call *call, struct slice text)
{
    free(*address);
    *address = strndup(text.data, text.len);
    return *address != NULL || no_memory(call);
}

static bool read_user(struct call *call, struct slice user)
{
    if (slice_equal(user, SLICE("default")))
        return true;
    reply_fail(&call->reply, "ERR No such user '%.*s'", (int)strnlen(user.data, user.len),
               user.data);
    return false;
}

static bool read_skip(struct filter *filter, struct call *call, struct slice word)
{
    filter->skip_self = slice_equal_fold(word, SLICE("yes"));
    return filter->skip_self || slice_equal_fold(word, SLICE("no")) || syntax_error(call);
}

/* Options -------------------------------------------------------------------------- */

bool filter_read_list(struct filter *filter, struct call *call)
{
    size_t count = call_argument_count(call);
    if (count == 1)
        return true;
    struct slice word = call_argument(call, 1);
    if (count == 3 && slice_equal_fold(word, SLICE("TYPE")))
        return read_type(filter, call, call_argument(call, 2));
    if (count > 2 && slice_equal_fold(word, SLICE("ID")))
        return read_ids(filter, call, 2);
    return syntax_error(call);
}

static bool read_option(struct filter *filter, struct call *call, struct slice word,
                        struct slice value)
{
    if (slice_equal_fold(word, SLICE("ID")))
        return read_id(filter, call, value);
    if (slice_equal_fold(word, SLICE("TYPE")))
        return read_type(filter, call, value);
    if (slice_equal_fold(word, SLICE("ADDR")))
        return read_address(&filter->address, call, value);
    if (slice_equal_fold(word, SLICE("LADDR")))
        return read_address(&filter->local, call, value);
    if (slice_equal_fold(word, SLICE("USER")))
        return read_user(call, value);
    if (slice_equal_fold(word, SLICE("SKIPME")))
        return read_skip(filter, call, value);
    return syntax_error(call);
}

bool filter_read_kill(struct filter *filter, struct call *call)
{
    size_t count = call_argument_count(call);
    if (count == 2)
        return read_address(&filter->address, call, call_argument(call, 1));
    filter->skip_self = true;
    for (size_t n = 1; n < count; n += 2) {
        if (n + 1 == count)
            return syntax_error(call);
        if (!read_option(filter, call, call_argument(call, n), call_argument(call, n + 1)))
            return false;
    }
    return true;
}

/* Choosing ------------------------------------------------------------------------- */

static bool is_at(const char *wanted, const char *address)
{
    char text[PORTRAIT_ADDRESS];
    if (wanted == NULL)
        return true;
    portrait_address(address, text);
    return strcmp(wanted, text) == 0;
}

bool filter_takes(const struct filter *filter, const struct peer *peer, bool self)
{
    int64_t id = (int64_t)peer->call->connection;
    if (filter->nobody || (self ? filter->skip_self : filter->only_self))
        return false;
    if (filter->by_id &&
        bsearch(&id, filter->ids, filter->id_count, sizeof(filter->ids[0]), compare_ids) == NULL)
        return false;
    return is_at(filter->address, portrait_remote(peer)) && is_at(filter->local, peer->local);
}
