#include "client/lib/pipeline.h"

#include "client/lib/clock.h"
#include "protocol/limits.h"
#include "protocol/quote.h"

/* Requests gather up to here before they are sent: fewer and larger packets. */
#define OUT_MARK ((size_t)64 * 1024)

static struct slice slice_from_bytes(struct leveret_bytes bytes)
{
    return slice_of(bytes.data, bytes.len);
}

/*
 * Brings the queue under its mark. What arrives meanwhile is absorbed, or both sides could wait
 * for each other with full sockets. FULL when the queue stays over the mark because no more may
 * be absorbed.
 */
static enum leveret_status drain(struct leveret *db, size_t mark)
{
    connection_send(db);
    while (connection_unsent(db) > mark) {
        if (db->ended)
            return connection_fail(db, LEVERET_LOST, "the connection ended");
        if (connection_unread(db) > db->absorb)
            return connection_fail(db, LEVERET_FULL, "replies wait to be taken");
        enum leveret_status status = connection_wait(db, true);
        if (status == LEVERET_OK)
            status = connection_receive(db);
        if (status != LEVERET_OK)
            return status;
        connection_send(db);
    }
    return LEVERET_OK;
}

enum leveret_status pipeline_make_room(struct leveret *db)
{
    if (connection_unsent(db) < OUT_MARK)
        return LEVERET_OK;
    enum leveret_status status = drain(db, OUT_MARK - 1);
    if (status == LEVERET_OK && db->send_broken)
        return connection_fail(db, LEVERET_LOST, "the connection ended");
    return status;
}

/* Counts the request that was appended behind `before`, or takes it back. */
static enum leveret_status queued(struct leveret *db, size_t before)
{
    bool failed = db->out.failed;
    size_t length = db->out.len - before;
    if (!failed && length <= LIMIT_LINE + 1) {
        if (db->pending++ == 0)
            db->moved_ms = clock_ms();
        return LEVERET_OK;
    }
    db->out.len = before;
    db->out.failed = false;
    if (failed)
        return connection_fail(db, LEVERET_NO_MEMORY, "no memory for this request");
    return connection_fail(db, LEVERET_MISUSE, "the request is longer than a server takes");
}

/* A name stands bare, as people write it, when no other reading of the bare word is possible. */
static bool is_plain(struct slice word)
{
    for (size_t i = 0; i < word.len; i++)
        if ((word.data[i] < 'A' || word.data[i] > 'Z') &&
            (word.data[i] < 'a' || word.data[i] > 'z'))
            return false;
    return word.len > 0;
}

enum leveret_status pipeline_add(struct leveret *db, const struct leveret_bytes *words,
                                 size_t count)
{
    if (count == 0 || count > LIMIT_TOKENS)
        return connection_fail(db, LEVERET_MISUSE, "a request has 1 to %zu words", LIMIT_TOKENS);
    size_t before = db->out.len;
    for (size_t i = 0; i < count; i++) {
        struct slice word = slice_from_bytes(words[i]);
        if (i > 0)
            buffer_append_byte(&db->out, ' ');
        if (i == 0 && is_plain(word))
            buffer_append_slice(&db->out, word);
        else
            quote_append(&db->out, word);
    }
    buffer_append_byte(&db->out, '\n');
    return queued(db, before);
}

enum leveret_status pipeline_add_line(struct leveret *db, struct slice line)
{
    size_t before = db->out.len;
    buffer_append_slice(&db->out, line);
    buffer_append_byte(&db->out, '\n');
    return queued(db, before);
}

enum leveret_status pipeline_flush(struct leveret *db)
{
    enum leveret_status status = drain(db, 0);
    if (status == LEVERET_OK && db->send_broken)
        return connection_fail(db, LEVERET_LOST, "the connection ended");
    return status;
}

/* Keeps a decoded line; `raw` is the line as it came. */
static void keep(struct leveret *db, enum answer_result result, struct slice raw)
{
    struct leveret_answer *answer = &db->answer;
    answer->has_value = false;
    if (result == ANSWER_ROW) {
        answer->kind = LEVERET_ROW;
    } else if (result == ANSWER_REMARK) {
        answer->kind = LEVERET_REMARK;
    } else {
        answer->kind = LEVERET_ENDING;
        answer->has_value = answer->line.status == STATUS_OK && answer->line.tokens.count >= 2 &&
                            raw.data[strlen("OK ")] == '"';
        db->pending--;
    }
}

/* The next whole line of what has arrived, or AGAIN. */
static enum leveret_status decode(struct leveret *db)
{
    struct slice input = slice_of(db->in.data + db->in_at, connection_unread(db));
    if (input.len == 0)
        return LEVERET_AGAIN;
    size_t used = 0;
    enum answer_result result = answer_decode(&db->decoder, input, &db->answer.line, &used);
    if (result == ANSWER_MORE)
        return LEVERET_AGAIN;
    if (result == ANSWER_BAD) {
        connection_drop(db);
        return connection_fail(db, LEVERET_PROTOCOL, "the peer does not speak Leveret's protocol");
    }
    keep(db, result, slice_of(input.data, used));
    db->in_at += used;
    return LEVERET_OK;
}

/* Moves bytes both ways once, then tries to decode. */
static enum leveret_status attempt(struct leveret *db)
{
    connection_send(db);
    enum leveret_status status = connection_receive(db);
    if (status == LEVERET_OK)
        status = decode(db);
    if (status == LEVERET_AGAIN && db->ended)
        return connection_lost(db);
    return status;
}

static enum leveret_status check_pending(struct leveret *db)
{
    if (db->pending > 0)
        return LEVERET_OK;
    return connection_fail(db, LEVERET_MISUSE, "no request is unanswered");
}

static enum leveret_status take(struct leveret *db, bool waits,
                                const struct leveret_answer **answer)
{
    enum leveret_status status = check_pending(db);
    if (status != LEVERET_OK)
        return status;
    *answer = &db->answer;
    status = decode(db);
    if (status == LEVERET_AGAIN)
        status = attempt(db);
    while (status == LEVERET_AGAIN && waits) {
        status = connection_wait(db, true);
        if (status == LEVERET_OK)
            status = attempt(db);
    }
    return status == LEVERET_AGAIN ? connection_check_quiet(db) : status;
}

enum leveret_status pipeline_next(struct leveret *db, const struct leveret_answer **answer)
{
    return take(db, true, answer);
}

enum leveret_status pipeline_try_next(struct leveret *db, const struct leveret_answer **answer)
{
    return take(db, false, answer);
}

enum leveret_status pipeline_conclude(struct leveret *db, const struct leveret_answer *ending)
{
    enum leveret_status status = leveret_answer_status(ending);
    if (status != LEVERET_ERROR)
        return status;
    struct leveret_bytes text = leveret_answer_text(ending);
    struct leveret_bytes code = leveret_answer_code(ending);
    size_t text_len = text.len < sizeof(db->problem) ? text.len : sizeof(db->problem) - 1;
    size_t code_len = code.len < sizeof(db->code) ? code.len : sizeof(db->code) - 1;
    memcpy(db->problem, text.data, text_len);
    db->problem[text_len] = '\0';
    memcpy(db->code, code.data, code_len);
    db->code[code_len] = '\0';
    return status;
}

enum leveret_status pipeline_unexpected(struct leveret *db)
{
    connection_drop(db);
    return connection_fail(db, LEVERET_PROTOCOL, "the reply is not what this request is owed");
}
