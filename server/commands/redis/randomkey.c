/*
 * RANDOMKEY: some key, found by a walk down the tree that the bytes of the keys make.
 *
 *     first and last key --> the byte at which they part --> any byte from the one to the other -->
 *     the keys with that byte there, or with the next one that any has --> first and last key ...
 *
 * until both are the same. That takes two seeks for each fork, however many keys there are. Every
 * key can come, if not behind too many forks; those in a sparse part of the key space come more
 * often than those in a dense one.
 */
#include <sys/random.h>

#include "commands/confine.h"
#include "commands/redis/functions.h"

/* Forks on the way to a key. More would take long, and need keys made for it. */
#define MOST_FORKS 128

/* What is left to choose from: the keys from `low` to `high`. */
struct branch {
    struct call *call;
    struct buffer low;
    struct buffer high;
    struct buffer next;       /* where to look */
    bool found;               /* by the last look */
    struct store_error error; /* its status is STATUS_OK until something fails */
};

/* Looks -------------------------------------------------------------------------- */

struct look {
    struct branch *branch;
    struct buffer *key;
};

static bool take_key(void *arg, struct slice key, struct slice value)
{
    struct look *look = arg;
    (void)value;
    look->branch->found = true;
    buffer_clear(look->key);
    buffer_append_slice(look->key, key);
    return false;
}

static void looked(void *arg, enum store_scan_state state, const struct store_error *error)
{
    struct look *look = arg;
    if (state == STORE_SCAN_FAILED)
        look->branch->error = *error;
    else if (look->key->failed)
        look->branch->error.status = STATUS_MEMORY;
}

/* Takes the first or last key of the range. False when there is none, or something failed. */
static bool take_edge(struct branch *branch, struct range *take_range, bool last,
                      struct buffer *key)
{
    struct look look = {.branch = branch, .key = key};
    struct store_scan *scan = store_scan_open(branch->call->service->store, take_range,
                                              (struct store_view){0}, last, &branch->error);
    if (scan == NULL)
        return false;
    branch->found = false;
    store_scan_next(scan, take_key, looked, &look);
    store_scan_close(scan);
    return branch->found && branch->error.status == STATUS_OK;
}

/* The range of the prefix, from `low` to `high` where these have data. */
static bool make_range(struct branch *branch, struct slice prefix, struct slice low,
                       struct slice high, struct range *range)
{
    branch->error.status = STATUS_MEMORY;
    if (!confine_range(branch->call->user, prefix, range))
        return false;
    if ((low.data != NULL && !range_raise(range, low, false)) ||
        (high.data != NULL && !range_lower(range, high, true))) {
        range_fini(range);
        return false;
    }
    branch->error.status = STATUS_OK;
    return true;
}

/* Choosing ----------------------------------------------------------------------- */

static size_t common_length(struct slice a, struct slice b)
{
    size_t length = 0;
    while (length < a.len && length < b.len && a.data[length] == b.data[length])
        length++;
    return length;
}

/* Narrows the branch to `low` and nothing else. */
static bool settle(struct branch *branch)
{
    buffer_clear(&branch->high);
    buffer_append_slice(&branch->high, buffer_slice(&branch->low));
    if (branch->high.failed)
        branch->error.status = STATUS_MEMORY;
    return !branch->high.failed;
}

/* Takes one of the ways at the fork. False when something failed. What others delete meanwhile may
 * end the walk early. */
static bool pass_fork(struct branch *branch, uint16_t chance)
{
    struct slice low = buffer_slice(&branch->low);
    struct slice high = buffer_slice(&branch->high);
    struct range range;
    size_t depth = common_length(low, high);
    bool ends = low.len == depth; /* which is one way more */
    int least = ends ? -1 : (unsigned char)low.data[depth];
    int most = (unsigned char)high.data[depth];
    int way = least + chance % (most - least + 1);
    if (way < 0)
        return settle(branch);
    buffer_clear(&branch->next);
    buffer_append(&branch->next, high.data, depth);
    buffer_append_byte(&branch->next, (char)way);
    if (branch->next.failed ||
        !make_range(branch, SLICE(""), buffer_slice(&branch->next), high, &range)) {
        branch->error.status = STATUS_MEMORY;
        return false;
    }
    if (!take_edge(branch, &range, false, &branch->low))
        return branch->error.status == STATUS_OK && settle(branch);
    low = slice_of(branch->low.data, depth + 1);
    if (!make_range(branch, low, REPLY_NONE, high, &range))
        return false;
    return take_edge(branch, &range, true, &branch->high) ||
           (branch->error.status == STATUS_OK && settle(branch));
}

/* All keys there are for the user. False when there are none, or something failed. */
static bool take_all(struct branch *branch)
{
    struct range range;
    return make_range(branch, SLICE(""), REPLY_NONE, REPLY_NONE, &range) &&
           take_edge(branch, &range, false, &branch->low) &&
           make_range(branch, SLICE(""), REPLY_NONE, REPLY_NONE, &range) &&
           take_edge(branch, &range, true, &branch->high);
}

static bool choose(struct branch *branch)
{
    uint16_t chances[MOST_FORKS] = {0};
    (void)!getrandom(chances, sizeof(chances), GRND_NONBLOCK);
    if (!take_all(branch))
        return false;
    for (size_t i = 0; i < MOST_FORKS; i++) {
        if (slice_compare(buffer_slice(&branch->low), buffer_slice(&branch->high)) >= 0)
            break;
        if (!pass_fork(branch, chances[i]))
            return false;
    }
    return true;
}

enum call_result randomkey_randomkey(struct call *call)
{
    struct branch branch = {.call = call};
    if (choose(&branch))
        reply_bulk(&call->reply, buffer_slice(&branch.low));
    else if (branch.error.status == STATUS_OK)
        reply_null(&call->reply);
    else if (branch.error.status == STATUS_MEMORY)
        call_no_memory(call);
    else
        call_store_failed(call, &branch.error, REPLY_NONE);
    buffer_fini(&branch.low);
    buffer_fini(&branch.high);
    buffer_fini(&branch.next);
    return CALL_DONE;
}
