#include "server.h"

#include <errno.h>
#include <event2/event.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "commands/redis/cursor.h"
#include "descriptors.h"
#include "facts.h"
#include "net/door.h"
#include "net/hunt.h"
#include "net/listener.h"
#include "net/tour.h"
#include "net/worker.h"
#include "ops/allowed.h"
#include "ops/budget.h"
#include "ops/clock.h"
#include "ops/daemon.h"
#include "ops/log.h"
#include "ops/signals.h"
#include "protocol/number.h"
#include "setting.h"
#include "storage.h"

/* How long a stopping server finishes what it received before it closes the connections. */
#define GRACE_MS 5000

/* How long it may stop at all. Behind that it ends wherever it is: a disk that hangs would hold it
 * for ever, and whoever stops services kills what does not end, without a line in the log. */
#define STOP_MS 15000

struct server {
    const struct config *config;
    struct event_base *base;
    int signals; /* see signals.h; -1 before */
    struct event *signal_event;
    struct event *late_event;
    struct event *tick_event;
    struct inbox inbox;
    struct message all_stopped;
    struct store *store;
    struct scans *scans;
    struct cursors *cursors;
    struct facts facts;
    struct service service;
    struct loop_options loop_options;
    struct worker **workers;
    size_t worker_count;
    struct hunt hunt;         /* over all workers */
    atomic_size_t running;    /* workers whose loops have not ended */
    uint32_t max_connections; /* as they are in force */
    struct door *door;
    struct listener_owner owner; /* the door, to the listeners */
    struct listener *listeners;
    bool stopping;
    int64_t stop_deadline; /* clock_ms */
    bool given_up;         /* ends without waiting for what still runs */
};

/* News from below ---------------------------------------------------------- */

/* On the committer's thread. */
static void tell_room(void *arg)
{
    struct server *server = arg;
    for (size_t i = 0; i < server->worker_count; i++)
        worker_room(server->workers[i]);
}

/* On the worker of whoever asks; all workers are there before the first connection is. */
static bool take_census(void *arg, struct census *census)
{
    struct server *server = arg;
    return tour_start(server->workers, server->worker_count, census);
}

static void end_loop(struct message *message, void *owner)
{
    struct server *server = owner;
    (void)message;
    event_base_loopbreak(server->base);
}

/* On a worker's thread, as its last act. */
static void worker_stopped(void *arg)
{
    struct server *server = arg;
    if (atomic_fetch_sub(&server->running, 1) == 1)
        inbox_post(&server->inbox, &server->all_stopped);
}

/* Signals ------------------------------------------------------------------ */

static void give_up(struct server *server, const char *why)
{
    log_error("%s, so it ends at once; what was acknowledged is as safe as --sync makes it", why);
    server->given_up = true;
    event_base_loopbreak(server->base);
}

static void on_late(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    give_up(arg, "stopping takes too long");
}

static void begin_stop(struct server *server)
{
    server->stopping = true;
    server->stop_deadline = clock_ms() + STOP_MS;
    event_add(server->late_event, &(struct timeval){.tv_sec = STOP_MS / 1000});
    listener_close_all(server->listeners);
    server->listeners = NULL;
    store_begin_close(server->store);
    for (size_t i = 0; i < server->worker_count; i++)
        worker_stop(server->workers[i]);
}

static void on_signal(evutil_socket_t fd, short what, void *arg)
{
    struct server *server = arg;
    int number = 0;
    (void)what;
    while ((number = signals_take(fd)) != 0) {
        if (number == SIGHUP)
            log_reopen();
        else if (!server->stopping)
            begin_stop(server);
        else
            give_up(server, "a second signal came");
    }
}

static bool start_signals(struct server *server)
{
    signal(SIGPIPE, SIG_IGN);
    server->signals = signals_open();
    if (server->signals < 0)
        return false;
    server->signal_event =
        event_new(server->base, server->signals, EV_READ | EV_PERSIST, on_signal, server);
    server->late_event = event_new(server->base, -1, 0, on_late, server);
    return server->signal_event != NULL && server->late_event != NULL &&
           event_add(server->signal_event, NULL) == 0;
}

static void stop_signals(struct server *server)
{
    if (server->signal_event != NULL)
        event_free(server->signal_event);
    if (server->late_event != NULL)
        event_free(server->late_event);
    if (server->signals >= 0)
        close(server->signals);
}

/* The tick ------------------------------------------------------------------- */

static void on_tick(evutil_socket_t fd, short what, void *arg)
{
    struct server *server = arg;
    (void)fd;
    (void)what;
    store_tick(server->store);
}

