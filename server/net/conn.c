#include "net/conn.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "net/admission.h"
#include "ops/allowed.h"
#include "ops/clock.h"
#include "ops/log.h"
#include "ops/metrics.h"
#include "ops/users.h"

/* A peer has so long for the handshake of TLS at most, in milliseconds. */
#define HANDSHAKE_MS (10 * 1000)

/* One bit for each state that a state may go to. */
#define TO(state) (1u << (state))

static const unsigned allowed_moves[] = {
    [CONN_READING] = TO(CONN_WAITING) | TO(CONN_STREAMING) | TO(CONN_FOLLOWING) |
                     TO(CONN_DRAINING) | TO(CONN_CLOSED),
    [CONN_WAITING] = TO(CONN_READING) | TO(CONN_STREAMING) | TO(CONN_CLOSED),
    [CONN_STREAMING] = TO(CONN_READING) | TO(CONN_WAITING) | TO(CONN_FOLLOWING) |
                       TO(CONN_DRAINING) | TO(CONN_CLOSED),
    [CONN_FOLLOWING] = TO(CONN_STREAMING) | TO(CONN_DRAINING) | TO(CONN_CLOSED),
    [CONN_DRAINING] = TO(CONN_CLOSED),
    [CONN_CLOSED] = 0,
};

static atomic_uint_least64_t last_number;

void conn_set_state(struct conn *conn, enum conn_state state)
{
    assert((allowed_moves[conn->state] & TO(state)) != 0);
    conn->state = state;
}

static void link_to_loop(struct conn *conn)
{
    struct loop *loop = conn->loop;
    conn->next = loop->conns;
    if (conn->next != NULL)
        conn->next->previous = conn;
    loop->conns = conn;
    loop->open++;
    metrics_add(&metrics.connections, 1);
    metrics_add(&metrics.connections_total, 1);
}

static void unlink_from_loop(struct conn *conn)
{
    struct loop *loop = conn->loop;
    if (conn->previous != NULL)
        conn->previous->next = conn->next;
    else
        loop->conns = conn->next;
    if (conn->next != NULL)
        conn->next->previous = conn->previous;
    loop->open--;
    metrics_subtract(&metrics.connections, 1);
}

/* A handshake takes two exchanges with the peer, and holds some memory until it is over. */
static int64_t handshake_deadline(void)
{
    int64_t most = allowed.request_ms;
    return clock_ms() + (most < HANDSHAKE_MS ? most : HANDSHAKE_MS);
}

void conn_open(struct loop *loop, int fd, uint32_t seat, bool secure)
{
    struct transport transport;
    bool opened = transport_open(&transport, fd, secure);
    struct conn *conn = !opened || loop->stopping ? NULL : calloc(1, sizeof(*conn));
    if (conn == NULL) {
        transport_close(&transport);
        admission_leave(loop->options->admission, seat);
        return;
    }
    conn->loop = loop;
    conn->users = users_generation(); /* before its user: a table that comes between is newer */
    conn->transport = transport;
    conn->seat = seat;
    conn->opened = clock_ms();
    conn->known = conn->opened;
    conn->decoder.limits = &loop->limits;
    conn->turn.run = conn_continue;
    conn->woken.run = conn_woken;
    conn->call = (struct call){
        .service = loop->options->service,
        .reply = {.face = &reply_line, .out = &loop->output},
        .connection = atomic_fetch_add(&last_number, 1) + 1,
        .user = users_anonymous(),
        .argv = &loop->request.argv,
        .scoped = &loop->scoped,
        .meter = loop->meter,
        .wake = conn_wake,
        .locate = conn_locate,
    };
    event_assign(&conn->read_event, loop->base, fd, EV_READ | EV_PERSIST, conn_on_readable, conn);
    link_to_loop(conn);
    conn_log(conn);
    if (secure)
        conn->deadline = handshake_deadline();
    conn_arrange(conn, false);
}

void conn_close(struct conn *conn)
{
    bool waiting = conn->state == CONN_WAITING;
    conn->promised = waiting ? conn_held(conn) : 0;
    budget_promise(conn->promised);
    conn_set_state(conn, CONN_CLOSED);
    log_debug("connection %llu is closed", (unsigned long long)conn->call.connection);
    unlink_from_loop(conn);
    buffer_clear(&conn->loop->output); /* what it was told last is for nobody else */
    if (!waiting)
        call_finish(&conn->call); /* after this nobody wakes it any more */
    event_del(&conn->read_event);
    conn_forget_write(conn);
    if (conn->out.len > 0) /* the end is not to look like that of what was said */
        transport_abandon(&conn->transport);
    transport_close(&conn->transport);
    admission_leave(conn->loop->options->admission, conn->seat);
    if (!waiting && !atomic_load(&conn->woken_posted)) /* else conn_woken sees to it */
        loop_later(conn->loop, &conn->turn);
}

void conn_free(struct conn *conn)
{
    assert(conn->state == CONN_CLOSED);
    call_finish(&conn->call);
    buffer_fini(&conn->in);
    buffer_fini(&conn->out);
    budget_hold(&conn->share, 0);
    submission_free(conn->run);
    budget_redeem(conn->promised);
    batch_close(&conn->call.batch);
    scope_fini(&conn->call.scope);
    client_fini(&conn->call.client);
    users_release(conn->call.user);
    free(conn->call.certified);
    reply_fini(&conn->call.reply);
    free(conn);
}

