#include "net/worker.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "net/conn.h"
#include "ops/clock.h"

/* How often time-outs are looked for: they are whole seconds. */
static const struct timeval tick_interval = {.tv_sec = 1};

/* The loop ----------------------------------------------------------------- */

void worker_ready(struct worker *worker, struct conn *conn)
{
    if (conn->ready)
        return;
    conn->ready = true;
    conn->ready_next = NULL;
    *worker->ready_end = conn;
    worker->ready_end = &conn->ready_next;
}

/* Gives each that is ready one turn. Those that get ready again wait for the next round, so that
 * the sockets are looked at in between. */
static void run_ready(struct worker *worker)
{
    struct conn *conn = worker->ready;
    worker->ready = NULL;
    worker->ready_end = &worker->ready;
    while (conn != NULL) {
        struct conn *next = conn->ready_next;
        conn->ready = false;
        if (conn->state != CONN_CLOSED)
            conn_continue(conn);
        conn = next;
    }
}

/* A dead connection may still be on the ready list; it is freed after it has been passed there. */
static void free_dead(struct worker *worker)
{
    struct conn **at = &worker->dead;
    while (*at != NULL) {
        struct conn *conn = *at;
        if (conn->ready) {
            at = &conn->next;
            continue;
        }
        *at = conn->next;
        conn_free(conn);
    }
}

static void each_conn(struct worker *worker, void (*visit)(struct conn *conn))
{
    for (struct conn *conn = worker->conns; conn != NULL;) {
        struct conn *next = conn->next; /* visiting may close this one */
        visit(conn);
        conn = next;
    }
}

static void on_tick(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    each_conn(arg, conn_tick);
}

/* The last words to those who did not finish in time. */
static void abandon(struct conn *conn)
{
    if (conn->state == CONN_STREAMING) {
        conn_cut(conn, STATUS_SHUTDOWN, "the server is stopping");
        (void)!conn_flush(conn);
    }
    conn_close(conn);
}

static bool is_over(struct worker *worker)
{
    if (!worker->stopping)
        return false;
    if (clock_ms() >= worker->stop_deadline)
        each_conn(worker, abandon);
    return worker->open == 0;
}

static void *run(void *arg)
{
    struct worker *worker = arg;
    while (!is_over(worker)) {
        int flags = EVLOOP_ONCE | (worker->ready == NULL ? 0 : EVLOOP_NONBLOCK);
        event_base_loop(worker->base, flags);
        run_ready(worker);
        free_dead(worker);
    }
    run_ready(worker); /* nothing is open: this only empties the list */
    free_dead(worker);
    worker->options->stopped(worker->options->stopped_arg);
    return NULL;
}

/* Messages ----------------------------------------------------------------- */

struct arrival {
    struct message message;
    int fd;
};

static void arrive(struct message *message, void *owner)
{
    struct arrival *arrival = (struct arrival *)message;
    conn_open(owner, arrival->fd);
    free(arrival);
}

void worker_adopt(struct worker *worker, int fd)
{
    struct arrival *arrival = malloc(sizeof(*arrival));
    if (arrival == NULL) {
        close(fd);
        return;
    }
    arrival->message.run = arrive;
    arrival->fd = fd;
    inbox_post(&worker->inbox, &arrival->message);
}

static void unpark(struct conn *conn)
{
    if (!conn->parked)
        return;
    conn->parked = false;
    worker_ready(conn->worker, conn);
}

static void take_room(struct message *message, void *owner)
{
    struct worker *worker = owner;
    (void)message;
    atomic_store(&worker->room_posted, false);
    each_conn(worker, unpark);
}

void worker_room(struct worker *worker)
{
    if (!atomic_exchange(&worker->room_posted, true))
        inbox_post(&worker->inbox, &worker->room_message);
}

static void begin_stop(struct message *message, void *owner)
{
    struct worker *worker = owner;
    (void)message;
    worker->stopping = true;
    worker->stop_deadline = clock_ms() + worker->options->grace;
    each_conn(worker, conn_stop);
}

void worker_stop(struct worker *worker)
{
    inbox_post(&worker->inbox, &worker->stop_message);
}

/* Life --------------------------------------------------------------------- */

static bool init_loop(struct worker *worker)
{
    struct event_config *config = event_config_new();
    if (config == NULL)
        return false;
    /* One thread runs the loop and others only write to its eventfd, so it needs no locks. */
    event_config_set_flag(config, EVENT_BASE_FLAG_NOLOCK);
    worker->base = event_base_new_with_config(config);
    event_config_free(config);
    if (worker->base == NULL || !inbox_init(&worker->inbox, worker->base, worker))
        return false;
    worker->tick = event_new(worker->base, -1, EV_PERSIST, on_tick, worker);
    if (worker->tick != NULL && event_add(worker->tick, &tick_interval) == 0)
        return true;
    inbox_fini(&worker->inbox);
    return false;
}

static void release(struct worker *worker)
{
    if (worker->tick != NULL)
        event_free(worker->tick);
    if (worker->base != NULL)
        event_base_free(worker->base);
    request_fini(&worker->request);
    buffer_fini(&worker->output);
    free(worker->input);
    free(worker);
}

struct worker *worker_new(const struct worker_options *options, unsigned number)
{
    struct worker *worker = calloc(1, sizeof(*worker));
    if (worker == NULL)
        return NULL;
    worker->options = options;
    worker->ready_end = &worker->ready;
    worker->stop_message.run = begin_stop;
    worker->room_message.run = take_room;
    worker->input = malloc(WORKER_INPUT_SIZE);
    if (worker->input == NULL || !init_loop(worker)) {
        release(worker);
        return NULL;
    }
    if (pthread_create(&worker->thread, NULL, run, worker) != 0) {
        inbox_fini(&worker->inbox);
        release(worker);
        return NULL;
    }
    char name[16];
    snprintf(name, sizeof(name), "worker-%u", number % 1000);
    pthread_setname_np(worker->thread, name);
    return worker;
}

void worker_join(struct worker *worker)
{
    pthread_join(worker->thread, NULL);
}

void worker_free(struct worker *worker)
{
    inbox_fini(&worker->inbox);
    assert(worker->open == 0);
    release(worker);
}
