/*
 * GET, MGET, EXISTS: look keys up and answer.
 */
#include <stdlib.h>

#include "commands/handlers.h"
#include "commands/words.h"

/* The keys still to look up, kept over turns. */
struct lookup {
    struct call *call;
    struct store_view view;
    struct slice *keys; /* into `bytes` */
    size_t count;
    size_t next;
    uint64_t found;
    bool failed;
    char bytes[];
};

/* GET --------------------------------------------------------------------- */

static void got(void *arg, enum status status, struct slice value, const struct store_error *error)
{
    struct call *call = arg;
    if (status == STATUS_OK)
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

static void lookup_free(void *state)
{
    struct lookup *lookup = state;
    free(lookup->keys);
    free(lookup);
}

static char *append(char *at, struct slice bytes)
{
    if (bytes.len > 0)
        memcpy(at, bytes.data, bytes.len);
    return at + bytes.len;
}

/* Copies the first `count` arguments, because they die before the last of them may be looked up;
 * each inside the scope. */
static struct lookup *lookup_new(struct call *call, size_t count)
{
    struct slice scope = buffer_slice(&call->scope.prefix);
    size_t bytes = count * scope.len;
    for (size_t i = 0; i < count; i++)
        bytes += call_argument(call, i).len;
    struct lookup *lookup = malloc(sizeof(*lookup) + bytes);
    struct slice *keys = malloc(count * sizeof(*keys));
    if (lookup == NULL || keys == NULL) {
        free(lookup);
        free(keys);
        return NULL;
    }
    *lookup = (struct lookup){.call = call, .keys = keys, .count = count};
    char *at = lookup->bytes;
    for (size_t i = 0; i < count; i++) {
        struct slice key = call_argument(call, i);
        keys[i] = slice_of(at, scope.len + key.len);
        at = append(append(at, scope), key);
    }
    return lookup;
}

static void note(struct lookup *lookup, enum status status, const struct store_error *error)
{
    if (status == STATUS_OK) {
        lookup->found++;
        return;
    }
    if (status != STATUS_NOT_FOUND) {
        lookup->failed = true;
        call_store_failed(lookup->call, error, REPLY_NONE);
    }
}

static void got_row(void *arg, enum status status, struct slice value,
                    const struct store_error *error)
{
    struct lookup *lookup = arg;
    struct slice key = lookup->keys[lookup->next];
    if (status == STATUS_OK || status == STATUS_NOT_FOUND)
        reply_row(&lookup->call->reply, key, status == STATUS_OK ? value : REPLY_NONE);
    note(lookup, status, error);
}

static void got_existence(void *arg, enum status status, struct slice value,
                          const struct store_error *error)
{
    (void)value;
    note(arg, status, error);
}

static enum call_result go_on(struct call *call, store_get_fn *each)
{
    struct lookup *lookup = call->state;
    while (lookup->next < lookup->count) {
        store_get(call->service->store, lookup->view, lookup->keys[lookup->next], each, lookup);
        lookup->next++;
        if (lookup->failed)
            return CALL_DONE;
        if (call_should_pause(call) && lookup->next < lookup->count)
            return CALL_MORE;
    }
    reply_count(&call->reply, lookup->found);
    return CALL_DONE;
}

static enum call_result begin(struct call *call, size_t count, struct store_view view,
                              call_fn *resume)
{
    struct lookup *lookup = lookup_new(call, count);
    if (lookup == NULL)
        return call_no_memory(call);
    lookup->view = view;
    call_keep(call, lookup, resume, NULL, lookup_free);
    return resume(call);
}

static enum call_result resume_mget(struct call *call)
{
    return go_on(call, got_row);
}

static enum call_result resume_exists(struct call *call)
{
    return go_on(call, got_existence);
}

/* The last two of three or more arguments, when they can be one: who reads keys that end so says
 * AT NOW. Every other argument is a key. */
static bool names_view(const struct call *call, size_t count, struct store_view *view)
{
    *view = (struct store_view){0};
    return count >= 3 && slice_equal_fold(call_argument(call, count - 2), SLICE("AT")) &&
           words_moment(call_argument(call, count - 1), &view->snapshot);
}

enum call_result read_mget(struct call *call)
{
    struct store_view view;
    size_t count = call_argument_count(call);
    if (names_view(call, count, &view))
        count -= 2;
    return begin(call, count, view, resume_mget);
}

enum call_result read_exists(struct call *call)
{
    return begin(call, call_argument_count(call), (struct store_view){0}, resume_exists);
}
