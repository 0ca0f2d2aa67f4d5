/*
 * DELPREFIX: deletes the rows of a range in steps, each an ordinary write, so that others get in
 * between, memory stays bounded and no old view of the store keeps data on disk meanwhile.
 *
 *     walk --some rows--> commit --> walk ... --no more--> compact --> OK
 *      |                    |          ^
 *      +-- DRYRUN: counts   +-- flush -+    once, before there is much to compact
 *
 * Each step looks at the store as it then is, behind the last row of the step before.
 */
#include "commands/delprefix.h"

#include <stdio.h>
#include <stdlib.h>

#include "commands/compact.h"
#include "commands/confine.h"
#include "commands/handlers.h"
#include "commands/words.h"
#include "ops/clock.h"
#include "ops/log.h"
#include "ops/metrics.h"

/* A step has at most so many rows, and bytes of keys: other writers wait while it is written. */
#define STEP_ROWS 2000
#define STEP_KEY_BYTES ((size_t)256 * 1024)

/* And so many bytes of rows, for they are read on a worker. */
#define STEP_BYTES ((uint64_t)4 * 1024 * 1024)

/* From so many bytes of deleted rows on, the disk they took is given back at once. Less is not
 * worth writing whole tables anew, and goes when the engine next merges them. */
#define WORTH_COMPACTING ((uint64_t)1024 * 1024)

struct delprefix {
    struct call *call;
    struct range rest;               /* behind the rows seen so far */
    struct compact_parts compaction; /* of the whole range */
    bool dry;                        /* only counts */
    bool uncounted;                  /* answers ok instead of a count */
    bool at_end;                     /* nothing is behind the rows seen so far */
    bool failed;                     /* which the reply has said */
    bool flushed;                    /* rows seen from here on are in tables */
    bool compacting;
    uint64_t rows;     /* deleted, or only counted */
    uint64_t bytes;    /* of the keys and values of those deleted */
    int64_t remark_at; /* clock_ms */

    /* The step: its deletions, its rows, and the bytes of its keys, and of keys and values. */
    struct submission *step;
    size_t step_rows;
    size_t step_key_bytes;
    uint64_t step_bytes;
};

static void delprefix_free(void *state)
{
    struct delprefix *del = state;
    range_fini(&del->rest);
    compact_fini(&del->compaction);
    submission_free(del->step);
    free(del);
}

/* Ends the reply with an error that tells what was done before it. */
static void fail(struct call *call, enum status status, const char *text)
{
    struct delprefix *del = call->state;
    del->failed = true;
    if (del->dry || del->rows == 0)
        reply_error(&call->reply, status, "%s", text);
    else
        reply_error(&call->reply, status, "%llu rows were deleted, repeat it for the rest: %s",
                    (unsigned long long)del->rows, text);
}

static void fail_for_memory(struct call *call)
{
    fail(call, STATUS_MEMORY, status_meaning(STATUS_MEMORY));
}

/* Says now and then how far it is. */
static void remark(struct call *call)
{
    struct delprefix *del = call->state;
    char text[64];
    if (clock_ms() < del->remark_at)
        return;
    del->remark_at = clock_ms() + COMPACT_REMARK_MS;
    if (del->compacting) {
        compact_remark(call, &del->compaction.job);
        return;
    }
    snprintf(text, sizeof(text), "%s %llu rows", del->dry ? "counted" : "deleted",
             (unsigned long long)del->rows);
    reply_remark(&call->reply, slice_from_string(text));
}

/* Compacting ----------------------------------------------------------------- */

static enum call_result finish(struct call *call)
{
    const struct delprefix *del = call->state;
    const struct compaction *job = &del->compaction.job;
    if (job->status != STATUS_OK && job->status != STATUS_SHUTDOWN) {
        reply_error(&call->reply, job->status, "%llu rows were deleted, but compacting failed: %s",
                    (unsigned long long)del->rows, job->problem);
        return CALL_DONE;
    }
    if (job->status == STATUS_SHUTDOWN)
        reply_remark(&call->reply, SLICE("the server is stopping; the disk comes back later"));
    if (del->uncounted)
        reply_ok(&call->reply);
    else
        reply_count(&call->reply, del->rows);
    return CALL_DONE;
}

static enum call_result compact_on(struct call *call)
{
    struct delprefix *del = call->state;
    if (!compact_next(&del->compaction))
        return finish(call);
    return compact_run(call, &del->compaction.job, compact_on);
}

/* All rows are gone. What a flush failed at before is tried again. */
static enum call_result end(struct call *call)
{
    struct delprefix *del = call->state;
    if (del->bytes < WORTH_COMPACTING)
        return finish(call);
    del->compacting = true;
    del->compaction.job.only_memory = false;
    del->compaction.job.status = STATUS_OK;
    return compact_on(call);
}

/* Walking ------------------------------------------------------------------- */

