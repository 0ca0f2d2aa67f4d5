#include "tests/lib/daemon.h"

#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <criterion/criterion.h>

#include "tests/lib/channel.h"
#include "tests/lib/paths.h"
#include "tests/lib/process.h"
#include "tests/lib/scratch.h"

#define MOST_ARGUMENTS 40
#define MOST_VARIABLES 8

struct daemon {
    struct daemon *next; /* in `daemons` */
    char *directory;
    char *data;
    char *socket;
    char *certificate; /* and its key, when the tests run over TLS */
    char *key;
    char *variables[MOST_VARIABLES + 1]; /* NAME=VALUE */
    size_t variable_count;
    uid_t user;           /* 0: as the test itself */
    unsigned descriptors; /* 0: likewise */

    struct process process;
    int port; /* 0: none */
    int port6;
    char address[32];
    char secure[32]; /* where it listens with TLS, when the tests run over it */
};

/* The arguments of a process to be. */
struct arguments {
    const char *items[MOST_ARGUMENTS + 1];
    size_t count;
};

/* Those not freed yet. A failed assertion leaves a test early; what it started goes here. */
static struct daemon *daemons;

static void free_all(void)
{
    while (daemons != NULL)
        daemon_free(daemons);
}

static void list_add(struct daemon *daemon)
{
    static bool registered;
    if (!registered)
        atexit(free_all);
    registered = true;
    daemon->next = daemons;
    daemons = daemon;
}

static void list_remove(const struct daemon *daemon)
{
    struct daemon **at = &daemons;
    while (*at != daemon)
        at = &(*at)->next;
    *at = daemon->next;
}

struct daemon *daemon_new(void)
{
    struct daemon *daemon = calloc(1, sizeof(*daemon));
    cr_assert(daemon != NULL);
    daemon->directory = scratch_new();
    daemon->data = scratch_path(daemon->directory, "data");
    daemon->socket = scratch_path(daemon->directory, "socket");
    process_init(&daemon->process);
    list_add(daemon);
    return daemon;
}

void daemon_free(struct daemon *daemon)
{
    if (daemon == NULL)
        return;
    list_remove(daemon);
    process_fini(&daemon->process);
    for (size_t i = 0; i < daemon->variable_count; i++)
        free(daemon->variables[i]);
    scratch_remove(daemon->directory);
    free(daemon->data);
    free(daemon->socket);
    free(daemon->certificate);
    free(daemon->key);
    free(daemon);
}

const char *daemon_directory(const struct daemon *daemon)
{
    return daemon->directory;
}

const char *daemon_data(const struct daemon *daemon)
{
    return daemon->data;
}

const char *daemon_socket(const struct daemon *daemon)
{
    return daemon->socket;
}

void daemon_set_data(struct daemon *daemon, const char *path)
{
    free(daemon->data);
    daemon->data = strdup(path);
}

void daemon_set_environment(struct daemon *daemon, const char *name, const char *value)
{
    cr_assert(daemon->variable_count < MOST_VARIABLES);
    cr_assert(asprintf(&daemon->variables[daemon->variable_count++], "%s=%s", name, value) > 0);
}

void daemon_set_user(struct daemon *daemon, uid_t user)
{
    daemon->user = user;
}

void daemon_set_descriptors(struct daemon *daemon, unsigned count)
{
    daemon->descriptors = count;
}

static void add(struct arguments *arguments, const char *argument)
{
    cr_assert(arguments->count < MOST_ARGUMENTS);
    arguments->items[arguments->count++] = argument;
}

static void add_list(struct arguments *arguments, va_list list)
{
    const char *argument = NULL;
    while ((argument = va_arg(list, const char *)) != NULL)
        add(arguments, argument);
}

static bool has(const struct arguments *arguments, const char *name)
{
    for (size_t i = 0; i < arguments->count; i++)
        if (strcmp(arguments->items[i], name) == 0)
            return true;
    return false;
}

