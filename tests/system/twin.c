#include "tests/system/twin.h"

#include <criterion/criterion.h>
#include <stdlib.h>

#include "protocol/command.h"
#include "protocol/number.h"
#include "protocol/quote.h"
#include "tests/system/twin_call.h"

/* The longest prefix of USE, in bytes, and the longest time of SNAPSHOT, in seconds. */
#define LONGEST_PREFIX 1024
#define LONGEST_LEASE 86400

static void let_go(struct twin_snapshot *snapshot)
{
    snapshot->open = false;
    model_fini(&snapshot->model);
}

void twin_close_batch(struct twin_session *session)
{
    for (size_t i = 0; i < session->count; i++) {
        buffer_fini(&session->notes[i].key);
        buffer_fini(&session->notes[i].value);
    }
    session->count = 0;
    session->batch = false;
    session->spoiled = false;
}

void twin_restart(struct twin *twin)
{
    for (size_t i = 0; i < TWIN_SESSIONS; i++) {
        twin_close_batch(&twin->sessions[i]);
        buffer_clear(&twin->sessions[i].within);
    }
    for (size_t i = 0; i < TWIN_SNAPSHOTS; i++)
        let_go(&twin->snapshots[i]);
}

void twin_fini(struct twin *twin)
{
    twin_restart(twin);
    model_fini(&twin->model);
    for (size_t i = 0; i < TWIN_SESSIONS; i++) {
        buffer_fini(&twin->sessions[i].within);
        free(twin->sessions[i].notes);
    }
    for (size_t i = 0; i < TWIN_SNAPSHOTS; i++)
        buffer_fini(&twin->snapshots[i].id);
}

struct slice twin_key(const struct twin_call *call, struct slice key)
{
    static struct buffer whole;
    buffer_clear(&whole);
    buffer_append_slice(&whole, buffer_slice(&call->session->within));
    buffer_append_slice(&whole, key);
    return buffer_slice(&whole);
}

/* Replies ------------------------------------------------------------------ */

void twin_ok(struct twin_call *call)
{
    buffer_append_string(call->out, "OK\n");
}

void twin_count(struct twin_call *call, uint64_t count)
{
    buffer_append_string(call->out, "OK ");
    buffer_append_u64(call->out, count);
    buffer_append_byte(call->out, '\n');
}

static void append_quoted(struct twin_call *call, const char *word, struct slice bytes)
{
    buffer_append_string(call->out, word);
    quote_append(call->out, bytes);
    buffer_append_byte(call->out, '\n');
}

void twin_value(struct twin_call *call, struct slice value)
{
    append_quoted(call, "OK ", value);
}

void twin_conflict(struct twin_call *call, struct slice key)
{
    append_quoted(call, "CONFLICT ", key);
}

/* Any error spoils the batch that is open. */
void twin_error(struct twin_call *call, const char *code)
{
    buffer_append_string(call->out, "ERR ");
    buffer_append_string(call->out, code);
    buffer_append_string(call->out, " \"");
    call->session->spoiled = call->session->batch;
}

/* Snapshots ---------------------------------------------------------------- */

static void take_snapshot(struct twin_call *call)
{
    struct twin *twin = call->twin;
    uint64_t seconds = 0;
    size_t open = 0;
    size_t arguments = twin_arguments(call);
    if (arguments == 1 ||
        (arguments == 2 &&
         (!slice_equal_fold(twin_argument(call, 0), SLICE("TTL")) ||
          !number_read(twin_argument(call, 1), LONGEST_LEASE, &seconds) || seconds == 0))) {
        twin_error(call, "BADARG");
        return;
    }
    for (size_t i = 0; i < TWIN_SNAPSHOTS; i++)
        open += twin->snapshots[i].open;
    if (open == TWIN_OPEN_SNAPSHOTS) {
        twin_error(call, "LIMIT");
        return;
    }
    /* The slot is free, or holds one that was let go: there are more slots than may be open. */
    while (twin->snapshots[twin->taken % TWIN_SNAPSHOTS].open)
        twin->taken++;
    struct twin_snapshot *snapshot = &twin->snapshots[twin->taken++ % TWIN_SNAPSHOTS];
    buffer_clear(&snapshot->id);
    snapshot->open = true;
    model_copy(&snapshot->model, &twin->model);
    buffer_append_string(call->out, "?\n");
}

