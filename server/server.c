#include "server.h"

#include <errno.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "addresses.h"
#include "commands/redis/cursor.h"
#include "current.h"
#include "descriptors.h"
#include "ending.h"
#include "facts.h"
#include "http.h"
#include "net/crew.h"
#include "net/door.h"
#include "ops/allowed.h"
#include "ops/auth.h"
#include "ops/budget.h"
#include "ops/daemon.h"
#include "ops/log.h"
#include "ops/notify.h"
#include "ops/privileges.h"
#include "reload.h"
#include "setting.h"
#include "storage.h"
#include "watchdog.h"

/* How long a stopping server finishes what it received before it closes the connections. */
#define GRACE_MS 5000

struct server {
    const struct config *config;
    struct event_base *base;
    struct ending ending;
    struct event *tick_event;
    struct inbox inbox;
    struct message all_stopped;
    struct store *store;
    struct scans *scans;
    struct cursors *cursors;
    struct facts facts;
    struct service service;
    struct loop_options loop_options;
    struct crew *crew;
    struct watchdog *watchdog; /* NULL: not wanted */
    struct door *door;
    struct listener_owner owner;        /* the door, to the listeners */
    struct listener_owner secure_owner; /* to those that speak TLS */
    struct listener *listeners;
    struct pages pages;
    struct http *http; /* NULL: not wanted */
};

/* News from below ---------------------------------------------------------- */

/* On the worker of whoever asks; all workers are there before the first connection is. */
static bool take_census(void *arg, struct census *census)
{
    struct server *server = arg;
    return crew_take_census(server->crew, census);
}

static void end_loop(struct message *message, void *owner)
{
    struct server *server = owner;
    (void)message;
    event_base_loopbreak(server->base);
}

/* On a worker's thread. */
static void crew_ended(void *arg)
{
    struct server *server = arg;
    inbox_post(&server->inbox, &server->all_stopped);
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
    if (storage_open(server->config, server->ending.signals, &server->store) == CHORE_DONE)
        return server->store != NULL;
    log_info("a signal came before the data was open");
    server->ending.given_up = true;
    return false;
}

/* False when that was not waited for. */
static bool stop_store(struct server *server)
{
    if (server->store == NULL)
        return true;
    switch (
        storage_close(server->store, server->ending.signals, ending_deadline(&server->ending))) {
    case CHORE_DONE:
        return true;
    case CHORE_INTERRUPTED:
        ending_interrupt(&server->ending);
        return false;
    case CHORE_LATE:
        break;
    }
    ending_expire(&server->ending);
    return false;
}

static bool fail_without_memory(void)
{
    log_error("cannot start: there is no memory");
    return false;
}

/* What handlers are given. */
static void make_service(struct server *server)
{
    const struct config *config = server->config;
    facts_init(&server->facts, config, server->store, server->scans,
               addresses_port(server->listeners));
    server->service = (struct service){
        .store = server->store,
        .scans = server->scans,
        .cursors = server->cursors,
        .tell = facts_tell,
        .sections = facts_sections,
        .tell_redis = facts_tell_redis,
        .tell_settings = facts_tell_settings,
        .facts = &server->facts,
        .take_census = take_census,
        .server = server,
    };
}

static void make_loop_options(struct server *server)
{
    server->loop_options = (struct loop_options){
        .service = &server->service,
        .admission = door_admission(server->door),
        .grace = GRACE_MS,
    };
}

static bool start_crew(struct server *server)
{
    if (!auth_start()) {
        log_error("cannot start the threads that verify passwords");
        return false;
    }
    const struct config *config = server->config;
    server->scans = scans_new();
    server->cursors = cursors_new();
    if (server->scans == NULL || server->cursors == NULL)
        return fail_without_memory();
    make_service(server);
    make_loop_options(server);
    server->crew = crew_new(&server->loop_options, config->workers, crew_ended, server);
    if (server->crew == NULL)
        return false;
    door_staff(server->door, server->crew);
    budget_open(crew_hunt, server->crew);
    store_on_room(server->store, crew_room, server->crew);
    return true;
}

static bool start_door(struct server *server)
{
    struct admission_options options =
        config_admission(server->config, (uint32_t)allowed.connections);
    server->door = door_new(&options, server->base);
    server->owner = (struct listener_owner){NULL, door_take, door_turn_away, server->door};
    server->secure_owner = (struct listener_owner){ADDRESSES_TLS, door_take_secure,
                                                   door_turn_away_secure, server->door};
    return server->door != NULL;
}

/* What was asked before is answered; nobody is let in any more. */
static void begin_stop(void *arg)
{
    struct server *server = arg;
    notify_stopping();
    pages_stop(&server->pages);
    listener_close_all(server->listeners);
    server->listeners = NULL;
    auth_stop(); /* nobody waits for a wrong password any more */
    store_begin_close(server->store);
    crew_stop(server->crew);
}

