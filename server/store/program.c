#include "store/program.h"

#include <stdlib.h>

#include "ops/allowed.h"
#include "store/decision.h"

/* What the programs of one write may change, in bytes: it is all held until it is written. */
#define LARGEST_CHANGE ((size_t)64 * 1024 * 1024)

/* What the programs of one write may look up, in bytes: nobody else writes meanwhile. */
#define LARGEST_READ ((size_t)256 * 1024 * 1024)

struct program {
    struct decision *decision;
    struct submission *submission;
    struct write *write;
    size_t changed; /* bytes, as is what they read */
    size_t read;
};

static void no_memory(struct write *write)
{
    write_fail(write, STATUS_MEMORY, status_meaning(STATUS_MEMORY));
}

static bool says_too_much(struct program *program)
{
    if (program->submission->said.len <= allowed.output)
        return false;
    write_fail(program->write, STATUS_LIMIT,
               "the requests sent at once would answer more than --max-output allows");
    return true;
}

bool program_get(struct program *program, struct slice key, struct slice *value)
{
    struct decision_found found;
    *value = slice_of(NULL, 0);
    if (program->write->status != STATUS_OK || says_too_much(program) ||
        !decision_look(program->decision, program->submission, program->write, key, &found))
        return false;
    program->read += found.present ? found.value.len : 0;
    if (program->read > LARGEST_READ) {
        write_fail(program->write, STATUS_LIMIT, "more than 256 MiB are read at once");
        return false;
    }
    *value = found.value;
    return found.present;
}

/* Does it in the round, and notes what was there before. */
static void make_change(struct program *program, struct slice key, struct slice value)
{
    struct overlay *overlay = &program->decision->overlay;
    struct write *write = program->write;
    const struct overlay_entry *entry = overlay_find(overlay, key);
    bool touched = entry != NULL;
    struct slice before = touched ? entry->value : slice_of(NULL, 0);
    struct change *change = submission_change(write, key, value);
    if (change == NULL) {
        no_memory(write);
        return;
    }
    change->touched_before = touched;
    change->before = before;
    if (!overlay_note(overlay, change->key, change->value))
        no_memory(write);
}

static void change(struct program *program, struct slice key, struct slice value)
{
    if (program->write->status != STATUS_OK ||
        !decision_allows(program->decision, program->submission, program->write,
                         value.data != NULL))
        return;
    program->changed += key.len + value.len;
    program->submission->changed += sizeof(struct change) + key.len + value.len;
    program->decision->changed += key.len + value.len;
    if (program->changed <= LARGEST_CHANGE)
        make_change(program, key, value);
    else
        write_fail(program->write, STATUS_LIMIT, "more than 64 MiB are changed at once");
}

void program_put(struct program *program, struct slice key, struct slice value)
{
    change(program, key, value.data == NULL ? SLICE("") : value);
}

void program_delete(struct program *program, struct slice key)
{
    change(program, key, slice_of(NULL, 0));
}

struct buffer *program_reply(struct program *program)
{
    return &program->submission->said;
}

/* Every key of it has its entry, so noting cannot fail. */
static void undo(struct decision *decision, const struct write *write)
{
    for (struct change *at = write->last_change; at != NULL; at = at->previous) {
        if (!at->touched_before || !overlay_note(&decision->overlay, at->key, at->before))
            overlay_forget(&decision->overlay, at->key);
    }
}

static bool read_arguments(struct decision *decision, const struct mutation *run)
{
    size_t at = 0;
    if (run->run.argc > decision->argv_cap) {
        struct slice *argv = realloc(decision->argv, run->run.argc * sizeof(*argv));
        if (argv == NULL)
            return false;
        decision->argv = argv;
        decision->argv_cap = run->run.argc;
    }
    for (size_t i = 0; i < run->run.argc; i++)
        decision->argv[i] = submission_argument(run, &at);
    return true;
}

static void run_one(struct program *program, const struct mutation *run)
{
    struct decision *decision = program->decision;
    const struct buffer *said = &program->submission->said;
    if (!read_arguments(decision, run)) {
        no_memory(program->write);
        return;
    }
    run->run.program(program, decision->argv, run->run.argc, run->run.flavour);
    if (said->failed)
        no_memory(program->write);
    else
        (void)says_too_much(program);
}

bool program_run_all(struct decision *decision, struct submission *submission, struct write *write)
{
    struct program program = {.decision = decision, .submission = submission, .write = write};
    struct buffer *said = &submission->said;
    write->said = said->len;
    for (size_t at = write->first; at < write->end && write->status == STATUS_OK;) {
        struct mutation mutation = submission_read(submission, &at);
        if (mutation.kind == MUTATION_RUN)
            run_one(&program, &mutation);
    }
    write->said_end = said->len;
    if (write->status == STATUS_OK)
        return true;
    undo(decision, write); /* the round still names the keys of the changes: they stay */
    said->len = write->said;
    said->failed = false;
    write->said_end = write->said;
    return false;
}

void program_fini(struct decision *decision)
{
    free(decision->argv);
    decision->argv = NULL;
    decision->argv_cap = 0;
}
