#include "store/submission.h"

#include <assert.h>
#include <stdlib.h>

/* A run ends at this many bytes: writing them takes about as long as syncing them. */
#define FULL_BYTES ((size_t)1024 * 1024)

/* How a mutation lies in memory: this header, the key, the value. */
struct header {
    uint32_t kind;
    uint32_t key_len;
    uint32_t value_len;
};

struct submission *submission_new(void)
{
    return calloc(1, sizeof(struct submission));
}

void submission_free(struct submission *submission)
{
    if (submission == NULL)
        return;
    for (size_t i = 0; i < submission->count; i++)
        submission_forget_changes(&submission->writes[i]);
    budget_hold(&submission->share, 0);
    buffer_fini(&submission->said);
    buffer_fini(&submission->mutations);
    free(submission->writes);
    free(submission->problem);
    free(submission);
}

bool submission_reserve(struct submission *submission)
{
    if (submission->count < submission->cap)
        return true;
    size_t cap = submission->cap == 0 ? 1 : submission->cap * 2;
    struct write *writes = realloc(submission->writes, cap * sizeof(*writes));
    if (writes == NULL)
        return false;
    submission->writes = writes;
    submission->cap = cap;
    return true;
}

bool submission_is_full(const struct submission *submission)
{
    return submission->mutations.len >= FULL_BYTES;
}

void submission_begin(struct submission *submission, enum write_answer answer)
{
    assert(submission->count < submission->cap);
    submission->writes[submission->count] = (struct write){
        .first = submission->mutations.len,
        .answer = answer,
        .looks = answer == WRITE_ANSWERS_DELETED,
        .status = STATUS_OK,
    };
}

static void append_head(struct submission *submission, enum mutation_kind kind, size_t key_len,
                        size_t value_len)
{
    struct write *write = &submission->writes[submission->count];
    write->looks |= kind != MUTATION_PUT && kind != MUTATION_DELETE;
    struct header header = {
        .kind = kind,
        .key_len = (uint32_t)key_len,
        .value_len = (uint32_t)value_len,
    };
    buffer_append(&submission->mutations, &header, sizeof(header));
}

static void append(struct submission *submission, enum mutation_kind kind, struct slice key,
                   struct slice value)
{
    append_head(submission, kind, key.len, value.len);
    buffer_append_slice(&submission->mutations, key);
    buffer_append_slice(&submission->mutations, value);
}

void submission_put(struct submission *submission, struct slice key, struct slice value)
{
    append(submission, MUTATION_PUT, key, value);
}

void submission_delete(struct submission *submission, struct slice key)
{
    append(submission, MUTATION_DELETE, key, SLICE(""));
}

/* The value of an addition: the delta, which gives way to the text of the sum. */
struct addition {
    int64_t delta;
    char sum[SUBMISSION_SUM];
};

void submission_add(struct submission *submission, struct slice key, int64_t delta)
{
    struct addition addition = {.delta = delta};
    append(submission, MUTATION_ADD, key, slice_of((const char *)&addition, sizeof(addition)));
}

void submission_check(struct submission *submission, enum mutation_kind kind, struct slice key,
                      struct slice value)
{
    append(submission, kind, key, value);
}

/* How an argument lies in memory: its length, its bytes. */
static void append_argument(struct buffer *bytes, struct slice argument)
{
    uint32_t len = (uint32_t)argument.len;
    buffer_append(bytes, &len, sizeof(len));
    buffer_append_slice(bytes, argument);
}

void submission_run(struct submission *submission, program_fn *program, unsigned flavour,
                    const struct slice *argv, size_t argc)
{
    struct run run = {.program = program, .flavour = flavour, .argc = (uint32_t)argc};
    size_t len = argc * sizeof(uint32_t);
    for (size_t i = 0; i < argc; i++)
        len += argv[i].len;
    append_head(submission, MUTATION_RUN, sizeof(run), len);
    buffer_append(&submission->mutations, &run, sizeof(run));
    for (size_t i = 0; i < argc; i++)
        append_argument(&submission->mutations, argv[i]);
}

void submission_only_reads(struct submission *submission)
{
    submission->writes[submission->count].reads = true;
}

void submission_watch(struct submission *submission, const struct watcher *watcher)
{
    submission->writes[submission->count].watcher = watcher;
    submission->writes[submission->count].looks = true;
}

void submission_barrier(struct submission *submission)
{
    submission->writes[submission->count].barrier = true;
}

void submission_append(struct submission *submission, const struct submission *more)
{
    struct write *write = &submission->writes[submission->count];
    write->looks |= more->writes[more->count].looks;
    buffer_append_slice(&submission->mutations, buffer_slice(&more->mutations));
}

