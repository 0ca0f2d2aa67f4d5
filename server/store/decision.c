#include "store/decision.h"

#include <stdio.h>

#include "protocol/limits.h"
#include "protocol/number.h"
#include "store/watch.h"

/* Keys that one write may look up: nobody else writes meanwhile. The longest request of all, a DEL
 * of a million keys, may. */
#define MOST_LOOKS LIMIT_WORDS

_Static_assert(LIMIT_WORDS == 1048576, "an error below names the limit");

/* Room for a value beyond this goes with the round. */
#define LARGEST_KEPT ((size_t)1024 * 1024)

void decision_fini(struct decision *decision)
{
    overlay_fini(&decision->overlay);
    buffer_fini(&decision->value);
    program_fini(decision);
}

void decision_forget(struct decision *decision)
{
    overlay_clear(&decision->overlay);
    if (decision->value.cap > LARGEST_KEPT)
        buffer_fini(&decision->value);
    decision->changed = 0;
}

void decision_begin(struct decision *decision, const struct submission *round)
{
    decision_forget(decision);
    decision->looking = 0;
    decision->broken = false;
    decision->looks = 0;
    for (; round != NULL; round = round->next)
        for (size_t i = 0; i < round->count; i++)
            decision->looking += round->writes[i].looks && round->writes[i].status == STATUS_OK;
}

static bool fail(struct write *write, enum status status, const char *problem)
{
    write_fail(write, status, problem);
    return false;
}

static bool no_memory(struct write *write)
{
    return fail(write, STATUS_MEMORY, status_meaning(STATUS_MEMORY));
}

bool decision_look(struct decision *decision, struct submission *submission, struct write *write,
                   struct slice key, struct decision_found *found)
{
    struct store_error error;
    if (decision->broken)
        return fail(write, STATUS_IO, "an earlier write of the same commit failed half way");
    const struct overlay_entry *entry = overlay_find(&decision->overlay, key);
    decision->looks++;
    if (++decision->write_looks > MOST_LOOKS)
        return fail(write, STATUS_LIMIT, "more than 1,048,576 keys are looked up at once");
    if (entry != NULL) {
        write->leans = true;
        *found = (struct decision_found){.present = entry->present, .value = entry->value};
        return true;
    }
    buffer_clear(&decision->value);
    if (!decision->look(decision->engine, key, &found->present, &decision->value, &error))
        return fail(write, error.status, submission_explain(submission, error.text));
    found->value = buffer_slice(&decision->value);
    return !decision->value.failed || no_memory(write);
}

/* Conditions --------------------------------------------------------------- */

static bool holds(const struct mutation *check, const struct decision_found *found)
{
    if (check->kind == CHECK_ABSENT)
        return !found->present;
    return found->present &&
           (check->kind == CHECK_PRESENT || slice_equal(found->value, check->value));
}

static bool is_check(const struct mutation *mutation)
{
    return mutation->kind == CHECK_VALUE || mutation->kind == CHECK_PRESENT ||
           mutation->kind == CHECK_ABSENT;
}

/* All conditions see what was there before the write. */
static bool check_all(struct decision *decision, struct submission *submission, struct write *write)
{
    for (size_t at = write->first; at < write->end;) {
        struct mutation mutation = submission_read(submission, &at);
        struct decision_found found;
        if (!is_check(&mutation))
            continue;
        if (!decision_look(decision, submission, write, mutation.key, &found))
            return false;
        if (!holds(&mutation, &found)) {
            write->conflict = mutation.key;
            return fail(write, STATUS_CONFLICT, status_meaning(STATUS_CONFLICT));
        }
    }
    return true;
}

/* Watches ------------------------------------------------------------------ */

static bool is_changed(void *arg, struct slice key)
{
    struct decision *decision = arg;
    return overlay_find(&decision->overlay, key) != NULL;
}

/* A write of this round is not in the store, so it has touched nobody yet. */
static bool check_watcher(struct decision *decision, struct write *write)
{
    if (write->watcher == NULL)
        return true;
    bool touched = watcher_is_touched(write->watcher);
    write->leans = !touched && watcher_has(write->watcher, is_changed, decision);
    if (!touched && !write->leans)
        return true;
    return fail(write, STATUS_CONFLICT, status_meaning(STATUS_CONFLICT));
}

/* Additions ---------------------------------------------------------------- */