void conn_give_up(struct conn *conn, enum status status, const char *text)
{
    conn_cut(conn, status, text);
    conn_set_state(conn, CONN_DRAINING);
    if (conn_flush(conn))
        conn_arrange(conn, false);
    else
        conn_close(conn);
}

/* Where the next request begins is not known without this one, so it is the last. */
void conn_run_short(struct conn *conn)
{
    log_error("connection %llu: there is no memory for what it sends",
              (unsigned long long)conn->call.connection);
    conn->in.failed = false;
    if (conn->state == CONN_WAITING || conn->state == CONN_DRAINING)
        conn_close(conn);
    else
        conn_give_up(conn, STATUS_MEMORY, status_meaning(STATUS_MEMORY));
}

/* A peer or a request that took too long. */
static void tick_deadline(struct conn *conn)
{
    if (conn->deadline == 0 || clock_ms() < conn->deadline)
        return;
    if (conn->state == CONN_DRAINING || conn->transport.opening)
        conn_close(conn);
    else if (conn->out.len > 0)
        conn_give_up(conn, STATUS_TIMEOUT, "the peer took nothing for too long");
    else
        conn_give_up(conn, STATUS_TIMEOUT, "the request did not arrive whole in time");
}

/* A call that holds on to an old view of the store keeps deleted data on disk. The session goes
 * on. */
static void tick_view(struct conn *conn)
{
    if (clock_ms() - conn->call_started < allowed.scan_ms)
        return;
    conn_cut(conn, STATUS_TIMEOUT, "the scan took too long");
    conn_set_state(conn, CONN_READING);
    if (conn_flush(conn))
        conn_arrange(conn, true);
    else
        conn_close(conn);
}

/* Lets a call that has been quiet say something. */
static void tick_beat(struct conn *conn)
{
    if (conn->call.beat == NULL || conn->out.len > 0)
        return;
    conn->call.beat(&conn->call);
    if (conn_flush(conn))
        conn_arrange(conn, false);
    else
        conn_close(conn);
}

/* A peer that has nothing on its way and is owed nothing. What of a request has arrived has a time
 * of its own. */
static void tick_idle(struct conn *conn)
{
    int64_t timeout = allowed.idle_ms;
    if (timeout == 0 || conn->in.len > 0 || conn->out.len > 0 || conn->parked ||
        conn->turn.queued || conn_idle_ms(conn) < timeout)
        return;
    conn_give_up(conn, STATUS_TIMEOUT, "idle for too long");
}

void conn_tick(struct conn *conn)
{
    conn_tick_user(conn);
    if (conn->state == CONN_WAITING || conn->state == CONN_FOLLOWING)
        tick_beat(conn);
    if (conn->state == CONN_STREAMING && conn->call.holds_view)
        tick_view(conn);
    /* While it waits the disk is slow, not the peer. */
    if (conn->state != CONN_WAITING && conn->state != CONN_CLOSED)
        tick_deadline(conn);
    if (conn->state == CONN_READING)
        tick_idle(conn);
}

static const char stopping_text[] = "the server is stopping";

void conn_stop(struct conn *conn)
{
    conn->owed = transport_waiting(&conn->transport);
    if (conn->state == CONN_READING && conn->out.len == 0)
        loop_later(conn->loop, &conn->turn);
    else if (conn->state == CONN_FOLLOWING)
        conn_give_up(conn, STATUS_SHUTDOWN, stopping_text);
    else if (conn->state == CONN_DRAINING)
        conn_arrange(conn, false);
}

/* True in the middle of a reply that a handler makes. */
static bool is_replying(const struct conn *conn)
{
    return conn->call.resume != NULL &&
           (conn->state == CONN_STREAMING || conn->state == CONN_WAITING);
}

void conn_abandon(struct conn *conn)
{
    if (is_replying(conn)) {
        conn_cut(conn, STATUS_SHUTDOWN, stopping_text);
        (void)!conn_flush(conn);
    }
    conn_close(conn);
}

/* Memory --------------------------------------------------------------------- */

size_t conn_held(struct conn *conn)
{
    bool is_committed = conn->run != NULL && conn->state == CONN_WAITING;
    return budget_share(&conn->share) + (is_committed ? budget_share(&conn->run->share) : 0);
}

bool conn_hold_back(struct conn *conn)
{
    conn->held_back = budget_is_tight() && !conn->loop->stopping;
    return conn->held_back;
}

void conn_cut_for_memory(struct conn *conn)
{
    bool waiting = conn->state == CONN_WAITING;
    metrics_add(&metrics.cut_for_memory, 1);
    /* Behind half a reply there is nothing to be said, and somebody works for one that waits. */
    if (conn->out.len == 0 && !waiting && conn->state != CONN_DRAINING)
        conn_give_up(conn, STATUS_MEMORY,
                     "the server holds too much for its clients, and most for you");
    else
        conn_close(conn);
}

void conn_go_first(struct conn *conn)
{
    if (!conn->held_back || conn->turn.queued || budget_share(&conn->share) > 0)
        return;
    conn->held_back = false;
    conn_continue(&conn->turn);
}

void conn_unpark(struct conn *conn)
{
    if (!conn->parked && !conn->held_back)
        return;
    conn->parked = false;
    conn->held_back = false;
    loop_later(conn->loop, &conn->turn);
}
