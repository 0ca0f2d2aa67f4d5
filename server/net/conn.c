#include "net/conn.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "ops/clock.h"
#include "ops/metrics.h"

/* One bit for each state that a state may go to. */
#define TO(state) (1u << (state))

static const unsigned allowed_moves[] = {
    [CONN_READING] = TO(CONN_WAITING) | TO(CONN_STREAMING) | TO(CONN_DRAINING) | TO(CONN_CLOSED),
    [CONN_WAITING] = TO(CONN_READING) | TO(CONN_CLOSED),
    [CONN_STREAMING] = TO(CONN_READING) | TO(CONN_DRAINING) | TO(CONN_CLOSED),
    [CONN_DRAINING] = TO(CONN_CLOSED),
    [CONN_CLOSED] = 0,
};

static atomic_uint_least64_t last_number;

void conn_set_state(struct conn *conn, enum conn_state state)
{
    assert((allowed_moves[conn->state] & TO(state)) != 0);
    conn->state = state;
}

static void link_to_worker(struct conn *conn)
{
    struct worker *worker = conn->worker;
    conn->next = worker->conns;
    if (conn->next != NULL)
        conn->next->previous = conn;
    worker->conns = conn;
    worker->open++;
    metrics_add(&metrics.connections, 1);
    metrics_add(&metrics.connections_total, 1);
}

static void unlink_from_worker(struct conn *conn)
{
    struct worker *worker = conn->worker;
    if (conn->previous != NULL)
        conn->previous->next = conn->next;
    else
        worker->conns = conn->next;
    if (conn->next != NULL)
        conn->next->previous = conn->previous;
    worker->open--;
    metrics_subtract(&metrics.connections, 1);
}

void conn_open(struct worker *worker, int fd)
{
    struct transport transport = {.fd = fd};
    struct conn *conn = worker->stopping ? NULL : calloc(1, sizeof(*conn));
    if (conn == NULL) {
        transport_close(&transport);
        return;
    }
    conn->worker = worker;
    conn->transport = transport;
    conn->committed.run = conn_committed;
    conn->call = (struct call){
        .service = worker->options->service,
        .reply = {.face = &reply_line, .out = &worker->output},
        .connection = atomic_fetch_add(&last_number, 1) + 1,
        .argv = &worker->request.argv,
    };
    event_assign(&conn->read_event, worker->base, fd, EV_READ | EV_PERSIST, conn_on_readable, conn);
    event_assign(&conn->write_event, worker->base, fd, EV_WRITE, conn_on_writable, conn);
    link_to_worker(conn);
    conn_arrange(conn, false);
}

void conn_close(struct conn *conn)
{
    struct worker *worker = conn->worker;
    bool committing = conn->state == CONN_WAITING;
    conn_set_state(conn, CONN_CLOSED);
    unlink_from_worker(conn);
    call_finish(&conn->call);
    event_del(&conn->read_event);
    event_del(&conn->write_event);
    transport_close(&conn->transport);
    if (committing)
        return; /* conn_committed frees it */
    conn->next = worker->dead;
    worker->dead = conn;
}

void conn_free(struct conn *conn)
{
    assert(conn->state == CONN_CLOSED);
    buffer_fini(&conn->in);
    buffer_fini(&conn->out);
    submission_free(conn->run);
    free(conn);
}

/* Says why with an error, then takes nothing more from the peer. */
static void give_up(struct conn *conn, enum status status, const char *text)
{
    conn_cut(conn, status, text);
    conn_set_state(conn, CONN_DRAINING);
    if (conn_flush(conn))
        conn_arrange(conn, false);
    else
        conn_close(conn);
}

/* A peer or a request that took too long. */
static void tick_deadline(struct conn *conn)
{
    if (conn->deadline == 0 || clock_ms() < conn->deadline)
        return;
    if (conn->state == CONN_DRAINING)
        conn_close(conn);
    else if (conn->out.len > 0)
        give_up(conn, STATUS_TIMEOUT, "the peer took nothing for too long");
    else
        give_up(conn, STATUS_TIMEOUT, "the request did not arrive whole in time");
}

/* A call that holds on to an old view of the store keeps deleted data on disk. The session goes
 * on. */
static void tick_call(struct conn *conn)
{
    if (clock_ms() - conn->call_started < conn->worker->options->scan_timeout)
        return;
    conn_cut(conn, STATUS_TIMEOUT, "the scan took too long");
    conn_set_state(conn, CONN_READING);
    if (conn_flush(conn))
        conn_arrange(conn, true);
    else
        conn_close(conn);
}

void conn_tick(struct conn *conn)
{
    if (conn->state == CONN_WAITING)
        return; /* the disk is slow, not the peer */
    if (conn->state == CONN_STREAMING)
        tick_call(conn);
    if (conn->state != CONN_CLOSED)
        tick_deadline(conn);
}

void conn_stop(struct conn *conn)
{
    if (conn->state == CONN_READING && conn->out.len == 0)
        worker_ready(conn->worker, conn);
    else if (conn->state == CONN_DRAINING)
        conn_arrange(conn, false);
}