static bool start_tick(struct server *server)
{
    server->tick_event = event_new(server->base, -1, EV_PERSIST, on_tick, server);
    return server->tick_event != NULL &&
           event_add(server->tick_event, &(struct timeval){.tv_sec = 1}) == 0;
}

/* Parts -------------------------------------------------------------------- */

/* A signal to stop does not wait for a long log to be read: as far as the data is concerned, a
 * start may end anywhere. */
static bool start_store(struct server *server)
{
    if (storage_open(server->config, server->signals, &server->store) == CHORE_DONE)
        return server->store != NULL;
    log_info("a signal came before the data was open");
    server->given_up = true;
    return false;
}

/* False when that was not waited for. */
static bool stop_store(struct server *server)
{
    if (server->store == NULL)
        return true;
    int64_t deadline = server->stopping ? server->stop_deadline : clock_ms() + STOP_MS;
    switch (storage_close(server->store, server->signals, deadline)) {
    case CHORE_DONE:
        return true;
    case CHORE_INTERRUPTED:
        give_up(server, "a second signal came");
        return false;
    case CHORE_LATE:
        break;
    }
    give_up(server, "stopping takes too long");
    return false;
}

/* Where Redis clients find the server; 0 when it is on Unix sockets only. */
static unsigned first_port(const struct server *server)
{
    for (struct listener *at = server->listeners; at != NULL; at = listener_next(at)) {
        const char *address = listener_address(at);
        const char *colon = strrchr(address, ':');
        uint64_t port = 0;
        bool tcp = strncmp(address, "unix:", 5) != 0;
        if (tcp && colon != NULL && number_read(slice_from_string(colon + 1), UINT16_MAX, &port))
            return (unsigned)port;
    }
    return 0;
}

/* A reply larger than all that may be held would only close its connection. */
static void set_limits(const struct config *config)
{
    allowed = (struct limits){
        .line = config->max_line,
        .value = config->max_value,
        .arguments = config->max_arguments,
        .batch = config->max_batch,
        .output =
            config->max_output < config->max_buffered ? config->max_output : config->max_buffered,
    };
}

static bool fail_without_memory(void)
{
    log_error("cannot start: there is no memory");
    return false;
}

static bool start_workers(struct server *server)
{
    const struct config *config = server->config;
    set_limits(config);
    server->scans = scans_new(config->max_scans);
    server->cursors = cursors_new();
    if (server->scans == NULL || server->cursors == NULL)
        return fail_without_memory();
    facts_init(&server->facts, config, server->store, server->scans, first_port(server),
               server->max_connections);
    server->service = (struct service){
        .store = server->store,
        .scans = server->scans,
        .cursors = server->cursors,
        .allow_flush = config->allow_flush,
        .tell = facts_tell,
        .sections = facts_sections,
        .tell_redis = facts_tell_redis,
        .tell_settings = facts_tell_settings,
        .facts = &server->facts,
        .take_census = take_census,
        .server = server,
    };
    server->loop_options = (struct loop_options){
        .service = &server->service,
        .admission = door_admission(server->door),
        .request_timeout = (int64_t)config->request_timeout * 1000,
        .stall_timeout = (int64_t)config->stall_timeout * 1000,
        .scan_timeout = (int64_t)config->scan_timeout * 1000,
        .idle_timeout = (int64_t)config->idle_timeout * 1000,
        .turn_requests = config->turn_requests,
        .grace = GRACE_MS,
    };
    server->workers = calloc(config->workers, sizeof(struct worker *));
    if (server->workers == NULL)
        return fail_without_memory();
    while (server->worker_count < config->workers) {
        struct worker *worker = worker_new(&server->loop_options, (unsigned)server->worker_count,
                                           worker_stopped, server);
        if (worker == NULL) {
            log_error("cannot start worker %zu", server->worker_count);
            return false;
        }
        server->workers[server->worker_count++] = worker;
        atomic_fetch_add(&server->running, 1);
    }
    door_staff(server->door, server->workers, server->worker_count);
    hunt_init(&server->hunt, server->workers, server->worker_count);
    budget_open(config->max_buffered, hunt_begin, &server->hunt);
    store_on_room(server->store, tell_room, server);
    return true;
}

/* True when peers of other machines are refused. Where peers can say who they are nobody would have
 * to be, but there is no authentication to configure. */
static bool is_protected(const struct config *config)
{
    return config->protected_mode;
}

static bool start_door(struct server *server)
{
    const struct config *config = server->config;
    struct door_options options = {
        .admission = {.most = server->max_connections,
                      .most_per_address = (uint32_t)config->max_connections_per_address,
                      .local_only = is_protected(config)},
        .stall_timeout = (int64_t)config->stall_timeout * 1000,
    };
    server->door = door_new(&options, server->base);
    server->owner = (struct listener_owner){door_take, door_turn_away, server->door};
    return server->door != NULL;
}

