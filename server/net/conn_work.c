/*
 * A connection's work: requests to calls, calls to replies, a bounded amount each turn.
 *
 * Writes that arrive together are gathered into one submission, so that a pipeline of them costs
 * one commit. Whatever is not a well-formed write ends the run and stays in the input until the
 * run has been answered: that keeps replies in order and lets reads see the writes before them.
 */
#include "commands/dispatch.h"
#include "net/conn.h"
#include "ops/allowed.h"
#include "ops/clock.h"
#include "ops/meter.h"
#include "ops/metrics.h"
#include "protocol/reply_resp.h"

/* Calls -------------------------------------------------------------------- */

/* A stopping server has nothing more to tell a follower. */
static void follow(struct conn *conn)
{
    if (!conn->loop->stopping) {
        conn_set_state(conn, CONN_FOLLOWING);
        return;
    }
    conn_cut(conn, STATUS_SHUTDOWN, "the server is stopping");
    conn_set_state(conn, CONN_DRAINING);
}

/* What became of a call. */
static void apply(struct conn *conn, enum call_result result)
{
    switch (result) {
    case CALL_DONE:
        call_finish(&conn->call);
        if (conn->state == CONN_STREAMING)
            conn_set_state(conn, CONN_READING);
        break;
    case CALL_MORE:
        if (conn->state == CONN_READING) {
            conn_set_state(conn, CONN_STREAMING);
            conn->call_started = clock_ms();
        }
        break;
    case CALL_WAIT:
        if (conn->call.resume != NULL) /* else for the whole run; see submit */
            conn_set_state(conn, CONN_WAITING);
        break;
    case CALL_FOLLOW:
        follow(conn);
        break;
    case CALL_CLOSE:
        call_finish(&conn->call);
        conn_set_state(conn, CONN_DRAINING);
        break;
    }
}

/* From here on the connection answers as the decoded request asked. */
static void take_face(struct conn *conn)
{
    const struct request *request = &conn->loop->request;
    conn->call.face = request->face;
    conn->call.reply.face = request->face == REQUEST_RESP ? &reply_resp : &reply_line;
    conn->call.reply.crlf = request->crlf;
}

static void start_call(struct conn *conn, struct submission *submission)
{
    conn->call.submission = submission;
    take_face(conn);
    apply(conn, dispatch_start(&conn->call));
}

/* The face of the request that has not all arrived, or of the last one. What the peer does not take
 * is of the last one. */
static enum request_face face_outside_calls(const struct conn *conn)
{
    bool inside_request = conn->in.len > 0 && conn->out.len == 0;
    return inside_request ? request_face_of(conn->in.data[0]) : conn->call.face;
}

/* A Redis client takes what comes for the reply to its oldest request, and Redis tells it nothing
 * that is none. */
static void tell_outside_calls(struct conn *conn, enum status status, const char *text)
{
    struct reply *reply = &conn->call.reply;
    if (face_outside_calls(conn) == REQUEST_RESP)
        return;
    reply->crlf &= conn->call.face == REQUEST_LINE;
    reply->face = &reply_line;
    conn->call.face = REQUEST_LINE;
    reply_error_more(reply, status, REPLY_NONE, text);
}

void conn_cut(struct conn *conn, enum status status, const char *text)
{
    if (conn->call.resume != NULL)
        dispatch_cut(&conn->call, status, text);
    else
        tell_outside_calls(conn, status, text);
    batch_spoil(&conn->call.batch);
    if (conn->state != CONN_WAITING)
        call_finish(&conn->call);
}

/* Runs of writes ----------------------------------------------------------- */

static void wake(struct conn *conn)
{
    if (!atomic_exchange(&conn->woken_posted, true))
        inbox_post(&conn->loop->inbox, &conn->woken);
}

void conn_wake(struct call *call)
{
    wake((struct conn *)((char *)call - offsetof(struct conn, call)));
}

/* On the committer's thread. */
static void committed(struct submission *submission, void *arg)
{
    (void)submission;
    wake(arg);
}

static void submit(struct conn *conn)
{
    conn->run->done = committed;
    conn->run->arg = conn;
    conn_set_state(conn, CONN_WAITING);
    store_commit(conn->call.service->store, conn->run);
}

