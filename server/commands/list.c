/*
 * LIST: the children of a prefix one level down, at one seek for each child.
 *
 * A child is what follows the prefix up to and including the first delimiter, or the whole key
 * when it has none. Behind a child with a delimiter the scan jumps over everything inside it.
 */
#include <stdlib.h>

#include "commands/confine.h"
#include "commands/handlers.h"
#include "commands/words.h"
#include "ops/metrics.h"

struct list {
    struct call *call;
    struct store_scan *rows;
    struct buffer prefix;
    struct buffer delim;
    struct buffer last; /* the last child sent */
    struct buffer jump; /* where the scan goes on behind it */
    bool at_end;        /* nothing can come behind the last child */
    uint64_t limit;
    uint64_t count;
    bool more;
    enum call_result result;
};

static void list_free(void *state)
{
    struct list *list = state;
    store_scan_close(list->rows);
    buffer_fini(&list->prefix);
    buffer_fini(&list->delim);
    buffer_fini(&list->last);
    buffer_fini(&list->jump);
    free(list);
}

static struct slice last_child(const struct list *list)
{
    return list->count > 0 ? buffer_slice(&list->last) : REPLY_NONE;
}

static void cut(struct call *call, enum status status, const char *text)
{
    reply_error_more(&call->reply, status, last_child(call->state), text);
}

/* The child that `key`, which begins with `prefix`, belongs to; *inner when others may share it. */
static struct slice child_of(struct slice key, struct slice prefix, struct slice delim, bool *inner)
{
    const char *rest = key.data + prefix.len;
    const char *found = memmem(rest, key.len - prefix.len, delim.data, delim.len);
    *inner = found != NULL;
    return found == NULL ? key : slice_of(key.data, (size_t)(found - key.data) + delim.len);
}

static bool take_child(void *arg, struct slice key, struct slice value)
{
    struct list *list = arg;
    bool inner = false;
    (void)value;
    if (list->count == list->limit || reply_is_page(&list->call->reply)) {
        list->more = true;
        return false;
    }
    struct slice child =
        child_of(key, buffer_slice(&list->prefix), buffer_slice(&list->delim), &inner);
    reply_row(&list->call->reply, child, REPLY_NONE);
    buffer_clear(&list->last);
    buffer_append_slice(&list->last, child);
    buffer_clear(&list->jump);
    if (inner)
        list->at_end = !range_successor(child, &list->jump);
    list->count++;
    return false;
}

static void took(void *arg, enum store_scan_state state, const struct store_error *error)
{
    struct list *list = arg;
    list->result = CALL_DONE;
    if (state == STORE_SCAN_FAILED)
        call_store_failed(list->call, error, last_child(list));
    else if (list->last.failed || list->jump.failed)
        call_no_memory(list->call);
    else if (list->more)
        reply_count_more(&list->call->reply, list->count, buffer_slice(&list->last));
    else if (state == STORE_SCAN_END || list->at_end)
        reply_count(&list->call->reply, list->count);
    else
        list->result = CALL_MORE;
}

static enum call_result go_on(struct call *call)
{
    struct list *list = call->state;
    uint64_t before = list->count;
    do {
        if (list->jump.len > 0)
            store_scan_seek(list->rows, buffer_slice(&list->jump));
        list->jump.len = 0;
        store_scan_next(list->rows, take_child, took, list);
    } while (list->result == CALL_MORE && !call_should_pause(call));
    metrics_add(&metrics.rows, list->count - before);
    return list->result;
}

/* Moves the range behind `after`, and behind the child it is inside of, which comes before it;
 * false when nothing can be there. */
static bool skip_child(struct list *list, struct slice after, struct range *range)
{
    struct slice child = after;
    bool inner = false;
    if (slice_has_prefix(after, buffer_slice(&list->prefix)))
        child = child_of(after, buffer_slice(&list->prefix), buffer_slice(&list->delim), &inner);
    if (!inner)
        return range_raise(range, after, true);
    return range_successor(child, &list->jump) &&
           range_raise(range, buffer_slice(&list->jump), false);
}

/* Opens the scan behind the child that AFTER names, if any. *empty: there can be no rows. False
 * with the error replied. */
static bool open_rows(struct list *list, const struct words *words, bool *empty)
{
    struct call *call = list->call;
    struct range range;
    struct store_error error;
    if (!confine_range(call->user, buffer_slice(&list->prefix), &range)) {
        call_no_memory(call);
        return false;
    }
    *empty = words->from.data != NULL && !skip_child(list, words->from, &range);
    if (list->jump.failed || range.low.failed) {
        range_fini(&range);
        call_no_memory(call);
        return false;
    }
    list->jump.len = 0;
    list->rows = store_scan_open(call->service->store, &range, words->view, false, &error);
    if (list->rows == NULL)
        call_store_failed(call, &error, REPLY_NONE);
    return list->rows != NULL;
}

static struct list *list_new(struct call *call, const struct words *words)
{
    struct list *list = calloc(1, sizeof(*list));
    if (list == NULL)
        return NULL;
    list->call = call;
    list->limit = words->limit;
    buffer_append_slice(&list->prefix, call_argument(call, 0));
    buffer_append_slice(&list->delim, words->delim.data == NULL ? SLICE(":") : words->delim);
    buffer_reserve(&list->last, 1); /* so that an empty child is not taken for none */
    if (!list->prefix.failed && !list->delim.failed && !list->last.failed)
        return list;
    list_free(list);
    return NULL;
}

enum call_result list_list(struct call *call)
{
    struct words words;
    bool empty = false;
    if (!words_read(call, WORDS_CHILDREN | WORDS_LIMIT | WORDS_VIEW, &words))
        return CALL_DONE;
    struct list *list = list_new(call, &words);
    if (list == NULL)
        return call_no_memory(call);
    if (!open_rows(list, &words, &empty)) {
        list_free(list);
        return CALL_DONE;
    }
    call_keep(call, list, go_on, cut, list_free);
    if (!call_begin_scan(call))
        return CALL_DONE;
    reply_begin_rows(&call->reply);
    if (!empty)
        return go_on(call);
    reply_count(&call->reply, 0);
    return CALL_DONE;
}