static bool take_row(void *arg, struct slice key, struct slice value)
{
    struct delprefix *del = arg;
    if (!del->dry)
        submission_delete(del->step, key);
    del->step_rows++;
    del->step_key_bytes += key.len;
    del->step_bytes += key.len + value.len;
    return del->step_rows < STEP_ROWS && del->step_key_bytes < STEP_KEY_BYTES &&
           del->step_bytes < STEP_BYTES && !call_should_pause(del->call);
}

static void walked(void *arg, enum store_scan_state state, const struct store_error *error)
{
    struct delprefix *del = arg;
    del->at_end = state == STORE_SCAN_END;
    if (state != STORE_SCAN_FAILED)
        return;
    log_error("connection %llu: a read failed: %s", (unsigned long long)del->call->connection,
              error->text);
    fail(del->call, error->status, error->text);
}

/* Takes the rows of one step and leaves `rest` behind them. */
static void walk(struct delprefix *del)
{
    struct range range;
    struct store_error error = {.status = STATUS_MEMORY};
    struct store_scan *scan = NULL;
    del->step_rows = 0;
    del->step_key_bytes = 0;
    del->step_bytes = 0;
    if (range_copy(&range, &del->rest))
        scan = store_scan_open(del->call->service->store, &range, (struct store_view){0}, false,
                               &error);
    if (scan == NULL) {
        fail_for_memory(del->call);
        return;
    }
    store_scan_next(scan, take_row, walked, del);
    if (!del->failed && !del->at_end && !range_raise(&del->rest, store_scan_key(scan), true))
        fail_for_memory(del->call);
    store_scan_close(scan);
}

/* Steps --------------------------------------------------------------------- */

static call_fn delete_some;

static enum call_result count_some(struct call *call)
{
    struct delprefix *del = call->state;
    walk(del);
    del->rows += del->step_rows;
    if (del->failed)
        return CALL_DONE;
    if (del->at_end)
        return finish(call);
    remark(call);
    return CALL_MORE;
}

static enum call_result take_result(struct call *call)
{
    struct delprefix *del = call->state;
    const struct write *write = &del->step->writes[0];
    if (write->status != STATUS_OK) {
        fail(call, write->status, write->problem);
        return CALL_DONE;
    }
    del->rows += write->deleted;
    del->bytes += del->step_bytes;
    metrics_add(&metrics.rows_deleted, write->deleted);
    remark(call);
    if (del->at_end)
        return end(call);
    if (del->flushed || del->bytes < WORTH_COMPACTING)
        return delete_some(call);
    /* A row and its deletion that become one table may stay in it for long; see store_compact. So
     * rows that are still in memory go to a table before the many deletions that follow. */
    del->flushed = true;
    del->compaction.job.only_memory = true;
    return compact_run(call, &del->compaction.job, delete_some);
}

static enum call_result delete_some(struct call *call)
{
    struct delprefix *del = call->state;
    submission_free(del->step);
    del->step = submission_new();
    if (del->step == NULL || !submission_reserve(del->step)) {
        fail_for_memory(call);
        return CALL_DONE;
    }
    submission_begin(del->step, WRITE_ANSWERS_DELETED);
    walk(del);
    if (del->failed)
        return CALL_DONE;
    if (del->step_rows == 0)
        return end(call);
    submission_end(del->step);
    return call_commit(call, del->step, take_result);
}

/* Beginning ----------------------------------------------------------------- */

/* Leaves the work with the call, and takes the range over. False when there is no memory, with that
 * replied. */
static bool keep(struct call *call, struct range *take_range, call_fn *first)
{
    struct delprefix *del = calloc(1, sizeof(*del));
    if (del == NULL || !range_copy(&del->rest, take_range)) {
        range_fini(take_range);
        free(del);
        call_no_memory(call);
        return false;
    }
    del->call = call;
    del->remark_at = clock_ms() + COMPACT_REMARK_MS;
    del->compaction.range = *take_range;
    call_keep(call, del, first, fail, delprefix_free);
    call->beat = remark;
    return true;
}

enum call_result delprefix_everything(struct call *call)
{
    struct range range;
    if (!confine_range(call->user, SLICE(""), &range))
        return call_no_memory(call);
    if (!keep(call, &range, delete_some))
        return CALL_DONE;
    struct delprefix *del = call->state;
    del->uncounted = true;
    return delete_some(call);
}

enum call_result delprefix_delprefix(struct call *call)
{
    struct words words;
    struct range range;
    if (batch_is_open(&call->batch)) {
        reply_error(&call->reply, STATUS_BATCH,
                    "DELPREFIX goes in steps, so it cannot be in a batch");
        return CALL_DONE;
    }
    if (!words_read(call, WORDS_BOUNDS | WORDS_DRYRUN, &words) ||
        !words_range(call, call_argument(call, 0), &words, &range))
        return CALL_DONE;
    call_fn *first = words.dry_run ? count_some : delete_some;
    if (!keep(call, &range, first))
        return CALL_DONE;
    struct delprefix *del = call->state;
    del->dry = words.dry_run;
    return first(call);
}