static void finish_run(struct conn *conn)
{
    dispatch_answer_writes(&conn->call, conn->run);
    submission_free(conn->run);
    conn->run = NULL;
    conn_set_state(conn, CONN_READING);
}

void conn_woken(struct message *message, void *owner)
{
    struct conn *conn = (struct conn *)((char *)message - offsetof(struct conn, woken));
    (void)owner;
    atomic_store(&conn->woken_posted, false);
    if (conn->state == CONN_CLOSED) {
        loop_later(conn->loop, &conn->turn); /* which frees it */
        return;
    }
    if (conn->state == CONN_WAITING && conn->run != NULL)
        finish_run(conn);
    else if (conn->state == CONN_WAITING || conn->state == CONN_FOLLOWING)
        conn_set_state(conn, CONN_STREAMING);
    else
        return; /* a follower that was cut off meanwhile */
    conn_work(conn, slice_of(NULL, 0));
}

/* Makes room for one more write. False when this one has to wait, or was answered with an error,
 * which *answered tells. */
static bool prepare_run(struct conn *conn, bool *answered)
{
    *answered = false;
    if (conn->run == NULL) {
        conn->parked = store_is_full(conn->call.service->store);
        if (conn->parked)
            return false;
        conn->run = submission_new();
    }
    if (conn->run != NULL && submission_reserve(conn->run))
        return true;
    if (conn->run != NULL && conn->run->count > 0)
        return false;
    submission_free(conn->run);
    conn->run = NULL;
    take_face(conn);
    call_no_memory(&conn->call);
    batch_close(&conn->call.batch); /* with one open, this was its COMMIT */
    if (transaction_is_open(&conn->call.client.transaction))
        transaction_close(&conn->call.client.transaction); /* and this its EXEC */
    *answered = true;
    return false;
}

/* Requests ----------------------------------------------------------------- */

/* A decoded write. True when it is done with. */
static bool take_write(struct conn *conn)
{
    bool answered = false;
    if (!prepare_run(conn, &answered))
        return answered;
    start_call(conn, conn->run);
    if (submission_is_full(conn->run))
        submit(conn);
    return true;
}

/* A request that could not be decoded. */
static void refuse(struct conn *conn, enum request_result result)
{
    const struct request *request = &conn->loop->request;
    take_face(conn);
    if (request->face == REQUEST_RESP)
        reply_fail(&conn->call.reply, "ERR %s", request->problem); /* in Redis's words */
    else
        reply_error(&conn->call.reply, request->status, "%s", request->problem);
    meter_answered(conn->loop->meter, METER_MALFORMED);
    meter_failed(conn->loop->meter, METER_MALFORMED, conn->call.reply.erred_as);
    batch_spoil(&conn->call.batch);
    if (result == REQUEST_LOST)
        conn_set_state(conn, CONN_DRAINING);
}

/* True when the request may not join the run of writes before it. */
static bool ends_run(const struct conn *conn, enum request_result result, bool is_write)
{
    if (conn->run == NULL)
        return false;
    return result != REQUEST_READY || !is_write ||
           conn->loop->request.crlf != conn->call.reply.crlf ||
           conn->loop->request.face != conn->call.face;
}

/*
 * redis-benchmark begins with the line PING and CRLF and wants +PONG. Until a connection has asked
 * anything else, that is what such a line gets.
 */
static void guess_face(struct conn *conn, struct request *request)
{
    bool is_ping = request->face == REQUEST_LINE && request->crlf && request->argv.count == 1 &&
                   slice_equal(request->argv.items[0], SLICE("PING"));
    if (!is_ping)
        conn->has_face = true;
    else if (!conn->has_face)
        request->face = REQUEST_RESP;
}

/* Takes the next request off the input. False when there is none to take now: it has not all
 * arrived, or it waits for writes before it, or for room. */
static bool take_request(struct conn *conn, struct slice input, size_t *used)
{
    struct request *request = &conn->loop->request;
    struct slice rest = slice_of(input.data + *used, input.len - *used);
    size_t length = 0;
    enum request_result result = request_decode(&conn->decoder, rest, request, &length);
    if (result == REQUEST_MORE) {
        *used += length;
        return false;
    }
    if (result == REQUEST_READY) {
        guess_face(conn, request);
        dispatch_find(&conn->call, request->face);
    }
    bool is_write = result == REQUEST_READY && dispatch_is_write(&conn->call, request->face);
    if (ends_run(conn, result, is_write))
        return false;
    if (is_write) {
        if (!take_write(conn))
            return false;
    } else if (result == REQUEST_READY) {
        start_call(conn, NULL);
    } else {
        refuse(conn, result);
    }
    *used += length;
    conn->loop->asked++;
    return true;
}