void submission_end(struct submission *submission)
{
    struct write *write = &submission->writes[submission->count++];
    if (submission->mutations.failed) {
        submission->mutations.len = write->first;
        submission->mutations.failed = false;
        write->status = STATUS_MEMORY;
        write->problem = status_meaning(STATUS_MEMORY);
    }
    write->end = submission->mutations.len;
}

void submission_refuse(struct submission *submission, enum status status, const char *problem)
{
    submission_begin(submission, WRITE_ANSWERS_OK);
    struct write *write = &submission->writes[submission->count++];
    write->end = write->first;
    write->status = status;
    write->problem = problem;
}

const char *submission_explain(struct submission *submission, const char *text)
{
    if (submission->problem == NULL)
        submission->problem = strdup(text);
    return submission->problem != NULL ? submission->problem : status_meaning(STATUS_MEMORY);
}

struct mutation submission_read(const struct submission *submission, size_t *at)
{
    struct header header;
    const char *bytes = submission->mutations.data + *at;
    memcpy(&header, bytes, sizeof(header));
    bytes += sizeof(header);
    *at += sizeof(header) + header.key_len + header.value_len;
    struct mutation mutation = {
        .kind = (enum mutation_kind)header.kind,
        .key = slice_of(bytes, header.key_len),
        .value = slice_of(bytes + header.key_len, header.value_len),
    };
    if (mutation.kind == MUTATION_ADD)
        memcpy(&mutation.delta, mutation.value.data, sizeof(mutation.delta));
    if (mutation.kind == MUTATION_RUN)
        memcpy(&mutation.run, mutation.key.data, sizeof(mutation.run));
    return mutation;
}

struct slice submission_argument(const struct mutation *run, size_t *at)
{
    uint32_t len;
    memcpy(&len, run->value.data + *at, sizeof(len));
    *at += sizeof(len) + len;
    return slice_of(run->value.data + *at - len, len);
}

/* What the mutation leaves under its key; false when it changes nothing by itself. */
static bool leaves(const struct write *write, const struct mutation *mutation, struct slice *value)
{
    switch (mutation->kind) {
    case MUTATION_PUT:
        *value = mutation->value;
        return true;
    case MUTATION_ADD:
        *value = write->value;
        return true;
    case MUTATION_DELETE:
        *value = slice_of(NULL, 0);
        return true;
    case MUTATION_RUN:
    case CHECK_VALUE:
    case CHECK_PRESENT:
    case CHECK_ABSENT:
        break;
    }
    return false;
}

struct changes submission_changes(const struct submission *submission, const struct write *write)
{
    return (struct changes){
        .submission = submission, .write = write, .at = write->first, .next = write->changes};
}

bool changes_next(struct changes *changes, struct slice *key, struct slice *value)
{
    while (changes->at < changes->write->end) {
        struct mutation mutation = submission_read(changes->submission, &changes->at);
        *key = mutation.key;
        if (leaves(changes->write, &mutation, value))
            return true;
    }
    if (changes->next == NULL)
        return false;
    *key = changes->next->key;
    *value = changes->next->value;
    changes->next = changes->next->next;
    return true;
}

struct change *submission_change(struct write *write, struct slice key, struct slice value)
{
    struct change *change = malloc(sizeof(*change) + key.len + value.len);
    if (change == NULL)
        return NULL;
    *change = (struct change){.key = slice_of(change->bytes, key.len)};
    if (key.len > 0)
        memcpy(change->bytes, key.data, key.len);
    if (value.data != NULL) {
        change->value = slice_of(change->bytes + key.len, value.len);
        memcpy(change->bytes + key.len, value.data, value.len);
    }
    change->previous = write->last_change;
    if (write->changes == NULL)
        write->changes = change;
    else
        write->last_change->next = change;
    write->last_change = change;
    return change;
}

void write_fail(struct write *write, enum status status, const char *problem)
{
    write->status = status;
    write->problem = problem;
}

void submission_forget_changes(struct write *write)
{
    while (write->changes != NULL) {
        struct change *next = write->changes->next;
        free(write->changes);
        write->changes = next;
    }
    write->last_change = NULL;
}

char *submission_sum(struct submission *submission, const struct write *write)
{
    return submission->mutations.data + write->end - SUBMISSION_SUM;
}

size_t submission_size(const struct submission *submission)
{
    return sizeof(*submission) + submission->mutations.cap + submission->said.cap +
           submission->changed + submission->cap * sizeof(*submission->writes);
}
