#include "commands/slow.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "ops/slowlog.h"

/* Words ---------------------------------------------------------------------- */

/* Who names no command may have mistyped one that takes a password. */
static bool is_secret(const struct call *call)
{
    const struct found *found = &call->found;
    if (found->own != NULL)
        return (found->own->flags & COMMAND_SECRET) != 0;
    return found->redis == NULL || (found->redis->flags & REDIS_SECRET) != 0;
}

static void add_words(const struct call *call, struct slowlog_words *words)
{
    bool secret = is_secret(call);
    for (size_t i = 0; i < call->argv->count; i++)
        slowlog_add(words, secret && i > 0 ? SLICE("(redacted)") : call->argv->items[i]);
}

/* A program was given the whole request, but in a transaction it is one of several. */
static void add_run(const struct mutation *mutation, bool alone, struct slowlog_words *words)
{
    size_t at = 0;
    for (uint32_t i = 0; i < mutation->run.argc; i++) {
        struct slice word = submission_argument(mutation, &at);
        if (i > 0 || !alone)
            slowlog_add(words, word);
    }
}

/* Of a write its words are gone; what it changes says as much. */
static void add_write(const struct submission *submission, const struct write *write,
                      struct slowlog_words *words)
{
    bool alone = write->note != METER_REDIS + REDIS_EXEC;
    slowlog_add(words, slice_from_string(meter_name(write->note)));
    for (size_t at = write->first; at < write->end;) {
        struct mutation mutation = submission_read(submission, &at);
        if (mutation.kind == MUTATION_RUN) {
            add_run(&mutation, alone, words);
            continue;
        }
        if (mutation.kind <= MUTATION_ADD)
            slowlog_add(words, mutation.key);
        if (mutation.kind == MUTATION_PUT)
            slowlog_add(words, mutation.value);
    }
}

/* Noting --------------------------------------------------------------------- */

static void note(struct call *call, struct slowlog_words *words, int64_t took)
{
    const char *name = call->client.texts[CLIENT_NAME];
    struct slowlog_entry entry = {.took = took, .client = call->connection, .words = *words};
    snprintf(entry.user, sizeof(entry.user), "%s", call->user->name);
    snprintf(entry.name, sizeof(entry.name), "%s", name == NULL ? "" : name);
    if (call->locate != NULL)
        call->locate(call, entry.address, sizeof(entry.address));
    slowlog_note(&entry);
    *words = (struct slowlog_words){0};
}

static int64_t look_at_clock(int64_t limit)
{
    struct timespec now;
    clock_gettime(limit < SLOW_FINE_US ? CLOCK_MONOTONIC : CLOCK_MONOTONIC_COARSE, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

void slow_measure(struct call *call, int64_t limit)
{
    int64_t before = call->looked > call->turn_began ? call->looked : call->turn_began;
    call->looked = look_at_clock(limit);
    if (call->looked - before < limit)
        return;
    struct slowlog_words words = {0};
    add_words(call, &words);
    note(call, &words, call->looked - before);
}

void slow_keep(struct call *call)
{
    if (atomic_load_explicit(&allowed.slow_us, memory_order_relaxed) == 0)
        return;
    slow_forget(call);
    call->slow_words = calloc(1, sizeof(*call->slow_words));
    if (call->slow_words != NULL)
        add_words(call, call->slow_words);
}

void slow_end(struct call *call, int64_t took)
{
    int64_t limit = atomic_load_explicit(&allowed.slow_us, memory_order_relaxed);
    if (call->slow_words != NULL && limit != 0 && took >= limit)
        note(call, call->slow_words, took);
    slow_forget(call);
}

void slow_writes(struct call *call, const struct submission *submission, int64_t took)
{
    int64_t limit = atomic_load_explicit(&allowed.slow_us, memory_order_relaxed);
    struct slowlog_words words = {0};
    if (limit == 0 || took < limit || submission->count == 0)
        return;
    add_write(submission, &submission->writes[0], &words);
    note(call, &words, took);
}

void slow_free(struct call *call)
{
    buffer_fini(&call->slow_words->bytes);
    free(call->slow_words);
    call->slow_words = NULL;
}