void twin_learn(struct twin *twin, struct slice id)
{
    buffer_append_slice(&twin->snapshots[(twin->taken - 1) % TWIN_SNAPSHOTS].id, id);
}

static void release(struct twin_call *call)
{
    uint64_t number = 0;
    if (!number_read(twin_argument(call, 0), UINT64_MAX, &number)) {
        twin_error(call, "BADARG");
        return;
    }
    for (size_t i = 0; i < TWIN_SNAPSHOTS; i++) {
        struct twin_snapshot *snapshot = &call->twin->snapshots[i];
        if (snapshot->open && slice_equal(buffer_slice(&snapshot->id), twin_argument(call, 0))) {
            let_go(snapshot);
            twin_ok(call);
            return;
        }
    }
    twin_error(call, "SNAPSHOT");
}

/* The session -------------------------------------------------------------- */

static void use(struct twin_call *call)
{
    struct buffer *within = &call->session->within;
    size_t arguments = twin_arguments(call);
    size_t kept = arguments == 2 ? within->len : 0;
    if (call->session->batch) {
        twin_error(call, "BATCH");
        return;
    }
    if (arguments == 2 && !slice_equal(twin_argument(call, 0), SLICE("+"))) {
        twin_error(call, "BADARG");
        return;
    }
    struct slice more = arguments == 0 ? SLICE("") : twin_argument(call, arguments - 1);
    if (kept + more.len > LONGEST_PREFIX) {
        twin_error(call, "LIMIT");
        return;
    }
    within->len = kept;
    buffer_append_slice(within, more);
    twin_value(call, buffer_slice(within));
}

static void sync_all(struct twin_call *call)
{
    if (call->session->batch)
        twin_error(call, "BATCH");
    else
        twin_ok(call);
}

static void ping(struct twin_call *call)
{
    twin_value(call, twin_arguments(call) == 0 ? SLICE("PONG") : twin_argument(call, 0));
}

/* All of them -------------------------------------------------------------- */

static const struct {
    const char *name; /* as in the list of commands: no alias */
    twin_fn *answer;
} answers[] = {
    {"GET", twin_get},
    {"MGET", twin_mget},
    {"EXISTS", twin_exists},
    {"PUT", twin_put},
    {"MPUT", twin_mput},
    {"DEL", twin_del},
    {"INCR", twin_incr},
    {"DELIFEQ", twin_delifeq},
    {"BEGIN", twin_begin},
    {"CHECK", twin_check},
    {"COMMIT", twin_commit},
    {"ABORT", twin_abort},
    {"SCAN", twin_scan},
    {"COUNT", twin_count_rows},
    {"LIST", twin_list},
    {"PING", ping},
    {"USE", use},
    {"SNAPSHOT", take_snapshot},
    {"RELEASE", release},
    {"SYNC", sync_all},
    {"COMPACT", twin_compact},
    {"DELPREFIX", twin_delprefix},
};

static twin_fn *find(const char *name)
{
    for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++)
        if (strcmp(answers[i].name, name) == 0)
            return answers[i].answer;
    cr_assert_fail("the twin does not know %s", name);
    return NULL;
}

void twin_answer(struct twin *twin, size_t session, const struct ask *ask, struct buffer *out)
{
    struct twin_call call = {twin, &twin->sessions[session], ask, out};
    const struct command *command = command_find(ask_token(ask, 0));
    if (ask->open)
        twin_error(&call, "SYNTAX");
    else if (command == NULL)
        twin_error(&call, "UNKNOWN_COMMAND");
    else if (!command_takes(command, ask->count - 1))
        twin_error(&call, "ARGS");
    else
        find(command->name)(&call);
}
