/*
 * A connection's flow: bytes in, bytes out, and what to wait for next.
 */
#include "net/conn.h"
#include "ops/allowed.h"
#include "ops/clock.h"
#include "ops/meter.h"

/* How long a peer may still send after our last words: to close before it does would reset the
 * connection, and the reset can overtake the words. Milliseconds. */
#define LINGER_MS 1000

/* So many bytes of an unfinished request give it a new deadline. */
#define PROGRESS_BYTES ((size_t)64 * 1024)

/* Who holds less than this for a peer holds nothing that is worth counting. */
#define LEAST_COUNTED ((size_t)4 * 1024)

/* Room that has grown beyond this is given back when it is no longer filled. */
#define LARGEST_KEPT (4 * CALL_HIGH_WATER)

/* In ----------------------------------------------------------------------- */

bool conn_make_room(struct conn *conn)
{
    return conn->in.len == 0 || buffer_reserve(&conn->in, LOOP_INPUT_SIZE);
}

/* So much was received, of what a stopping server still takes. */
static void take_in(struct conn *conn, size_t count)
{
    meter_received(conn->loop->meter, count);
    conn->owed -= count < conn->owed ? (uint32_t)count : conn->owed;
}

enum transport_result conn_receive(struct conn *conn, struct slice *fresh)
{
    struct loop *loop = conn->loop;
    size_t count = 0;
    *fresh = slice_of(NULL, 0);
    if (conn->in.len == 0) {
        enum transport_result result =
            transport_recv(&conn->transport, loop->input, LOOP_INPUT_SIZE, &count);
        *fresh = slice_of(loop->input, count);
        take_in(conn, count);
        return result;
    }
    if (!conn_make_room(conn))
        return TRANSPORT_LOST;
    enum transport_result result = transport_recv(&conn->transport, conn->in.data + conn->in.len,
                                                  conn->in.cap - conn->in.len, &count);
    conn->in.len += count;
    take_in(conn, count);
    return result;
}

bool conn_keep(struct conn *conn, struct slice input, size_t used)
{
    if (conn->in.len > 0)
        buffer_consume(&conn->in, used);
    else
        buffer_append(&conn->in, input.data + used, input.len - used);
    if (conn->in.len == 0 && !conn->in.failed)
        buffer_fini(&conn->in);
    else if (used > 0 && conn->in.cap > LARGEST_KEPT && conn->in.len < conn->in.cap / 8)
        buffer_trim(&conn->in); /* a large request has gone */
    return !conn->in.failed;
}

/* After the last words: pass over what the peer still sends, until it is done too. */
static void discard(struct conn *conn)
{
    struct loop *loop = conn->loop;
    size_t count = 0;
    enum transport_result result =
        transport_recv(&conn->transport, loop->input, LOOP_INPUT_SIZE, &count);
    bool all_said = conn->out.len == 0 && conn->finished;
    if (result == TRANSPORT_LOST || (result == TRANSPORT_END && all_said))
        conn_close(conn);
    else if (result == TRANSPORT_END)
        conn->peer_ended = true;
}

static void stop_reading(struct conn *conn)
{
    event_del(&conn->read_event);
    conn->reading = false;
}

/* A peer whose handshake failed may be in the middle of its words, and has not heard ours. */
static void lose(struct conn *conn)
{
    if (conn->transport.opening)
        conn_turn_away(conn);
    else
        conn_close(conn);
}

void conn_on_readable(evutil_socket_t fd, short what, void *arg)
{
    struct conn *conn = arg;
    (void)fd;
    (void)what;
    if (conn->state == CONN_DRAINING && !conn->peer_ended) {
        discard(conn);
        return;
    }
    if (conn->state != CONN_READING || conn->out.len > 0 || conn->turn.queued || conn->parked ||
        conn->input_ended) {
        stop_reading(conn);
        return;
    }
    if (conn_hold_back(conn)) {
        stop_reading(conn);
        return;
    }
    if (!conn_make_room(conn)) {
        conn_run_short(conn);
        return;
    }
    struct slice fresh;
    conn->looks_inside = false;
    switch (conn_receive(conn, &fresh)) {
    case TRANSPORT_AGAIN:
        conn_arrange(conn, false);
        return;
    case TRANSPORT_MET:
        conn_meet(conn);
        return;
    case TRANSPORT_LOST:
        lose(conn);
        return;
    case TRANSPORT_END:
        conn->peer_ended = true;
        conn->input_ended = true;
        break;
    case TRANSPORT_OK:
        break;
    }
    conn_work(conn, fresh);
}

