/*
 * One request to a twin, as the files that answer it together see it. For them alone: everybody
 * else knows twin.h.
 */
#ifndef LEVERET_TESTS_SYSTEM_TWIN_CALL_H
#define LEVERET_TESTS_SYSTEM_TWIN_CALL_H

#include "tests/system/twin.h"

struct twin_call {
    struct twin *twin;
    struct twin_session *session;
    const struct ask *ask;
    struct buffer *out;
};

typedef void twin_fn(struct twin_call *call);

/* The nth argument, counted from 0 without the command's name, and how many there are. */
static inline struct slice twin_argument(const struct twin_call *call, size_t n)
{
    return ask_token(call->ask, n + 1);
}

static inline size_t twin_arguments(const struct twin_call *call)
{
    return call->ask->count - 1;
}

/* The key as the store has it: behind the prefix of USE. Dies with the next call. */
struct slice twin_key(const struct twin_call *call, struct slice key);

/* Replies. */
void twin_ok(struct twin_call *call);
void twin_count(struct twin_call *call, uint64_t count);
void twin_value(struct twin_call *call, struct slice value);
void twin_conflict(struct twin_call *call, struct slice key);
void twin_error(struct twin_call *call, const char *code);

/* Forgets the batch of the session. */
void twin_close_batch(struct twin_session *session);

/* twin_read.c */
twin_fn twin_get, twin_mget, twin_exists, twin_scan, twin_count_rows, twin_list, twin_delprefix,
    twin_compact;

/* twin_write.c */
twin_fn twin_put, twin_mput, twin_del, twin_delifeq, twin_incr, twin_begin, twin_check, twin_commit,
    twin_abort;

#endif
