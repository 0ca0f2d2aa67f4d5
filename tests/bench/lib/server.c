#include "tests/bench/lib/server.h"

#include <err.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/bench/lib/clock.h"
#include "tests/bench/lib/process.h"

/* Opening a directory replays its log; a full one takes about a second. */
#define START_SECONDS 30

#define MOST_ARGUMENTS 16

static pid_t run(const char *directory, const char *log, const char *const *options)
{
    char data[512];
    snprintf(data, sizeof(data), "%s/data", directory);
    const char *argv[MOST_ARGUMENTS] = {getenv("LEVERETD"), "--data", data, "--listen",
                                        "127.0.0.1:0"};
    if (!argv[0])
        errx(1, "LEVERETD must name the daemon's binary");
    for (size_t i = 5; i < MOST_ARGUMENTS - 1 && *options; i++)
        argv[i] = *options++;
    int fd = open(log, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0)
        err(1, "%s", log);
    pid_t pid = process_start(argv, -1, fd);
    close(fd);
    return pid;
}

/* The number behind the text; 0 when it is not there. */
static int number_behind(const char *line, const char *text)
{
    const char *found = strstr(line, text);
    return found ? atoi(found + strlen(text)) : 0;
}

/* Takes the ports from the ready line of the log: false when there is none yet. */
static bool read_ports(struct server *server, const char *log)
{
    FILE *file = fopen(log, "r");
    if (!file)
        return false;
    char line[512];
    server->port = 0;
    while (server->port == 0 && fgets(line, sizeof(line), file)) {
        if (!strstr(line, "ready") || !strchr(line, '\n'))
            continue;
        server->port = number_behind(line, "127.0.0.1:"); /* of the first address */
        server->tls_port = number_behind(line, "tls:127.0.0.1:");
    }
    fclose(file);
    return server->port > 0;
}

void server_start_with(struct server *server, const char *directory, const char *const *options)
{
    char log[512];
    snprintf(log, sizeof(log), "%s/leveretd.log", directory);
    unlink(log);
    server->pid = run(directory, log, options);
    double deadline = clock_now() + START_SECONDS;
    while (!read_ports(server, log)) {
        if (waitpid(server->pid, NULL, WNOHANG) != 0 || clock_now() > deadline)
            errx(1, "leveretd did not start; its log is %s", log);
        clock_pause(0.005);
    }
}

void server_start(struct server *server, const char *directory)
{
    server_start_with(server, directory, (const char *const[]){"--sync", "always", NULL});
}

const char *server_lazy_sync(void)
{
    static const char *found;
    char command[600];
    if (found)
        return found;
    snprintf(command, sizeof(command), "'%s' --sync 1 --version >/dev/null 2>&1",
             getenv("LEVERETD"));
    found = system(command) == 0 ? "1" : "never";
    return found;
}

void server_stop(struct server *server)
{
    int status;
    kill(server->pid, SIGTERM);
    if (waitpid(server->pid, &status, 0) != server->pid || status != 0)
        errx(1, "leveretd did not stop cleanly");
}

double server_memory(const struct server *server, const char *name)
{
    char path[64];
    snprintf(path, sizeof(path), "/proc/%d/status", (int)server->pid);
    FILE *file = fopen(path, "r");
    if (!file)
        err(1, "%s", path);
    size_t len = strlen(name);
    double kilobytes = -1;
    char line[256];
    while (kilobytes < 0 && fgets(line, sizeof(line), file)) {
        if (strncmp(line, name, len) == 0 && line[len] == ':')
            kilobytes = strtod(line + len + 1, NULL);
    }
    fclose(file);
    if (kilobytes < 0)
        errx(1, "%s shows no %s", path, name);
    return kilobytes * 1024;
}
