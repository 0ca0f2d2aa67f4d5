/* The writes of a twin, alone and in batches. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#include "protocol/number.h"
#include "tests/system/twin_call.h"

/* Notes what a request does, by the whole name of its key. Requests outside of a batch are notes
 * too, carried out at once. */
static void note(struct twin_call *call, enum twin_note_kind kind, struct slice key,
                 struct slice value)
{
    struct twin_session *session = call->session;
    if (session->count == session->cap) {
        session->cap = session->cap == 0 ? 16 : session->cap * 2;
        session->notes = realloc(session->notes, session->cap * sizeof(*session->notes));
        cr_assert(session->notes != NULL);
    }
    struct twin_note *made = &session->notes[session->count++];
    *made = (struct twin_note){.kind = kind};
    buffer_append_slice(&made->key, twin_key(call, key));
    buffer_append_slice(&made->value, value);
}

static bool holds(const struct model *model, const struct twin_note *note)
{
    const struct model_row *row = model_find(model, buffer_slice(&note->key));
    if (note->kind == TWIN_CHECK)
        return row != NULL && slice_equal(buffer_slice(&row->value), buffer_slice(&note->value));
    if (note->kind == TWIN_CHECK_PRESENT)
        return row != NULL;
    return note->kind != TWIN_CHECK_ABSENT || row == NULL;
}

/* All checks, then all changes. */
static void carry_out(struct twin_call *call)
{
    struct model *model = &call->twin->model;
    const struct twin_session *session = call->session;
    for (size_t i = 0; i < session->count; i++) {
        if (!holds(model, &session->notes[i])) {
            struct slice key = buffer_slice(&session->notes[i].key);
            twin_conflict(call,
                          slice_of(key.data + session->within.len, key.len - session->within.len));
            return;
        }
    }
    for (size_t i = 0; i < session->count; i++) {
        const struct twin_note *each = &session->notes[i];
        if (each->kind == TWIN_PUT)
            model_put(model, buffer_slice(&each->key), buffer_slice(&each->value));
        else if (each->kind == TWIN_DEL)
            model_delete(model, buffer_slice(&each->key));
    }
    twin_ok(call);
}

/* Behind the last note of a request: it waits for COMMIT, or happens. */
static void finish(struct twin_call *call)
{
    if (call->session->batch) {
        twin_ok(call);
        return;
    }
    carry_out(call);
    twin_close_batch(call->session);
}

void twin_put(struct twin_call *call)
{
    struct slice key = twin_argument(call, 0);
    size_t count = twin_arguments(call);
    struct slice word = count > 2 ? twin_argument(call, 2) : SLICE("");
    if (count == 3 && slice_equal_fold(word, SLICE("NX"))) {
        note(call, TWIN_CHECK_ABSENT, key, SLICE(""));
    } else if (count == 3 && slice_equal_fold(word, SLICE("XX"))) {
        note(call, TWIN_CHECK_PRESENT, key, SLICE(""));
    } else if (count == 4 && slice_equal_fold(word, SLICE("IFEQ"))) {
        note(call, TWIN_CHECK, key, twin_argument(call, 3));
    } else if (count > 2) {
        twin_error(call, "BADARG");
        return;
    }
    note(call, TWIN_PUT, key, twin_argument(call, 1));
    finish(call);
}

void twin_mput(struct twin_call *call)
{
    if (twin_arguments(call) % 2 != 0) {
        twin_error(call, "ARGS");
        return;
    }
    for (size_t i = 0; i < twin_arguments(call); i += 2)
        note(call, TWIN_PUT, twin_argument(call, i), twin_argument(call, i + 1));
    finish(call);
}

void twin_del(struct twin_call *call)
{
    uint64_t deleted = 0;
    for (size_t i = 0; i < twin_arguments(call); i++) {
        if (call->session->batch)
            note(call, TWIN_DEL, twin_argument(call, i), SLICE(""));
        else
            deleted += model_delete(&call->twin->model, twin_key(call, twin_argument(call, i)));
    }
    if (call->session->batch)
        twin_ok(call);
    else
        twin_count(call, deleted);
}

void twin_delifeq(struct twin_call *call)
{
    note(call, TWIN_CHECK, twin_argument(call, 0), twin_argument(call, 1));
    note(call, TWIN_DEL, twin_argument(call, 0), SLICE(""));
    finish(call);
}

void twin_incr(struct twin_call *call)
{
    struct slice key = twin_key(call, twin_argument(call, 0));
    const struct model_row *row = model_find(&call->twin->model, key);
    int64_t delta = 1;
    int64_t number = 0;
    char text[32];
    if (twin_arguments(call) == 2 && !number_read_signed(twin_argument(call, 1), &delta)) {
        twin_error(call, "BADARG");
    } else if (call->session->batch) {
        twin_error(call, "BATCH");
    } else if (row != NULL && !number_read_signed(buffer_slice(&row->value), &number)) {
        twin_error(call, "NOT_NUMBER");
    } else if (__builtin_add_overflow(number, delta, &number)) {
        twin_error(call, "OVERFLOW");
    } else {
        snprintf(text, sizeof(text), "%lld", (long long)number);
        model_put(&call->twin->model, key, slice_from_string(text));
        twin_value(call, slice_from_string(text));
    }
}

void twin_begin(struct twin_call *call)
{
    if (call->session->batch) {
        twin_error(call, "BATCH");
        return;
    }
    call->session->batch = true;
    twin_ok(call);
}

void twin_check(struct twin_call *call)
{
    struct slice key = twin_argument(call, 0);
    struct slice second = twin_argument(call, 1);
    if (!call->session->batch) {
        twin_error(call, "BATCH");
        return;
    }
    if (twin_arguments(call) == 3 && !slice_equal_fold(second, SLICE("IFEQ"))) {
        twin_error(call, "BADARG");
        return;
    }
    if (twin_arguments(call) == 3)
        note(call, TWIN_CHECK, key, twin_argument(call, 2));
    else if (slice_equal_fold(second, SLICE("ABSENT")))
        note(call, TWIN_CHECK_ABSENT, key, SLICE(""));
    else
        note(call, TWIN_CHECK, key, second);
    twin_ok(call);
}

void twin_commit(struct twin_call *call)
{
    bool may = call->session->batch && !call->session->spoiled;
    if (may)
        carry_out(call);
    else
        twin_error(call, "BATCH");
    twin_close_batch(call->session);
}

void twin_abort(struct twin_call *call)
{
    bool may = call->session->batch;
    twin_close_batch(call->session);
    if (may)
        twin_ok(call);
    else
        twin_error(call, "BATCH");
}
