#include "commands/scope.h"

#include <assert.h>

#include "commands/handlers.h"
#include "protocol/limits.h"

void scope_fini(struct scope *scope)
{
    buffer_fini(&scope->prefix);
}

/* Makes room for every argument inside the scope, so that the slices stay where they are. */
static bool reserve(struct call *call)
{
    size_t count = call_argument_count(call);
    size_t bytes = count * call->scope.prefix.len;
    for (size_t i = 0; i < count; i++)
        bytes += call_argument(call, i).len;
    buffer_clear(call->scoped);
    return buffer_reserve(call->scoped, bytes);
}

struct slice scope_key(struct call *call, struct slice key)
{
    struct buffer *scoped = call->scoped;
    struct slice prefix = buffer_slice(&call->scope.prefix);
    if (prefix.len == 0)
        return key;
    assert(scoped->cap - scoped->len >= prefix.len + key.len);
    size_t start = scoped->len;
    buffer_append_slice(scoped, prefix);
    buffer_append_slice(scoped, key);
    return slice_of(scoped->data + start, scoped->len - start);
}

bool scope_enter(struct call *call, const struct command *command)
{
    unsigned keys = command->flags & COMMAND_KEYS;
    size_t count = call_argument_count(call);
    size_t end = (keys & COMMAND_KEY_FIRST) != 0 && count > 0 ? 1 : count;
    size_t step = (keys & COMMAND_KEY_PAIRS) != 0 ? 2 : 1;
    call->reply.strip = keys == 0 ? 0 : call->scope.prefix.len;
    if (call->reply.strip == 0 || keys == COMMAND_KEY_OWN)
        return true;
    if (!reserve(call))
        return false;
    for (size_t i = 0; i < end; i += step)
        call->argv->items[i + 1] = scope_key(call, call_argument(call, i));
    return true;
}

/* USE ------------------------------------------------------------------------- */

static enum call_result use(struct call *call, struct slice base, struct slice more)
{
    struct buffer prefix = {0};
    if (base.len + more.len > LIMIT_SCOPE) {
        reply_error(&call->reply, STATUS_LIMIT, "the prefix is longer than 1 KiB");
        return CALL_DONE;
    }
    buffer_append_slice(&prefix, base);
    buffer_append_slice(&prefix, more);
    if (prefix.failed) {
        buffer_fini(&prefix);
        return call_no_memory(call);
    }
    buffer_fini(&call->scope.prefix);
    call->scope.prefix = prefix;
    reply_value(&call->reply, buffer_slice(&prefix));
    return CALL_DONE;
}

_Static_assert(LIMIT_SCOPE == 1024, "the sentence above names the limit");

/* USE prefix, USE + prefix, USE. Not in a batch: what it has noted would be in another scope than
 * what its COMMIT answers. */
enum call_result scope_use(struct call *call)
{
    size_t count = call_argument_count(call);
    if (batch_is_open(&call->batch)) {
        reply_error(&call->reply, STATUS_BATCH, "USE cannot be in a batch");
        return CALL_DONE;
    }
    if (count == 0)
        return use(call, SLICE(""), SLICE(""));
    if (count == 1)
        return use(call, SLICE(""), call_argument(call, 0));
    if (slice_equal(call_argument(call, 0), SLICE("+")))
        return use(call, buffer_slice(&call->scope.prefix), call_argument(call, 1));
    reply_error(&call->reply, STATUS_BADARG,
                "USE takes a prefix, or + and what comes behind the one in use");
    return CALL_DONE;
}