static bool start_listeners(struct server *server)
{
    const struct config *config = server->config;
    struct listener_error error;
    bool opened = true;
    /* Each goes before those already there, so the last comes first. */
    for (size_t i = config->local.count; opened && i-- > 0;)
        opened = listener_open_unix(&server->listeners, config->local.items[i], server->base,
                                    &server->owner, &error);
    for (size_t i = config->listen.count; opened && i-- > 0;)
        opened = listener_open_tcp(&server->listeners, config->listen.items[i], server->base,
                                   &server->owner, &error);
    if (!opened)
        log_error("%s", error.text);
    return opened;
}

static bool start_loop(struct server *server)
{
    server->base = event_base_new();
    if (server->base == NULL || !inbox_init(&server->inbox, server->base, server))
        return false;
    server->all_stopped.run = end_loop;
    return start_signals(server) && start_tick(server);
}

static bool start_pidfile(const struct config *config)
{
    if (config->pidfile == NULL || daemon_write_pidfile(config->pidfile))
        return true;
    log_error("cannot write the pid file %s: %s", config->pidfile,
              errno == EWOULDBLOCK ? "another process holds it" : strerror(errno));
    return false;
}

/* Start and stop ------------------------------------------------------------ */

static void log_start(const struct config *config)
{
    char sync[SETTING_SYNC_TEXT];
    log_info("leveretd " LEVERET_VERSION " starting: data %s, sync %s, %llu workers", config->data,
             setting_sync_text(config->sync, sync), (unsigned long long)config->workers);
}

/* What is in memory when the first write is refused becomes two tables. */
static void check_min_free(const struct config *config)
{
    if (config->min_free != 0 && config->min_free / 2 < config->write_buffer)
        log_info("--min-free %llu KiB is less than two --write-buffer of %llu KiB: on a full disk "
                 "the store may become read-only, also to deletions, until there is space",
                 (unsigned long long)config->min_free / 1024,
                 (unsigned long long)config->write_buffer / 1024);
}

static bool start(struct server *server)
{
    const struct config *config = server->config;
    log_start(config);
    check_min_free(config);
    server->max_connections = descriptors_for_connections(config);
    if (server->max_connections == 0)
        return false;
    if (!start_loop(server) || !start_door(server)) {
        log_error("cannot start the event loop: %s", strerror(errno));
        return false;
    }
    /* A listener accepts only when the loop runs, so it can come before those who serve; then a
     * wrong address leaves the data untouched. */
    return start_pidfile(config) && start_listeners(server) && start_store(server) &&
           start_workers(server);
}

static void log_ready(const struct server *server)
{
    struct buffer text = {0};
    for (struct listener *at = server->listeners; at != NULL; at = listener_next(at)) {
        buffer_append_byte(&text, ' ');
        buffer_append_string(&text, listener_address(at));
    }
    log_info("ready on%.*s", (int)text.len, text.data);
    buffer_fini(&text);
}

/* Ends the workers of a server that never served. */
static void end_workers(struct server *server)
{
    if (server->stopping || server->worker_count == 0)
        return;
    for (size_t i = 0; i < server->worker_count; i++)
        worker_stop(server->workers[i]);
}

static void release(struct server *server)
{
    for (size_t i = 0; i < server->worker_count; i++)
        worker_free(server->workers[i]);
    free(server->workers);
    door_free(server->door);
    cursors_free(server->cursors);
    scans_free(server->scans);
    if (server->inbox.wake_event != NULL)
        inbox_fini(&server->inbox);
    if (server->tick_event != NULL)
        event_free(server->tick_event);
    stop_signals(server);
    if (server->base != NULL)
        event_base_free(server->base);
}

/* Leaves everything where it is when it was given up, or is now: threads still run. */
static void stop(struct server *server)
{
    listener_close_all(server->listeners);
    if (!server->given_up) {
        end_workers(server);
        for (size_t i = 0; i < server->worker_count; i++)
            worker_join(server->workers[i]);
        if (stop_store(server))
            release(server);
    }
    daemon_remove_pidfile();
}

enum server_result server_run(const struct config *config)
{
    static struct server server; /* threads that are not waited for still look at it */
    server = (struct server){.config = config, .signals = -1};
    bool started = start(&server);
    if (started) {
        if (config->daemonize && config->log == NULL)
            log_open_syslog();
        log_ready(&server);
        log_settle();
        daemon_ready();
        event_base_dispatch(server.base);
    }
    stop(&server);
    if (server.given_up)
        return server.store == NULL ? SERVER_INTERRUPTED : SERVER_FORCED;
    if (!started)
        return SERVER_FAILED;
    log_info("stopped");
    return SERVER_STOPPED;
}
