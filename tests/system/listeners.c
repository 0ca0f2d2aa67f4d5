/*
 * Where the daemon can be reached, and what it says when an address cannot be had.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/lib/daemon.h"
#include "tests/lib/report.h"
#include "tests/lib/scratch.h"

static struct daemon *server;

static void prepare(void)
{
    server = daemon_new();
}

static void stop(void)
{
    daemon_free(server);
}

TestSuite(listeners, .init = prepare, .fini = stop, .timeout = 60);

/* A start that must fail with one error line that contains the text. */
static void expect_failure(const char *text)
{
    int status = daemon_wait(server);
    cr_assert(status == 1, "exit status %d; its log: %s", status, daemon_log(server));
    cr_assert(strstr(daemon_log(server), text) != NULL, "no `%s` in: %s", text, daemon_log(server));
    const char *error = strstr(daemon_log(server), " error ");
    cr_assert(error != NULL && strstr(error + 1, " error ") == NULL, "not one error line: %s",
              daemon_log(server));
}

static bool have_ipv6(void)
{
    struct stat entry;
    return stat("/proc/net/if_inet6", &entry) == 0;
}

Test(listeners, are_many_at_once)
{
    if (!have_ipv6())
        cr_skip_test("this machine has no IPv6");
    daemon_start(server, "--listen", "127.0.0.1:0", "--listen", "[::1]:0", "--unix",
                 daemon_socket(server), NULL);
    struct wire *v4 = wire_open_tcp("127.0.0.1", daemon_port(server));
    struct wire *v6 = wire_open_tcp("::1", daemon_port6(server));
    struct wire *local = wire_open_unix(daemon_socket(server));
    wire_ask(v4, "PUT a 1\n", "OK\n");
    wire_ask(v6, "GET a\n", "OK \"1\"\n");
    wire_ask(local, "GET a\n", "OK \"1\"\n");
    wire_ask(local, "SCAN ''\n", "\"a\" \"1\"\nOK 1\n");
    wire_finish(local);
    wire_expect_close(local);
    wire_close(v4);
    wire_close(v6);
    wire_close(local);
    daemon_stop(server);
}

Test(listeners, are_named_in_the_ready_line)
{
    daemon_start(server, "--listen", "127.0.0.1:0", "--unix", daemon_socket(server), NULL);
    char expected[512];
    snprintf(expected, sizeof(expected), "unix:%s", daemon_socket(server));
    const char *ready = strstr(daemon_log(server), "ready");
    cr_assert(strstr(ready, expected) != NULL, "%s", daemon_log(server));
    cr_assert(daemon_port(server) > 0);
}

Test(listeners, on_a_unix_socket_alone_open_no_port)
{
    daemon_start(server, "--unix", daemon_socket(server), NULL);
    cr_assert_eq(daemon_port(server), 0);
    struct wire *local = wire_open_unix(daemon_socket(server));
    wire_ask(local, "PING\n", "OK \"PONG\"\n");
    wire_close(local);
    daemon_stop(server);
    cr_assert(access(daemon_socket(server), F_OK) != 0, "the socket is left behind");
}

Test(listeners, take_over_the_socket_of_a_daemon_that_was_killed)
{
    daemon_start(server, "--unix", daemon_socket(server), NULL);
    daemon_kill(server);
    cr_assert(access(daemon_socket(server), F_OK) == 0);
    daemon_start(server, "--unix", daemon_socket(server), NULL);
    struct wire *local = wire_open_unix(daemon_socket(server));
    wire_ask(local, "PING\n", "OK \"PONG\"\n");
    wire_close(local);
}

Test(listeners, leave_the_socket_of_a_living_daemon_alone)
{
    daemon_start(server, "--unix", daemon_socket(server), NULL);
    char *path = strdup(daemon_socket(server));
    struct daemon *living = server;
    server = daemon_new();
    daemon_spawn(server, "--unix", path, NULL);
    expect_failure(path);
    struct wire *local = wire_open_unix(path);
    wire_ask(local, "PING\n", "OK \"PONG\"\n");
    wire_close(local);
    daemon_stop(living);
    daemon_free(living);
    free(path);
}

Test(listeners, leave_a_file_at_the_path_of_a_socket_alone)
{
    scratch_write(daemon_socket(server), SLICE("precious"));
    daemon_spawn(server, "--unix", daemon_socket(server), NULL);
    expect_failure(daemon_socket(server));
    struct buffer bytes = scratch_read(daemon_socket(server));
    report_equal("the file", buffer_slice(&bytes), SLICE("precious"));
    buffer_fini(&bytes);
}

Test(listeners, on_a_port_in_use_fail_clearly)
{
    daemon_start(server, NULL);
    char address[32];
    snprintf(address, sizeof(address), "127.0.0.1:%d", daemon_port(server));
    struct daemon *first = server;
    server = daemon_new();
    daemon_spawn(server, "--listen", address, NULL);
    expect_failure(address);
    struct wire *wire = daemon_connect(first);
    wire_ask(wire, "PING\n", "OK \"PONG\"\n");
    wire_close(wire);
    daemon_free(first);
}

/* What can be seen to be wrong is, before anything is touched. */
static void expect_refusal(const char *text)
{
    cr_assert_eq(daemon_wait(server), 2, "%s", daemon_log(server));
    cr_assert(strstr(daemon_log(server), text) != NULL, "no `%s` in: %s", text, daemon_log(server));
}

Test(listeners, on_addresses_that_are_none_fail_clearly)
{
    static const char *const addresses[] = {
        "nonsense",        "127.0.0.1",    "127.0.0.1:", ":5383x",
        "127.0.0.1:99999", "127.0.0.1:-1", "::1:5383",
    };
    char text[128];
    for (size_t i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
        daemon_spawn(server, "--listen", addresses[i], NULL);
        snprintf(text, sizeof(text), "--listen %s is no address: HOST:PORT", addresses[i]);
        expect_refusal(text);
    }
    daemon_spawn(server, "--listen", "192.0.2.1:0", NULL);
    expect_failure("192.0.2.1:0");
}

Test(listeners, with_a_path_too_long_for_a_socket_fail_clearly)
{
    char path[200];
    memset(path, 'p', sizeof(path) - 1);
    path[0] = '/';
    path[sizeof(path) - 1] = '\0';
    daemon_spawn(server, "--unix", path, NULL);
    expect_refusal("ppp is too long for the path of a socket\n");
}
