#include "client/lib/session.h"

#include "client/lib/pipeline.h"

enum leveret_status session_check_idle(struct leveret *db)
{
    if (db->pending == 0 && !db->streaming)
        return LEVERET_OK;
    return connection_fail(db, LEVERET_MISUSE, "earlier requests are still unanswered");
}

struct leveret_bytes leveret_prefix(const struct leveret *db)
{
    return leveret_bytes(db->prefix.len > 0 ? db->prefix.data : "", db->prefix.len);
}

/* The server must name the very prefix that was asked for. */
static enum leveret_status agree(struct leveret *db, const struct leveret_answer *ending)
{
    struct leveret_bytes prefix = leveret_prefix(db);
    struct leveret_bytes said;
    enum leveret_status status = pipeline_conclude(db, ending);
    if (status == LEVERET_ERROR)
        return status;
    if (status != LEVERET_OK || !leveret_answer_value(ending, &said) || said.len != prefix.len ||
        memcmp(said.data, prefix.data, prefix.len) != 0)
        return pipeline_unexpected(db);
    db->in_prefix = true;
    return LEVERET_OK;
}

static enum leveret_status ask_prefix(struct leveret *db)
{
    struct leveret_bytes words[] = {leveret_text("USE"), leveret_prefix(db)};
    const struct leveret_answer *answer = NULL;
    enum leveret_status status = pipeline_add(db, words, db->prefix.len > 0 ? 2 : 1);
    while (status == LEVERET_OK) {
        status = pipeline_next(db, &answer);
        if (status == LEVERET_OK && leveret_answer_kind(answer) == LEVERET_ENDING)
            return agree(db, answer);
    }
    return status;
}

/*
 * Tells the server the prefix and waits until it agrees. Requests could follow at once, but they
 * would go to other keys if it did not. Until then the connection is still being made, so the wait
 * is bounded even for those who wait for replies without end.
 */
static enum leveret_status enter_prefix(struct leveret *db)
{
    unsigned quiet_ms = db->quiet_ms;
    if (quiet_ms == 0 || (db->connect_ms > 0 && db->connect_ms < quiet_ms))
        db->quiet_ms = db->connect_ms;
    enum leveret_status status = ask_prefix(db);
    db->quiet_ms = quiet_ms;
    return status;
}

static enum leveret_status ensure(struct leveret *db)
{
    enum leveret_status status = connection_ensure(db);
    if (status != LEVERET_OK || db->in_prefix || db->prefix.len == 0)
        return status;
    status = enter_prefix(db);
    if (status != LEVERET_OK)
        connection_drop(db);
    return status;
}

enum leveret_status session_make_way(struct leveret *db)
{
    enum leveret_status status = ensure(db);
    return status == LEVERET_OK ? pipeline_make_room(db) : status;
}

enum leveret_status session_request(struct leveret *db, const struct leveret_bytes *words,
                                    size_t count)
{
    enum leveret_status status = session_make_way(db);
    return status == LEVERET_OK ? pipeline_add(db, words, count) : status;
}

enum leveret_status leveret_connect(struct leveret *db)
{
    return ensure(db);
}

/* A connection that stands is told of the new prefix; a new one is told when it is made. */
static enum leveret_status change_prefix(struct leveret *db)
{
    if (db->prefix.failed)
        return connection_fail(db, LEVERET_NO_MEMORY, "no memory for a prefix");
    return leveret_connected(db) ? enter_prefix(db) : ensure(db);
}

enum leveret_status leveret_use(struct leveret *db, struct leveret_bytes prefix)
{
    enum leveret_status status = session_check_idle(db);
    if (status != LEVERET_OK)
        return status;
    struct buffer before = db->prefix; /* `prefix` may borrow from it */
    db->prefix = (struct buffer){0};
    buffer_append(&db->prefix, prefix.data, prefix.len);
    status = change_prefix(db);
    if (status == LEVERET_OK) {
        buffer_fini(&before);
        return LEVERET_OK;
    }
    buffer_fini(&db->prefix);
    db->prefix = before;
    return status;
}
