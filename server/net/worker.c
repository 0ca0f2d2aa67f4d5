#include "net/worker.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "net/admission.h"
#include "net/conn.h"
#include "ops/budget.h"
#include "ops/clock.h"
#include "ops/log.h"
#include "ops/thread.h"

/* How often time-outs are looked for: they are whole seconds. */
static const struct timeval tick_interval = {.tv_sec = 1};

struct worker {
    struct loop loop;
    unsigned number; /* for lists of threads */
    struct event *tick;
    pthread_t thread;
    worker_stopped_fn *stopped;
    void *arg;
    int64_t stop_deadline; /* clock_ms */
    struct message stop_message;
    struct message room_message;
    atomic_bool room_posted;
};

/* The thread --------------------------------------------------------------- */

static void each_conn(struct worker *worker, void (*visit)(struct conn *conn))
{
    for (struct conn *conn = worker->loop.conns; conn != NULL;) {
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

static bool is_over(struct worker *worker)
{
    if (!worker->loop.stopping)
        return false;
    if (worker->loop.open > 0 && clock_ms() >= worker->stop_deadline) {
        log_info("%zu connections did not finish in time and were closed", worker->loop.open);
        each_conn(worker, conn_abandon);
    }
    return worker->loop.open == 0;
}

static void *run(void *arg)
{
    struct worker *worker = arg;
    char name[16];
    snprintf(name, sizeof(name), "worker-%u", worker->number % 1000);
    thread_begin(name);
    /* One that pushed the peers of this machine aside at the first request would find only that
     * one, and pay a sleep and a wake-up for each. */
    thread_be_patient();
    while (!is_over(worker))
        loop_round(&worker->loop);
    inbox_close(&worker->loop.inbox);
    worker->stopped(worker->arg);
    return NULL;
}

/* Messages ----------------------------------------------------------------- */

struct arrival {
    struct message message;
    int fd;
    uint32_t seat;
    bool secure;
};

static void arrive(struct message *message, void *owner)
{
    struct arrival *arrival = (struct arrival *)message;
    struct worker *worker = owner;
    conn_open(&worker->loop, arrival->fd, arrival->seat, arrival->secure);
    free(arrival);
}

void worker_adopt(struct worker *worker, int fd, uint32_t seat, bool secure)
{
    struct arrival *arrival = malloc(sizeof(*arrival));
    if (arrival == NULL) {
        close(fd);
        admission_leave(worker->loop.options->admission, seat);
        return;
    }
    arrival->message.run = arrive;
    arrival->fd = fd;
    arrival->seat = seat;
    arrival->secure = secure;
    inbox_post(&worker->loop.inbox, &arrival->message);
}

static void take_room(struct message *message, void *owner)
{
    struct worker *worker = owner;
    (void)message;
    atomic_store(&worker->room_posted, false);
    each_conn(worker, conn_go_first);
    each_conn(worker, conn_unpark);
}

void worker_room(struct worker *worker)
{
    if (!atomic_exchange(&worker->room_posted, true))
        inbox_post(&worker->loop.inbox, &worker->room_message);
}

bool worker_offer(struct worker *worker, struct message *message)
{
    return inbox_offer(&worker->loop.inbox, message);
}

void worker_visit(struct worker *worker, struct census *census)
{
    for (struct conn *conn = worker->loop.conns; conn != NULL;) {
        struct conn *next = conn->next; /* the visit may close this one */
        conn_visit(conn, census);
        conn = next;
    }
}

size_t worker_heaviest(struct worker *worker)
{
    size_t heaviest = 0;
    for (struct conn *conn = worker->loop.conns; conn != NULL; conn = conn->next) {
        size_t bytes = conn_held(conn);
        if (bytes > heaviest)
            heaviest = bytes;
    }
    return heaviest;
}

size_t worker_cut(struct worker *worker, size_t least)
{
    size_t count = 0;
    for (struct conn *conn = worker->loop.conns; conn != NULL && budget_excess() > 0;) {
        struct conn *next = conn->next; /* cutting closes this one */
        if (conn_held(conn) >= least) {
            conn_cut_for_memory(conn);
            count++;
        }
        conn = next;
    }
    return count;
}

static void begin_stop(struct message *message, void *owner)
{
    struct worker *worker = owner;
    (void)message;
    worker->loop.stopping = true;
    worker->stop_deadline = clock_ms() + worker->loop.options->grace;
    each_conn(worker, conn_stop);
}

void worker_stop(struct worker *worker)
{
    inbox_post(&worker->loop.inbox, &worker->stop_message);
}

/* Life --------------------------------------------------------------------- */

static bool start(struct worker *worker)
{
    worker->tick = event_new(worker->loop.base, -1, EV_PERSIST, on_tick, worker);
    return worker->tick != NULL && event_add(worker->tick, &tick_interval) == 0 &&
           pthread_create(&worker->thread, NULL, run, worker) == 0;
}

struct worker *worker_new(const struct loop_options *options, unsigned number,
                          worker_stopped_fn *stopped, void *arg)
{
    struct worker *worker = calloc(1, sizeof(*worker));
    if (worker == NULL)
        return NULL;
    worker->number = number;
    worker->stopped = stopped;
    worker->arg = arg;
    worker->stop_message.run = begin_stop;
    worker->room_message.run = take_room;
    if (!loop_init(&worker->loop, options, worker)) {
        free(worker);
        return NULL;
    }
    if (start(worker))
        return worker;
    worker_free(worker);
    return NULL;
}

void worker_join(struct worker *worker)
{
    pthread_join(worker->thread, NULL);
}

void worker_free(struct worker *worker)
{
    if (worker->tick != NULL)
        event_free(worker->tick);
    loop_fini(&worker->loop);
    free(worker);
}