/* Out ---------------------------------------------------------------------- */

/* Sends as much of the bytes as the socket takes; their number, or false when the peer is lost. */
static bool send_some(struct conn *conn, struct slice bytes, size_t *sent)
{
    *sent = 0;
    while (*sent < bytes.len) {
        size_t count = 0;
        struct slice rest = slice_of(bytes.data + *sent, bytes.len - *sent);
        enum transport_result result = transport_send(&conn->transport, rest, &count);
        if (result == TRANSPORT_AGAIN)
            return true;
        if (result != TRANSPORT_OK)
            return false;
        *sent += count;
        meter_sent(conn->loop->meter, count);
    }
    return true;
}

void conn_forget_write(struct conn *conn)
{
    if (conn->write_event != NULL)
        event_free(conn->write_event);
    conn->write_event = NULL;
}

static bool send_kept(struct conn *conn)
{
    size_t sent = 0;
    struct slice rest = slice_of(conn->out.data + conn->out_sent, conn->out.len - conn->out_sent);
    if (!send_some(conn, rest, &sent))
        return false;
    conn->out_sent += sent;
    if (conn->out_sent < conn->out.len)
        return true;
    buffer_fini(&conn->out);
    conn->out_sent = 0;
    conn_forget_write(conn);
    return true;
}

/* Keeps the loop's output from `sent` on; what is large becomes the connection's as it is, because
 * a copy would take as much again. */
static void keep_unsent(struct conn *conn, struct buffer *output, size_t sent)
{
    if (sent < output->len && output->cap > LARGEST_KEPT) {
        conn->out = *output;
        conn->out_sent = sent;
        *output = (struct buffer){0};
    } else {
        buffer_append(&conn->out, output->data + sent, output->len - sent);
    }
}

bool conn_flush(struct conn *conn)
{
    struct buffer *output = &conn->loop->output;
    size_t sent = 0;
    bool alive = !output->failed;
    conn->last_words |= conn->loop->stopping && output->len > 0;
    if (conn->out.len > 0)
        buffer_append_slice(&conn->out, buffer_slice(output));
    else if (alive && output->len > 0)
        alive = send_some(conn, buffer_slice(output), &sent);
    if (alive && conn->out.len == 0)
        keep_unsent(conn, output, sent);
    if (output->cap > LARGEST_KEPT)
        buffer_fini(output);
    buffer_clear(output);
    return alive && !conn->out.failed;
}

void conn_on_writable(evutil_socket_t fd, short what, void *arg)
{
    struct conn *conn = arg;
    (void)fd;
    (void)what;
    if (!send_kept(conn)) {
        conn_close(conn);
        return;
    }
    if (conn->out.len == 0 && conn->transport.blocked && conn->state == CONN_READING)
        conn_on_readable(fd, what, conn);
    else if (conn->out.len == 0 && (conn->state == CONN_READING || conn->state == CONN_STREAMING))
        conn_work(conn, slice_of(NULL, 0));
    else
        conn_arrange(conn, false);
}

/* What next ---------------------------------------------------------------- */

static void want_read(struct conn *conn)
{
    if (conn->reading || conn->held_back)
        return;
    conn->reading = event_add(&conn->read_event, NULL) == 0;
    if (!conn->reading)
        conn_close(conn);
}

static void want_room(struct conn *conn)
{
    if (conn->write_event == NULL)
        conn->write_event =
            event_new(conn->loop->base, conn->transport.fd, EV_WRITE, conn_on_writable, conn);
    if (conn->write_event == NULL || event_add(conn->write_event, NULL) != 0)
        conn_close(conn);
}

