#include "tests/interop/reference.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "protocol/limits.h"
#include "protocol/redis.h"
#include "tests/lib/process.h"
#include "tests/lib/scratch.h"

/* Debian's redis-tools bring the server under the name of its checker: the name that it is run by
 * decides what it is. The package redis-server would add a service, which nobody asked for. */
#define PROGRAM "/usr/bin/redis-check-rdb"

struct reference {
    struct process process;
    char *program; /* PROGRAM by the right name */
    char *config;
    char *socket;
    const char *directory; /* borrowed */
};

/* Runs it with these settings besides those that every one has. */
static void start(struct reference *reference, const struct buffer *more)
{
    char *none[] = {NULL};
    const char *argv[] = {reference->program, reference->config, NULL};
    char *settings = NULL;
    cr_assert(asprintf(&settings,
                       "port 0\n"
                       "unixsocket %s\n"
                       "dir %s\n"
                       "logfile /dev/stderr\n"
                       "save \"\"\n" /* nothing on disk */
                       "databases 1\n"
                       "proto-max-bulk-len %zu\n"
                       "%.*s",
                       reference->socket, reference->directory, LIMIT_VALUE, (int)more->len,
                       more->data) > 0);
    scratch_write(reference->config, slice_from_string(settings));
    free(settings);
    process_start(&reference->process, argv, none, 0);
    process_await(&reference->process, "ready to accept connections");
}

/* A line `*12` or `$3`: the number. */
static size_t number_in(struct slice line)
{
    return strtoul(line.data + 1, NULL, 10);
}

/* Appends to the configuration what takes away the commands that leveretd does not have. */
static void forget_commands(struct wire *wire, struct buffer *config)
{
    wire_say(wire, "*2\r\n$7\r\nCOMMAND\r\n$4\r\nLIST\r\n");
    size_t count = number_in(wire_line(wire));
    cr_assert(count > 200, "redis-server knows %zu commands", count);
    for (size_t i = 0; i < count; i++) {
        size_t len = number_in(wire_line(wire));
        struct slice name = slice_of(wire_line(wire).data, len);
        if (redis_find(name) != NULL || memchr(name.data, '|', name.len) != NULL)
            continue;
        buffer_append_string(config, "rename-command ");
        buffer_append_slice(config, name);
        buffer_append_string(config, " \"\"\n");
    }
}

struct reference *reference_run(const char *directory)
{
    struct reference *reference = calloc(1, sizeof(*reference));
    struct buffer config = {0};
    cr_assert(reference != NULL);
    reference->directory = directory;
    reference->program = scratch_path(directory, "redis-server");
    reference->config = scratch_path(directory, "redis.conf");
    reference->socket = scratch_path(directory, "redis.socket");
    process_init(&reference->process);
    cr_assert(symlink(PROGRAM, reference->program) == 0);
    start(reference, &config);
    struct wire *wire = reference_connect(reference);
    forget_commands(wire, &config);
    wire_close(wire);
    process_kill(&reference->process);
    start(reference, &config);
    buffer_fini(&config);
    return reference;
}

void reference_free(struct reference *reference)
{
    if (reference == NULL)
        return;
    process_fini(&reference->process);
    free(reference->program);
    free(reference->config);
    free(reference->socket);
    free(reference);
}

struct wire *reference_connect(const struct reference *reference)
{
    return wire_open_unix(reference->socket);
}
