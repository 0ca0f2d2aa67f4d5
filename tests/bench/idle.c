/*
 * A connection that has said something and now says nothing should cost the daemon no more than
 * the record that it exists.
 */
#include "tests/bench/bench.h"

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/bench/lib/client.h"
#include "tests/bench/lib/results.h"
#include "tests/bench/lib/server.h"
#include "tests/bench/lib/table.h"

#define ROUNDS 6
#define CONNECTIONS 10000
#define SPARE_DESCRIPTORS 200

/* How often a client of the warm-up comes, writes and goes before the first look at the memory. */
#define WARM_UP 200

/* For this process and, inherited, for the daemon. */
static void raise_descriptors(void)
{
    struct rlimit limit = {CONNECTIONS + SPARE_DESCRIPTORS, CONNECTIONS + SPARE_DESCRIPTORS};
    struct rlimit now;
    if (getrlimit(RLIMIT_NOFILE, &now) != 0)
        err(1, "getrlimit");
    if (now.rlim_cur >= limit.rlim_cur)
        return;
    if (now.rlim_max > limit.rlim_max)
        limit.rlim_max = now.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
        err(1, "cannot have %d open files", CONNECTIONS + SPARE_DESCRIPTORS);
}

static void say(int fd, const char *request)
{
    ssize_t len = (ssize_t)strlen(request);
    if (send(fd, request, (size_t)len, MSG_NOSIGNAL) != len)
        err(1, "send");
}

static void hear(int fd, const char *expected)
{
    char reply[64];
    size_t len = strlen(expected);
    ssize_t got = recv(fd, reply, len, MSG_WAITALL);
    if (got != (ssize_t)len || memcmp(reply, expected, len) != 0)
        errx(1, "expected %s", expected);
}

/* Each connection says one PING and one PUT. All PUTs wait at once, or 10,000 fdatasyncs would
 * follow one another. */
static void greet(const int *fds, int count)
{
    for (int i = 0; i < count; i++) {
        say(fds[i], "PING\n");
        hear(fds[i], "OK \"PONG\"\n");
    }
    for (int i = 0; i < count; i++)
        say(fds[i], "PUT k v\n");
    for (int i = 0; i < count; i++)
        hear(fds[i], "OK\n");
}

static void warm_up(int port)
{
    for (int i = 0; i < WARM_UP; i++) {
        int fd = client_socket(port);
        greet(&fd, 1);
        close(fd);
    }
}

/* The bytes that each connection costs a daemon that was just started. */
static double measure_round(const char *directory)
{
    static int fds[CONNECTIONS];
    struct server server;
    server_start(&server, directory);
    warm_up(server.port);
    double before = server_memory(&server, "VmRSS");
    for (int i = 0; i < CONNECTIONS; i++)
        fds[i] = client_socket(server.port);
    greet(fds, CONNECTIONS);
    double after = server_memory(&server, "VmRSS");
    for (int i = 0; i < CONNECTIONS; i++)
        close(fds[i]);
    server_stop(&server);
    return (after - before) / CONNECTIONS;
}

void idle_measure(const char *directory)
{
    struct samples bytes = {0};
    raise_descriptors();
    table_title("idle: the daemon's memory for connections that do nothing",
                "10,000 connections, each after one PING and one PUT; VmRSS before and after, "
                "in 6 daemons");
    for (int round = 0; round < ROUNDS; round++)
        samples_add(&bytes, measure_round(directory));
    results_add_alone("memory of an idle connection", RESULT_AT_MOST, 1024, "bytes", &bytes);
    samples_fini(&bytes);
}