static bool listens(const struct arguments *arguments)
{
    return has(arguments, "--listen") || has(arguments, "--unix") || has(arguments, "--tls-listen");
}

/* The same process, but for the limit. */
static void spawn_limited(struct daemon *daemon, const struct arguments *arguments)
{
    char script[64];
    struct arguments wrapped = {0};
    snprintf(script, sizeof(script), "ulimit -n %u && exec \"$0\" \"$@\"", daemon->descriptors);
    add(&wrapped, "/bin/sh");
    add(&wrapped, "-c");
    add(&wrapped, script);
    for (size_t i = 0; i < arguments->count; i++)
        add(&wrapped, arguments->items[i]);
    process_start(&daemon->process, wrapped.items, daemon->variables, daemon->user);
}

static void spawn(struct daemon *daemon, const struct arguments *arguments)
{
    if (daemon->descriptors > 0)
        spawn_limited(daemon, arguments);
    else
        process_start(&daemon->process, arguments->items, daemon->variables, daemon->user);
}

/* Whether it is to listen where it did before. */
static bool has_fixed_port(const struct arguments *arguments)
{
    for (size_t i = 0; i + 1 < arguments->count; i++)
        if (strcmp(arguments->items[i], "--listen") == 0)
            return strcmp(arguments->items[i + 1], "127.0.0.1:0") != 0;
    return false;
}

/* Beside what it listens at anyway, when the tests run over TLS. */
static void listen_with_tls(struct daemon *daemon, struct arguments *arguments)
{
    const char *directory = channel_certificates();
    if (directory == NULL || has(arguments, "--tls-cert") || has(arguments, "--tls-key"))
        return;
    if (daemon->certificate == NULL) {
        daemon->certificate = scratch_path(directory, "cert.pem");
        daemon->key = scratch_path(directory, "key.pem");
    }
    add(arguments, "--tls-listen");
    add(arguments,
        has_fixed_port(arguments) && daemon->secure[0] != '\0' ? daemon->secure : "127.0.0.1:0");
    add(arguments, "--tls-cert");
    add(arguments, daemon->certificate);
    add(arguments, "--tls-key");
    add(arguments, daemon->key);
}

static void spawn_with_data(struct daemon *daemon, va_list list)
{
    struct arguments arguments = {0};
    add(&arguments, paths_daemon());
    add(&arguments, "--data");
    add(&arguments, daemon->data);
    add_list(&arguments, list);
    if (!listens(&arguments)) {
        add(&arguments, "--listen");
        add(&arguments, "127.0.0.1:0");
    }
    listen_with_tls(daemon, &arguments);
    spawn(daemon, &arguments);
}

const char *daemon_log(struct daemon *daemon)
{
    return process_err(&daemon->process);
}

const char *daemon_output(struct daemon *daemon)
{
    return process_out(&daemon->process);
}

void daemon_await_log(struct daemon *daemon, const char *text)
{
    process_await(&daemon->process, text);
}

/* The port behind `host:` in the ready line, or 0. */
static int port_behind(const char *line, const char *host)
{
    const char *found = strstr(line, host);
    const char *end = strchr(line, '\n');
    if (found == NULL || (end != NULL && found > end))
        return 0;
    return atoi(found + strlen(host));
}

static void await_ready(struct daemon *daemon)
{
    daemon_await_log(daemon, "ready");
    const char *line = strstr(daemon_log(daemon), "ready");
    while (strchr(line, '\n') == NULL) {
        daemon_await_log(daemon, "\n");
        line = strstr(daemon_log(daemon), "ready");
    }
    daemon->port = port_behind(line, "127.0.0.1:");
    daemon->port6 = port_behind(line, "[::1]:");
    int secure = port_behind(line, "tls:127.0.0.1:");
    cr_assert(daemon->certificate == NULL || secure != 0, "it listens nowhere with TLS: %s", line);
    if (daemon->certificate != NULL && daemon->port != 0)
        channel_note(daemon->port, secure);
    if (daemon->certificate != NULL)
        snprintf(daemon->secure, sizeof(daemon->secure), "127.0.0.1:%d", secure);
    snprintf(daemon->address, sizeof(daemon->address), "%s127.0.0.1:%d",
             secure == 0 ? "" : "tls:", secure == 0 ? daemon->port : secure);
}

