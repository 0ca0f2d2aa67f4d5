/*
 * Sockets that whoever starts the daemon opens for it, by systemd's own systemd-socket-activate.
 */
#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/lib/daemon.h"
#include "tests/lib/paths.h"
#include "tests/lib/process.h"
#include "tests/lib/scratch.h"
#include "tests/lib/shell.h"

#define ACTIVATE "/usr/bin/systemd-socket-activate"

static char *scratch;
static char *data;
static char *path; /* of a Unix socket */
static char port_text[16];
static int port;
static struct process process;

/* A port that nobody has, or had lately. */
static int find_port(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}};
    socklen_t len = sizeof(address);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    cr_assert(fd >= 0 && bind(fd, (struct sockaddr *)&address, len) == 0 &&
              getsockname(fd, (struct sockaddr *)&address, &len) == 0);
    close(fd);
    return ntohs(address.sin_port);
}

static void prepare(void)
{
#ifndef LEVERET_SYSTEMD
    cr_skip_test("this build knows no systemd");
#endif
    if (access(ACTIVATE, X_OK) != 0)
        cr_skip_test("there is no " ACTIVATE);
    scratch = scratch_new();
    data = scratch_path(scratch, "data");
    path = scratch_path(scratch, "socket");
    port = find_port();
    snprintf(port_text, sizeof(port_text), "127.0.0.1:%d", port);
    process_init(&process);
}

static void stop(void)
{
    if (scratch == NULL)
        return;
    process_fini(&process);
    scratch_remove(scratch);
    free(data);
    free(path);
}

TestSuite(activation, .init = prepare, .fini = stop, .timeout = 60);

/* Starts what opens the sockets; the daemon starts when the first connection comes. */
static void activate(const char *const *argv)
{
    static char *none[] = {NULL};
    process_start(&process, argv, none, 0);
    process_await(&process, port_text);
    process_await(&process, path);
}

static void end(void)
{
    cr_assert(kill(process.pid, SIGTERM) == 0);
    cr_assert_eq(process_wait(&process), 0, "%s", process_err(&process));
}

Test(activation, serves_tcp_and_unix_sockets_in_place_of_its_own)
{
    char ready[256];
    activate((const char *[]){ACTIVATE, "-l", port_text, "-l", path, paths_daemon(), "--data", data,
                              NULL});
    struct wire *local = wire_open_unix(path);
    wire_ask(local, "PUT a 1\n", "OK\n");
    struct wire *tcp = wire_open_tcp("127.0.0.1", port);
    wire_ask(tcp, "GET a\n", "OK \"1\"\n");
    snprintf(ready, sizeof(ready), "ready on %s unix:%s\n", port_text, path);
    process_await(&process, ready);
    wire_close(local);
    wire_close(tcp);
    end();
    cr_assert(access(path, F_OK) == 0, "the socket belongs to who opened it, and stays");
}

Test(activation, serves_the_addresses_it_was_told_besides)
{
    char *own = scratch_path(scratch, "own");
    activate((const char *[]){ACTIVATE, "-l", port_text, "-l", path, paths_daemon(), "--data", data,
                              "--unix", own, NULL});
    struct wire *local = wire_open_unix(path);
    wire_ask(local, "PUT a 1\n", "OK\n");
    struct wire *other = wire_open_unix(own);
    wire_ask(other, "GET a\n", "OK \"1\"\n");
    wire_close(local);
    wire_close(other);
    end();
    cr_assert(access(own, F_OK) != 0, "its own socket is left behind");
    free(own);
}

/* A certificate is named, and no address of --tls-listen. */
Test(activation, serves_tls_on_a_socket_of_that_name)
{
    char *cert = scratch_path(scratch, "cert.pem");
    char *key = scratch_path(scratch, "key.pem");
    shell_expect(0, NULL,
                 "umask 077 && openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 "
                 "-nodes -days 2 -subj /CN=hare -keyout %s -out %s",
                 key, cert);
    activate((const char *[]){ACTIVATE, "--fdname=tls:plain", "-l", port_text, "-l", path,
                              paths_daemon(), "--data", data, "--tls-cert", cert, "--tls-key", key,
                              NULL});
    shell_expect(0, "OK \"PONG\"\nOK\n",
                 "printf 'PING\\nQUIT\\n' | timeout 20 openssl s_client -quiet -verify_quiet "
                 "-connect %s 2>/dev/null",
                 port_text);
    end();
    free(cert);
    free(key);
}

static void expect_refusal(const char *reason)
{
    process_await(&process, reason);
    cr_assert_eq(process_wait(&process), 1, "%s", process_err(&process));
    cr_assert(access(data, F_OK) != 0, "the directory was made");
}

/* One line, and the data is not touched. */
Test(activation, refuses_sockets_that_nobody_can_connect_to)
{
    activate((const char *[]){ACTIVATE, "-d", "-l", path, "-l", port_text, paths_daemon(), "--data",
                              data, NULL});
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    strcpy(address.sun_path, path);
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    cr_assert(sendto(fd, "PING\n", 5, 0, (struct sockaddr *)&address, sizeof(address)) == 5);
    close(fd);
    expect_refusal("it is no listening stream socket of TCP or Unix");
}

Test(activation, refuses_a_socket_for_tls_without_a_certificate)
{
    activate((const char *[]){ACTIVATE, "--fdname=tls:plain", "-l", port_text, "-l", path,
                              paths_daemon(), "--data", data, NULL});
    wire_close(wire_open_tcp("127.0.0.1", port));
    expect_refusal("a socket named tls was passed, which needs --tls-cert and --tls-key\n");
}