/* Turns -------------------------------------------------------------------- */

/* Goes on with a call. What comes behind one that logged in is another's, within other limits. */
static void go_on(struct conn *conn)
{
    apply(conn, dispatch_resume(&conn->call));
    if (conn->state == CONN_READING)
        (void)!conn_heed_users(conn);
}

/* Works until the turn is over, by the clock or by the number of requests; true when there is more
 * that needs nothing from the peer. */
static bool take_turn(struct conn *conn, struct slice input, size_t *used)
{
    if (!conn_heed_users(conn))
        return false;
    call_begin_turn(&conn->call, conn->loop->turns++);
    size_t most = allowed.turn_requests;
    for (size_t requests = 0; requests < most; requests++) {
        if (conn->state == CONN_STREAMING)
            go_on(conn);
        else if (!take_request(conn, input, used))
            return false;
        if (conn->state == CONN_STREAMING)
            return true;
        if (conn->state != CONN_READING)
            return false;
        if (conn->run == NULL && call_should_pause(&conn->call))
            return true;
    }
    return true;
}

/* Tells of the turn's requests together: all threads count in one place, and to take that from each
 * other costs more than many a request. */
static void count_requests(struct conn *conn)
{
    struct loop *loop = conn->loop;
    if (loop->asked > 0)
        metrics_add(&metrics.requests, loop->asked);
    loop->asked = 0;
    if (loop->meter->touched_count > 0)
        meter_end_turn(loop->meter, clock_us() - conn->call.turn_began);
}

void conn_work(struct conn *conn, struct slice fresh)
{
    struct slice input = conn->in.len > 0 ? buffer_slice(&conn->in) : fresh;
    size_t used = 0;
    bool may_work =
        conn->out.len == 0 && (conn->state == CONN_READING || conn->state == CONN_STREAMING);
    bool more = may_work && !conn_hold_back(conn) && take_turn(conn, input, &used);
    count_requests(conn);
    if (conn->run != NULL && conn->state == CONN_READING)
        submit(conn);
    if (used > 0)
        conn->in_marked = 0; /* what is left is the start of another request */
    loop_trim(conn->loop);
    if (!conn_keep(conn, input, used))
        conn_run_short(conn);
    else if (!conn_flush(conn))
        conn_close(conn);
    else
        conn_arrange(conn, more);
}

/* A stopping server takes what had arrived when it began to, and then no more: peers that never
 * pause would hold it as long as they may. What is here and not yet searched for a line end may
 * hold whole requests: those come first. False when the peer is lost. */
static bool look_last(struct conn *conn, struct slice *fresh)
{
    if (!conn->loop->stopping || conn->state != CONN_READING || conn->input_ended ||
        conn->in.len > conn->decoder.seen)
        return true;
    if (conn->owed == 0) {
        conn->input_ended = true;
        return true;
    }
    enum transport_result result = conn_receive(conn, fresh);
    conn->input_ended = result != TRANSPORT_OK;
    conn->peer_ended = result == TRANSPORT_END;
    return result != TRANSPORT_LOST;
}

/* True when it has nothing to work on but what the peer may have sent while it was held back, or
 * what its transport has inside. */
static bool lacks_input(const struct conn *conn)
{
    return conn->state == CONN_READING && (conn->in.len == 0 || conn->looks_inside) &&
           conn->out.len == 0 && !conn->input_ended && !conn->loop->stopping;
}

void conn_continue(struct task *turn)
{
    struct conn *conn = (struct conn *)((char *)turn - offsetof(struct conn, turn));
    struct slice fresh = {0};
    if (conn->state == CONN_CLOSED)
        conn_free(conn);
    else if (lacks_input(conn))
        conn_on_readable(conn->transport.fd, EV_READ, conn);
    else if (look_last(conn, &fresh))
        conn_work(conn, fresh);
    else
        conn_close(conn);
}
