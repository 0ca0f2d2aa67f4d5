/*
 * COMPACT: gives back the disk that the deleted and replaced rows of a range still take.
 */
#include "commands/compact.h"

#include <stdio.h>
#include <stdlib.h>

#include "commands/handlers.h"
#include "commands/words.h"
#include "ops/clock.h"
#include "protocol/limits.h"

#define MB 1000000

/* Compactions that may wait for one that runs. */
#define MOST_WAITING 100

struct compact {
    struct compact_parts parts;
    int64_t remark_at; /* clock_ms */
};

void compact_remark(struct call *call, const struct compaction *job)
{
    char text[64] = "waiting for another compaction";
    uint64_t total = atomic_load(&job->bytes_total);
    if (total > 0)
        snprintf(text, sizeof(text), "compacted %llu of %llu MB",
                 (unsigned long long)atomic_load(&job->bytes_done) / MB,
                 (unsigned long long)total / MB);
    reply_remark(&call->reply, slice_from_string(text));
}

/* On the maintenance thread. */
static void compacted(struct compaction *job, void *arg)
{
    (void)job;
    call_wake(arg);
}

enum call_result compact_run(struct call *call, struct compaction *job, call_fn *resume)
{
    job->done = compacted;
    job->arg = call;
    call->resume = resume;
    store_compact(call->service->store, job);
    return CALL_WAIT;
}

bool compact_next(struct compact_parts *parts)
{
    struct compaction *job = &parts->job;
    if (job->status != STATUS_OK || parts->next == range_part_count(&parts->range))
        return false;
    range_fini(&job->range);
    if (range_part(&parts->range, parts->next++, &job->range))
        return true;
    job->status = STATUS_MEMORY;
    snprintf(job->problem, sizeof(job->problem), "%s", status_meaning(STATUS_MEMORY));
    return false;
}

void compact_fini(struct compact_parts *parts)
{
    range_fini(&parts->job.range);
    range_fini(&parts->range);
}

static void compact_free(void *state)
{
    struct compact *compact = state;
    compact_fini(&compact->parts);
    free(compact);
}

static void beat(struct call *call)
{
    struct compact *compact = call->state;
    if (clock_ms() < compact->remark_at)
        return;
    compact->remark_at = clock_ms() + COMPACT_REMARK_MS;
    compact_remark(call, &compact->parts.job);
}

static enum call_result go_on(struct call *call)
{
    struct compact *compact = call->state;
    const struct compaction *job = &compact->parts.job;
    if (compact_next(&compact->parts))
        return compact_run(call, &compact->parts.job, go_on);
    if (job->status == STATUS_OK)
        reply_ok(&call->reply);
    else
        reply_error(&call->reply, job->status, "%s", job->problem);
    return CALL_DONE;
}

/* A client that asks and leaves again and again must not fill the memory with jobs. */
static bool is_full(const struct call *call)
{
    struct compaction_facts facts;
    store_tell_compactions(call->service->store, &facts);
    return facts.waiting >= MOST_WAITING;
}

/* The words of a job stay until it is done, also when its client is long gone. */
static bool has_long_word(const struct call *call)
{
    for (size_t i = 0; i < call_argument_count(call); i++)
        if (call_argument(call, i).len > LIMIT_KEY)
            return true;
    return false;
}

_Static_assert(LIMIT_KEY == 64 * 1024, "an error below names the limit");

/* Without a prefix: everything that the connection sees. */
static struct slice prefix_of(const struct call *call)
{
    return call_argument_count(call) == 0 ? buffer_slice(&call->scope.prefix)
                                          : call_argument(call, 0);
}

enum call_result compact_compact(struct call *call)
{
    struct words words;
    struct range range;
    if (!words_read(call, WORDS_BOUNDS, &words))
        return CALL_DONE;
    if (has_long_word(call)) {
        reply_error(&call->reply, STATUS_LIMIT, "no end of the range may be longer than 64 KiB");
        return CALL_DONE;
    }
    if (is_full(call)) {
        reply_error(&call->reply, STATUS_LIMIT, "%d compactions wait already", MOST_WAITING);
        return CALL_DONE;
    }
    if (!words_range(call, prefix_of(call), &words, &range))
        return CALL_DONE;
    struct compact *compact = calloc(1, sizeof(*compact));
    if (compact == NULL) {
        range_fini(&range);
        return call_no_memory(call);
    }
    compact->parts.range = range;
    compact->remark_at = clock_ms() + COMPACT_REMARK_MS;
    call_keep(call, compact, go_on, NULL, compact_free);
    call->beat = beat;
    return go_on(call);
}
