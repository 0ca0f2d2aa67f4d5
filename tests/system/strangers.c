/*
 * Peers from other machines, where nobody has to log in. The daemon and the test share a
 * network of their own, with an address on it that is not loopback: what connects to that comes
 * from it, too.
 */
#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/lib/count.h"
#include "tests/lib/daemon.h"
#include "tests/lib/login.h"
#include "tests/lib/scratch.h"
#include "tests/system/reload.h"

/* Of a network that is set aside for examples. */
#define ADDRESS "198.51.100.1"
#define PORT 5383
#define LISTEN ADDRESS ":5383"

#define REASON                                                                                     \
    "peers need not log in, so only loopback addresses and Unix sockets are served; start "        \
    "the server with --users FILE, or with --protected-mode no to serve everybody"

static struct daemon *server;

static bool set_loopback(short flags)
{
    struct ifreq loopback = {.ifr_name = "lo", .ifr_flags = flags};
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    bool set = ioctl(fd, SIOCSIFFLAGS, &loopback) == 0;
    close(fd);
    return set;
}

/* A network namespace whose loopback device is up and has the address besides its own. */
static bool make_network(void)
{
    if (unshare(CLONE_NEWNET) != 0)
        return false;
    struct ifreq alias = {.ifr_name = "lo:1"};
    struct sockaddr_in *address = (struct sockaddr_in *)&alias.ifr_addr;
    address->sin_family = AF_INET;
    inet_pton(AF_INET, ADDRESS, &address->sin_addr);
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    bool made = set_loopback(IFF_UP) && ioctl(fd, SIOCSIFADDR, &alias) == 0;
    close(fd);
    return made;
}

static void prepare(void)
{
    server = daemon_new();
    if (!make_network())
        cr_skip_test("no network namespace can be made here");
}

static void stop(void)
{
    daemon_free(server);
}

TestSuite(strangers, .init = prepare, .fini = stop, .timeout = 60);

static void expect_refusal(const char *request, const char *text)
{
    struct wire *stranger = wire_open_tcp(ADDRESS, PORT);
    wire_say(stranger, request);
    wire_expect(stranger, text);
    wire_expect_close(stranger);
    wire_close(stranger);
}

Test(strangers, are_served_where_they_have_to_log_in)
{
    char *users = scratch_path(daemon_directory(server), "users");
    login_add(users, "ann", "read", "secret", "");
    daemon_start(server, "--listen", LISTEN, "--listen", "127.0.0.1:0", "--users", users, NULL);
    struct wire *stranger = wire_open_tcp(ADDRESS, PORT);
    wire_ask(stranger, "GET a\nPING\n",
             "ERR NOAUTH \"log in first: AUTH user password\"\nOK \"PONG\"\n");
    wire_close(stranger);
    free(users);
}

Test(strangers, are_told_why_they_are_not_served)
{
    daemon_start(server, "--listen", LISTEN, "--listen", "127.0.0.1:0", "--unix",
                 daemon_socket(server), NULL);
    expect_refusal("GET a\n", "ERR DENIED \"" REASON "\"\n");
    expect_refusal("*1\r\n$4\r\nPING\r\n", "-DENIED " REASON "\r\n");
    struct wire *neighbour = daemon_connect(server);
    wire_ask(neighbour, "PUT a 1\n", "OK\n");
    struct wire *local = wire_open_unix(daemon_socket(server));
    wire_ask(local, "GET a\n", "OK \"1\"\n");
    cr_assert_eq(daemon_info(server, "connections_refused"), 2);
    wire_close(neighbour);
    wire_close(local);
    daemon_stop(server);
}

Test(strangers, are_served_where_protection_is_off)
{
    daemon_start(server, "--listen", LISTEN, "--protected-mode", "no", NULL);
    struct wire *stranger = wire_open_tcp(ADDRESS, PORT);
    wire_ask(stranger, "PUT a 1\n", "OK\n");
    wire_close(stranger);
    daemon_stop(server);
}

/* Those who are there stay. */
Test(strangers, are_served_or_not_as_a_reload_says)
{
    char *file = scratch_path(daemon_directory(server), "leveretd.conf");
    reload_write(file, "");
    daemon_start(server, "--config", file, "--listen", LISTEN, "--listen", "127.0.0.1:0", NULL);
    expect_refusal("GET a\n", "ERR DENIED \"" REASON "\"\n");
    reload_change(server, file, "protected-mode = no\n");
    struct wire *stranger = wire_open_tcp(ADDRESS, PORT);
    wire_ask(stranger, "PUT a 1\n", "OK\n");
    reload_change(server, file, "");
    wire_ask(stranger, "GET a\n", "OK \"1\"\n");
    expect_refusal("GET a\n", "ERR DENIED \"" REASON "\"\n");
    wire_close(stranger);
    daemon_stop(server);
    free(file);
}

/* Nothing comes back from them any more, no end and no reset, and all that was to be said to them
 * is on its way: nobody but the kernel knows. */
Test(strangers, whose_machine_is_gone_are_let_go)
{
    daemon_start(server, "--stall-timeout", "1", "--listen", "127.0.0.1:0", "--unix",
                 daemon_socket(server), NULL);
    struct wire *follower = daemon_connect(server);
    struct wire *local = wire_open_unix(daemon_socket(server));
    wire_say(follower, "FOLLOW ''\n");
    wire_line(follower);
    cr_assert_eq(count_ask(local, "connections"), 2);
    cr_assert(set_loopback(0));
    wire_ask(local, "PUT a 1\n", "OK\n");
    count_await(local, "connections", 1);
    wire_close(follower);
    wire_close(local);
    daemon_stop(server);
}