static void want_write(struct conn *conn)
{
    conn->in_marked = 0;
    conn->deadline = clock_ms() + allowed.stall_ms;
    want_room(conn);
}

/* A handshake keeps the one it began with. */
static void forget_deadline(struct conn *conn)
{
    if (conn->transport.opening)
        return;
    conn->deadline = 0;
    conn->in_marked = 0;
}

/* The rest of a request must come in time; its arrival is measured in steps, so that a peer that
 * sends a byte now and then does not hold on for ever. */
static void set_request_deadline(struct conn *conn)
{
    if (conn->in.len == 0) {
        forget_deadline(conn);
        return;
    }
    bool fresh = conn->in_marked == 0 || conn->in.len < conn->in_marked;
    if (fresh || conn->in.len - conn->in_marked >= PROGRESS_BYTES) {
        conn->in_marked = conn->in.len;
        conn->deadline = clock_ms() + allowed.request_ms;
    }
}

static void arrange_draining(struct conn *conn)
{
    if (!conn->finished) {
        if (transport_finish(&conn->transport) == TRANSPORT_AGAIN) {
            want_write(conn);
            return;
        }
        conn->finished = true;
        conn->deadline = clock_ms() + LINGER_MS;
    }
    /* A connection that was idle when the server stopped has nothing on its way. */
    if (conn->peer_ended || (conn->loop->stopping && !conn->last_words))
        conn_close(conn);
    else
        want_read(conn);
}

/* No complete request is left and no more will come. */
static void end_input(struct conn *conn)
{
    if (conn->in.len > 0 && conn->loop->stopping)
        conn_cut(conn, STATUS_SHUTDOWN, "the server is stopping; this line was not run");
    else if (conn->in.len > 0)
        conn_cut(conn, STATUS_INCOMPLETE, "the input ended inside this line; it was not run");
    conn_set_state(conn, CONN_DRAINING);
    if (conn_flush(conn))
        conn_arrange(conn, false);
    else
        conn_close(conn);
}

static void await_more(struct conn *conn)
{
    if (conn->transport.inside) {
        conn->looks_inside = true;
        loop_later(conn->loop, &conn->turn);
    } else if (conn->transport.blocked) {
        want_room(conn);
    } else {
        want_read(conn);
    }
}

static void arrange_reading(struct conn *conn, bool more)
{
    if (conn->held_back)
        return; /* until there is room; its deadline is that of before */
    if (conn->parked) {
        forget_deadline(conn); /* the committer's room wakes it */
    } else if (more || (conn->loop->stopping && !conn->input_ended)) {
        forget_deadline(conn);
        loop_later(conn->loop, &conn->turn);
    } else if (conn->input_ended) {
        end_input(conn);
    } else {
        set_request_deadline(conn);
        await_more(conn);
    }
}

/* Nothing more will be done for the peer. */
static void forget_requests(struct conn *conn)
{
    conn->held_back = false;
    buffer_fini(&conn->in);
    batch_close(&conn->call.batch);
    transaction_close(&conn->call.client.transaction);
}

/* Tells the budget what is held now, if that is worth it. */
static void count_held(struct conn *conn)
{
    size_t bytes = conn->in.cap + conn->out.cap + conn->transport.held + call_held(&conn->call);
    budget_hold(&conn->share, bytes < LEAST_COUNTED ? 0 : bytes);
}

void conn_arrange(struct conn *conn, bool more)
{
    if (conn->state == CONN_DRAINING)
        forget_requests(conn);
    count_held(conn);
    if (conn->out.len > 0) {
        want_write(conn);
        return;
    }
    switch (conn->state) {
    case CONN_READING:
        arrange_reading(conn, more);
        break;
    case CONN_STREAMING:
        forget_deadline(conn);
        if (!conn->held_back)
            loop_later(conn->loop, &conn->turn);
        break;
    case CONN_DRAINING:
        arrange_draining(conn);
        break;
    case CONN_WAITING:
    case CONN_FOLLOWING:
        forget_deadline(conn);
        break;
    case CONN_CLOSED:
        break;
    }
}
