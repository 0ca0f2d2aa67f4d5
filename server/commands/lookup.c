#include "commands/lookup.h"

#include <stdlib.h>

#include "commands/confine.h"

/* The keys still to look up, kept over turns. */
struct lookup {
    struct call *call;
    const struct lookup_kind *kind;
    struct store_view view;
    struct store_moment *moment; /* NULL when there is no need */
    struct slice *keys;          /* into `bytes` */
    size_t count;
    size_t next;
    uint64_t found;
    bool failed;
    char bytes[];
};

static void lookup_free(void *state)
{
    struct lookup *lookup = state;
    store_moment_close(lookup->call->service->store, lookup->moment);
    free(lookup->keys);
    free(lookup);
}

static char *append(char *at, struct slice bytes)
{
    if (bytes.len > 0)
        memcpy(at, bytes.data, bytes.len);
    return at + bytes.len;
}

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

static bool may_have_all(const struct lookup *lookup)
{
    for (size_t i = 0; i < lookup->count; i++)
        if (!confine_allows(lookup->call->user, lookup->keys[i]))
            return false;
    return true;
}

/* A single key is read in one go by itself. */
static bool choose_moment(struct lookup *lookup, const struct lookup_kind *kind,
                          struct store_error *error)
{
    if (!kind->at_one_moment || lookup->view.snapshot != 0 || lookup->count == 1)
        return true;
    lookup->moment = store_moment_open(lookup->call->service->store, error);
    lookup->view.moment = lookup->moment;
    return lookup->moment != NULL;
}

/* All that is missing becomes the error, so that the reply has as many values as it said. */
static void cut_in_place(struct call *call, enum status status, const char *text)
{
    struct lookup *lookup = call->state;
    for (; lookup->next < lookup->count; lookup->next++)
        reply_error_more(&call->reply, status, REPLY_NONE, text);
}

bool lookup_open(struct call *call, size_t count, struct store_view view,
                 const struct lookup_kind *kind)
{
    struct lookup *lookup = lookup_new(call, count);
    if (lookup == NULL) {
        call_no_memory(call);
        return false;
    }
    if (confine_is_on(call->user) && !may_have_all(lookup)) {
        lookup_free(lookup);
        (void)confine_refuse(call);
        return false;
    }
    lookup->view = view;
    lookup->kind = kind;
    struct store_error error;
    if (!choose_moment(lookup, kind, &error)) {
        lookup_free(lookup);
        call_store_failed(call, &error, REPLY_NONE);
        return false;
    }
    call_keep(call, lookup, lookup_next, kind->errs_in_place ? cut_in_place : NULL, lookup_free);
    call->holds_view = lookup->moment != NULL;
    return true;
}

static void got(void *arg, enum status status, struct slice value, const struct store_error *error)
{
    struct lookup *lookup = arg;
    const struct lookup_kind *kind = lookup->kind;
    bool found = status == STATUS_OK;
    if (!found && status != STATUS_NOT_FOUND) {
        lookup->failed = !kind->errs_in_place;
        call_store_failed(lookup->call, error, REPLY_NONE);
        return;
    }
    if (kind->each != NULL &&
        !reply_fits(&lookup->call->reply, lookup->keys[lookup->next], value)) {
        lookup->failed = !kind->errs_in_place;
        reply_error(&lookup->call->reply, STATUS_LIMIT, REPLY_TOO_LARGE);
        return;
    }
    lookup->found += found;
    if (kind->each != NULL)
        kind->each(&lookup->call->reply, lookup->keys[lookup->next], found ? value : REPLY_NONE);
}

enum call_result lookup_next(struct call *call)
{
    struct lookup *lookup = call->state;
    while (lookup->next < lookup->count) {
        store_get(call->service->store, lookup->view, lookup->keys[lookup->next], got, lookup);
        lookup->next++;
        if (lookup->failed)
            return CALL_DONE;
        if (call_should_pause(call) && lookup->next < lookup->count)
            return CALL_MORE;
    }
    if (lookup->kind->end != NULL)
        lookup->kind->end(&call->reply, lookup->found);
    return CALL_DONE;
}