/* Turns the addition into the text of its sum, in the room it brought. */
static bool add_up(struct decision *decision, struct submission *submission, struct write *write,
                   const struct mutation *addition)
{
    struct decision_found found;
    int64_t number = 0; /* an absent key counts as 0 */
    if (!decision_look(decision, submission, write, addition->key, &found))
        return false;
    if (found.present && !number_read_signed(found.value, &number))
        return fail(write, STATUS_NOT_NUMBER, status_meaning(STATUS_NOT_NUMBER));
    if (__builtin_add_overflow(number, addition->delta, &number))
        return fail(write, STATUS_OVERFLOW, status_meaning(STATUS_OVERFLOW));
    char *sum = submission_sum(submission, write);
    int len = snprintf(sum, SUBMISSION_SUM, "%lld", (long long)number);
    write->value = slice_of(sum, (size_t)len);
    return true;
}

static bool is_addition(const struct submission *submission, const struct write *write,
                        struct mutation *addition)
{
    size_t at = write->first;
    if (write->answer != WRITE_ANSWERS_VALUE)
        return false;
    *addition = submission_read(submission, &at);
    return true;
}

/* Deletions ---------------------------------------------------------------- */

/* Counts the keys that the write deletes and that are there; one named twice counts once, because
 * each is noted as it is counted. */
static bool count_deleted(struct decision *decision, struct submission *submission,
                          struct write *write)
{
    for (size_t at = write->first; at < write->end;) {
        struct mutation mutation = submission_read(submission, &at);
        struct decision_found found;
        if (mutation.kind != MUTATION_DELETE)
            continue;
        if (!decision_look(decision, submission, write, mutation.key, &found))
            return false;
        write->deleted += found.present;
        if (!overlay_note(&decision->overlay, mutation.key, slice_of(NULL, 0)))
            return no_memory(write);
    }
    return true;
}

static bool note_all(struct decision *decision, const struct submission *submission,
                     struct write *write)
{
    for (size_t at = write->first; at < write->end;) {
        struct mutation mutation = submission_read(submission, &at);
        struct slice value = mutation.value;
        if (is_check(&mutation))
            continue;
        if (mutation.kind == MUTATION_DELETE)
            value = slice_of(NULL, 0);
        else if (mutation.kind == MUTATION_ADD)
            value = write->value;
        if (!overlay_note(&decision->overlay, mutation.key, value))
            return no_memory(write);
    }
    return true;
}

/* Room --------------------------------------------------------------------- */

static bool refuse_change(const struct decision *decision, struct submission *submission,
                          struct write *write)
{
    return fail(write, STATUS_READONLY, submission_explain(submission, decision->shut));
}

bool decision_allows(const struct decision *decision, struct submission *submission,
                     struct write *write, bool puts)
{
    if (decision->shut != NULL)
        return refuse_change(decision, submission, write);
    return decision->room == SPACE_FOR_ALL || (decision->room == SPACE_FOR_DELETIONS && !puts) ||
           fail(write, STATUS_FULL, status_meaning(STATUS_FULL));
}

/* What programs will change is not known yet: they ask for themselves. But while nothing may be
 * changed only those run that never do: one that finds nothing to delete would promise that it is
 * gone, and a write with an unknown fate may bring it back. */
static bool check_changes(const struct decision *decision, struct submission *submission,
                          struct write *write)
{
    bool may_change = write->answer == WRITE_ANSWERS_SAID && !write->reads;
    if (decision->shut != NULL && (write->barrier || may_change))
        return refuse_change(decision, submission, write);
    for (size_t at = write->first; at < write->end;) {
        struct mutation mutation = submission_read(submission, &at);
        if (!is_check(&mutation) && mutation.kind != MUTATION_RUN &&
            !decision_allows(decision, submission, write, mutation.kind != MUTATION_DELETE))
            return false;
    }
    return true;
}

/* Making ------------------------------------------------------------------- */

bool decision_make(struct decision *decision, struct submission *submission, struct write *write)
{
    struct mutation addition;
    decision->looking -= write->looks;
    decision->write_looks = 0;
    bool bound = decision->shut != NULL || decision->room != SPACE_FOR_ALL;
    if (bound && !check_changes(decision, submission, write))
        return false;
    if (decision->looking == 0 && !write->looks)
        return true;
    if (!check_watcher(decision, write) ||
        (write->looks && !check_all(decision, submission, write)))
        return false;
    if (write->answer == WRITE_ANSWERS_SAID)
        return program_run_all(decision, submission, write);
    if (is_addition(submission, write, &addition) &&
        !add_up(decision, submission, write, &addition))
        return false;
    bool noted = true;
    if (write->answer == WRITE_ANSWERS_DELETED)
        noted = count_deleted(decision, submission, write);
    else if (decision->looking > 0)
        noted = note_all(decision, submission, write);
    decision->broken |= !noted;
    return noted;
}