void daemon_start(struct daemon *daemon, ...)
{
    va_list list;
    va_start(list, daemon);
    spawn_with_data(daemon, list);
    va_end(list);
    await_ready(daemon);
}

void daemon_spawn(struct daemon *daemon, ...)
{
    va_list list;
    va_start(list, daemon);
    spawn_with_data(daemon, list);
    va_end(list);
}

void daemon_spawn_bare(struct daemon *daemon, ...)
{
    struct arguments arguments = {0};
    add(&arguments, paths_daemon());
    va_list list;
    va_start(list, daemon);
    add_list(&arguments, list);
    va_end(list);
    spawn(daemon, &arguments);
}

struct daemon *daemon_run(void)
{
    struct daemon *daemon = daemon_new();
    daemon_start(daemon, NULL);
    return daemon;
}

int daemon_port(const struct daemon *daemon)
{
    return daemon->port;
}

int daemon_port6(const struct daemon *daemon)
{
    return daemon->port6;
}

const char *daemon_address(const struct daemon *daemon)
{
    return daemon->address;
}

struct wire *daemon_connect(const struct daemon *daemon)
{
    return wire_open_tcp("127.0.0.1", daemon->port);
}

pid_t daemon_pid(const struct daemon *daemon)
{
    return daemon->process.pid;
}

void daemon_signal(const struct daemon *daemon, int number)
{
    cr_assert(daemon->process.pid != 0 && kill(daemon->process.pid, number) == 0);
}

int daemon_wait(struct daemon *daemon)
{
    return process_wait(&daemon->process);
}

void daemon_stop(struct daemon *daemon)
{
    daemon_signal(daemon, SIGTERM);
    int status = daemon_wait(daemon);
    cr_assert(status == 0, "the daemon ended with %d; its log: %s", status, daemon_log(daemon));
}

void daemon_kill(struct daemon *daemon)
{
    process_kill(&daemon->process);
}

#ifdef __SANITIZE_ADDRESS__
static const bool memory_tells = false;
#else
static const bool memory_tells = true;
#endif

/* A figure of /proc/PID/status, such as "RssAnon:", in bytes. */
static size_t read_memory(const struct daemon *daemon, const char *name)
{
    if (!memory_tells)
        return 0;
    char path[64];
    snprintf(path, sizeof(path), "/proc/%d/status", daemon->process.pid);
    struct buffer text = scratch_read(path);
    buffer_append_byte(&text, '\0');
    size_t kilobytes = 0;
    const char *row = strstr(text.data, name);
    cr_assert(row != NULL && sscanf(row + strlen(name), "%zu", &kilobytes) == 1, "no %s in %s",
              name, path);
    buffer_fini(&text);
    return kilobytes * 1024;
}

size_t daemon_rss(const struct daemon *daemon)
{
    return read_memory(daemon, "RssAnon:");
}

size_t daemon_mapped(const struct daemon *daemon)
{
    return read_memory(daemon, "RssFile:");
}

uint64_t daemon_info(const struct daemon *daemon, const char *name)
{
    char row[64];
    int len = snprintf(row, sizeof(row), "\"%s\" \"", name);
    struct wire *wire = daemon_connect(daemon);
    wire_say(wire, "INFO\n");
    uint64_t number = 0;
    bool found = false;
    struct slice line = wire_line(wire);
    while (line.data[0] == '"' || line.data[0] == '#') {
        if (slice_has_prefix(line, slice_of(row, (size_t)len)))
            found = sscanf(line.data + len, "%" SCNu64, &number) == 1;
        line = wire_line(wire);
    }
    wire_close(wire);
    cr_assert(found, "INFO has no number named %s", name);
    return number;
}