static void reload(void *arg)
{
    struct server *server = arg;
    reload_run(server->door);
}

static bool start_loop(struct server *server)
{
    struct ending_orders orders = {begin_stop, reload, server};
    server->base = event_base_new();
    if (server->base == NULL || !inbox_init(&server->inbox, server->base, server))
        return false;
    server->all_stopped.run = end_loop;
    return ending_init(&server->ending, server->base, &orders) && start_tick(server);
}

/* Who listens, logs and has the pid file is still root. Before the data is touched, so that all of
 * it is the user's. */
static bool become_user(const struct config *config)
{
    struct privileges user;
    struct privileges_error error;
    if (config->user == NULL)
        return true;
    bool found = privileges_find(config->user, &user, &error);
    for (size_t i = 0; found && i < config->local.count; i++)
        privileges_give(&user, config->local.items[i]);
    if (found && config->create_if_missing)
        privileges_make_directory(&user, config->data);
    bool became = found && privileges_drop(&user, &error);
    if (!became)
        log_error("%s", error.text);
    return became;
}

static bool check_user(const struct config *config)
{
    struct privileges user;
    struct privileges_error error;
    if (config->user == NULL || privileges_find(config->user, &user, &error))
        return true;
    log_error("%s", error.text);
    return false;
}

static bool start_pidfile(const struct config *config)
{
    if (config->pidfile == NULL || daemon_write_pidfile(config->pidfile))
        return true;
    const char *problem = errno == EWOULDBLOCK ? "another process holds it"
                          : errno == EEXIST    ? "it is no pid file"
                                               : strerror(errno);
    log_error("cannot write the pid file %s: %s", config->pidfile, problem);
    return false;
}

/* Says that it starts until pages_serve. */
static bool start_http(struct server *server)
{
    if (server->config->metrics == NULL)
        return true;
    server->http = http_start(server->config->metrics, &server->pages);
    return server->http != NULL;
}

/* False when a page looks at what the disk does not tell, and that was not waited for. */
static bool stop_pages(struct server *server)
{
    pages_stop(&server->pages);
    if (pages_settle(&server->pages, ending_deadline(&server->ending)))
        return true;
    ending_expire(&server->ending);
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
    current_begin(config);
    config_allow(config);
    log_start(config);
    check_min_free(config);
    allowed.connections = descriptors_for_connections(config);
    if (allowed.connections == 0)
        return false;
    if (!start_loop(server) || !start_door(server)) {
        log_error("cannot start the event loop: %s", strerror(errno));
        return false;
    }
    /* A listener accepts only when the loop runs, so it can come before those who serve; then a
     * wrong address leaves the data untouched. */
    return check_user(config) && start_pidfile(config) &&
           addresses_open(config, server->base, &server->owner, &server->secure_owner,
                          &server->listeners) &&
           start_http(server) && become_user(config) && start_store(server) && start_crew(server);
}

static void release(struct server *server)
{
    http_stop(server->http);
    watchdog_free(server->watchdog);
    crew_free(server->crew);
    door_free(server->door);
    cursors_free(server->cursors);
    scans_free(server->scans);
    if (server->inbox.wake_event != NULL)
        inbox_fini(&server->inbox);
    if (server->tick_event != NULL)
        event_free(server->tick_event);
    ending_fini(&server->ending);
    if (server->base != NULL)
        event_base_free(server->base);
}

/* Leaves everything where it is when it was given up, or is now: threads still run. */
static void stop(struct server *server)
{
    listener_close_all(server->listeners);
    if (!server->ending.given_up) {
        if (server->crew != NULL && !server->ending.begun) /* the event loop failed by itself */
            crew_stop(server->crew);
        if (server->crew != NULL)
            crew_join(server->crew);
        if (stop_pages(server) && stop_store(server))
            release(server);
    }
    daemon_remove_pidfile();
}

enum server_result server_run(const struct config *config)
{
    static struct server server; /* threads that are not waited for still look at it */
    server = (struct server){.config = config, .ending = {.signals = -1}};
    pages_init(&server.pages);
    bool started = start(&server);
    if (started) {
        if (config->daemonize && config->log == NULL)
            log_open_syslog();
        pages_serve(&server.pages, &server.facts);
        server.watchdog = watchdog_start(server.base, server.crew, server.store);
        addresses_announce(server.listeners);
        log_settle();
        daemon_ready();
        event_base_dispatch(server.base);
    }
    stop(&server);
    if (server.ending.given_up)
        return server.store == NULL ? SERVER_INTERRUPTED : SERVER_FORCED;
    if (!started)
        return SERVER_FAILED;
    log_info("stopped");
    return SERVER_STOPPED;
}
