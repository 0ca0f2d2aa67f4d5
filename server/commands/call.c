#include "commands/call.h"

#include "commands/slow.h"
#include "ops/allowed.h"
#include "ops/clock.h"
#include "ops/log.h"

/* The clock is read once in so many steps: a step is well under a microsecond. */
#define STEPS_A_LOOK 64

/* A peer may ask for what is damaged as often as it likes: the log hears of it so often. */
#define TOLD_MS 1000

/* Longest part of a peer's text that an error repeats. */
#define LONGEST_SHOWN 40

/* So many in a round have full turns. A part of one is long enough that the work in it outweighs
 * the way to it. */
#define FULL_TURNS 16
#define SMALLEST_PART 16

void call_begin_turn(struct call *call, unsigned before)
{
    unsigned part = before / FULL_TURNS + 1;
    if (part > SMALLEST_PART)
        part = SMALLEST_PART;
    call->turn_began = clock_us();
    call->turn_ends = call->turn_began + CALL_TURN_US / part;
    call->most = (unsigned)CALL_HIGH_WATER / part;
    call->steps = 0;
}

bool call_should_pause(struct call *call)
{
    if (call->reply.out->len >= call->most)
        return true;
    return ++call->steps % STEPS_A_LOOK == 0 && clock_us() >= call->turn_ends;
}

/* Handlers keep the words they were given, or the two ends of a range made of them. */
static size_t copies(const struct tokens *words)
{
    size_t bytes = words->count * sizeof(*words->items);
    for (size_t i = 0; i < words->count; i++)
        bytes += 2 * words->items[i].len;
    return bytes;
}

enum call_result call_keep(struct call *call, void *state, call_fn *resume,
                           void (*cut)(struct call *, enum status, const char *),
                           void (*release)(void *))
{
    call->state = state;
    call->resume = resume;
    call->cut = cut;
    call->release = release;
    call->held = copies(call->argv);
    return CALL_MORE;
}

bool call_begin_scan(struct call *call)
{
    call->holds_view = scans_enter(call->service->scans, &call->scanning);
    if (!call->holds_view)
        reply_error(&call->reply, STATUS_LIMIT, "as many scans are open as --max-scans allows");
    return call->holds_view;
}

void call_end_scan(struct call *call)
{
    scans_leave(call->service->scans, &call->scanning);
    call->holds_view = false;
}

void call_wake(struct call *call)
{
    call->wake(call);
}

/* On the committer's thread. */
static void committed(struct submission *submission, void *arg)
{
    (void)submission;
    call_wake(arg);
}

enum call_result call_commit(struct call *call, struct submission *submission, call_fn *resume)
{
    submission->done = committed;
    submission->arg = call;
    call->resume = resume;
    store_commit(call->service->store, submission);
    return CALL_WAIT;
}

void call_cut(struct call *call, enum status status, const char *text)
{
    if (call->cut != NULL)
        call->cut(call, status, text);
    else
        reply_error_more(&call->reply, status, REPLY_NONE, text);
}

void call_finish(struct call *call)
{
    if (call->release != NULL)
        call->release(call->state);
    slow_forget(call);
    call->release = NULL;
    call->resume = NULL;
    call->cut = NULL;
    call->state = NULL;
    call->beat = NULL;
    call->held = 0;
    scans_leave(call->service->scans, &call->scanning);
    call->holds_view = false;
}

size_t call_held(const struct call *call)
{
    const struct transaction *transaction = &call->client.transaction;
    size_t bytes = call->held;
    if (call->batch.writes != NULL)
        bytes += submission_size(call->batch.writes);
    if (transaction->writes != NULL)
        bytes += submission_size(transaction->writes);
    if (transaction->watcher != NULL)
        bytes += watcher_bytes(transaction->watcher);
    if (call->reply.rows != NULL)
        bytes += call->reply.rows->bytes.cap;
    return bytes;
}

enum call_result call_no_memory(struct call *call)
{
    reply_error(&call->reply, STATUS_MEMORY, "%s", status_meaning(STATUS_MEMORY));
    return CALL_DONE;
}

enum call_result call_store_failed(struct call *call, const struct store_error *error,
                                   struct slice more)
{
    static atomic_int_least64_t told;
    const char *text = error->text[0] == '\0' ? status_meaning(error->status) : error->text;
    bool trouble = error->status == STATUS_IO || error->status == STATUS_CORRUPT;
    if (trouble && log_is_due(&told, TOLD_MS))
        log_error("connection %llu: a read failed: %s", (unsigned long long)call->connection, text);
    reply_error_more(&call->reply, error->status, more, text);
    return CALL_DONE;
}

enum call_result call_batched(struct call *call)
{
    const struct buffer *mutations = &call->batch.writes->mutations;
    if (mutations->failed)
        return call_no_memory(call);
    if (mutations->len > allowed.batch)
        reply_error(&call->reply, STATUS_LIMIT, "the batch is larger than --max-batch allows");
    else
        reply_ok(&call->reply);
    return CALL_DONE;
}

int call_shown(struct slice text)
{
    return text.len > LONGEST_SHOWN ? LONGEST_SHOWN : (int)text.len;
}

const char *call_name_head(const struct call *call)
{
    return call->face == REQUEST_RESP ? CALL_NAME_HEAD : "";
}

struct slice call_argument(const struct call *call, size_t n)
{
    return call->argv->items[n + 1];
}

size_t call_argument_count(const struct call *call)
{
    return call->argv->count - 1;
}
