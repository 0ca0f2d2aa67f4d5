#include "tests/bench/lib/redis.h"

#include <arpa/inet.h>
#include <err.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/bench/lib/clock.h"
#include "tests/bench/lib/process.h"

#define START_SECONDS 30

/* Redis takes no port 0. One that was free a moment ago is as good as certain to be free still. */
static int free_port(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof(address);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) != 0 ||
        getsockname(fd, (struct sockaddr *)&address, &size) != 0)
        err(1, "no free port");
    close(fd);
    return ntohs(address.sin_port);
}

static bool answers(int port)
{
    char reply[7];
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    /* While nobody listens there, the kernel may connect the socket to itself. */
    struct timeval patience = {.tv_sec = 1};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    bool answered = connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0 &&
                    send(fd, "PING\r\n", 6, MSG_NOSIGNAL) == 6 &&
                    recv(fd, reply, sizeof(reply), MSG_WAITALL) == sizeof(reply) &&
                    memcmp(reply, "+PONG\r\n", sizeof(reply)) == 0;
    close(fd);
    return answered;
}

static pid_t run(const char *directory, int number, enum redis_keeping keeping)
{
    char port[16];
    snprintf(port, sizeof(port), "%d", number);
    const char *argv[] = {
        getenv("REDIS_SERVER"),
        /* clang-format off */
        "--bind", "127.0.0.1", "--port", port, "--dir", directory, "--loglevel", "warning",
        "--save", "", "--appendonly", keeping == REDIS_ON_DISK ? "yes" : "no",
        "--appendfsync", "always", "--auto-aof-rewrite-percentage", "0", NULL,
        /* clang-format on */
    };
    if (!argv[0])
        errx(1, "REDIS_SERVER must name the binary of Redis's server");
    return process_start(argv, -1, -1);
}

void redis_start(struct redis *redis, const char *directory, enum redis_keeping keeping)
{
    if (mkdir(directory, 0700) != 0)
        err(1, "%s", directory);
    redis->port = free_port();
    redis->pid = run(directory, redis->port, keeping);
    double deadline = clock_now() + START_SECONDS;
    while (!answers(redis->port)) {
        if (waitpid(redis->pid, NULL, WNOHANG) != 0 || clock_now() > deadline)
            errx(1, "Redis did not start in %s", directory);
        clock_pause(0.01);
    }
}

void redis_stop(struct redis *redis)
{
    process_end(redis->pid);
}
