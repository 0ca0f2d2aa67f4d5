/*
 * Who may have a connection, and what those are told who may not.
 */
#include <criterion/criterion.h>
#include <inttypes.h>
#include <sys/resource.h>

#include "tests/lib/count.h"
#include "tests/lib/deadline.h"
#include "tests/lib/shell.h"
#include "tests/system/load.h"

#define FULL "all 2 connections of --max-connections are taken; try again later"
#define SCARCE "the server has no descriptor left for a connection; try again later"

#define PING "*1\r\n$4\r\nPING\r\n"

static struct daemon *server;

static void prepare(void)
{
    server = daemon_new();
}

static void stop(void)
{
    daemon_free(server);
}

TestSuite(admission, .init = prepare, .fini = stop, .timeout = 120);

static void start_with(const char *option, const char *value)
{
    daemon_start(server, option, value, NULL);
}

static struct wire *enter(void)
{
    struct wire *wire = daemon_connect(server);
    wire_ask(wire, "PING\n", "OK \"PONG\"\n");
    return wire;
}

/* One that is told so, and no more. */
static void expect_refusal(const char *request, const char *text)
{
    struct wire *wire = daemon_connect(server);
    wire_say(wire, request);
    wire_expect(wire, text);
    wire_expect_close(wire);
    wire_close(wire);
}

Test(admission, tells_the_one_too_many_why_in_its_own_words)
{
    start_with("--max-connections", "2");
    struct wire *first = enter();
    struct wire *second = enter();
    expect_refusal("PING\n", "ERR LIMIT \"" FULL "\"\n");
    expect_refusal("PING\r\n", "ERR LIMIT \"" FULL "\"\r\n");
    expect_refusal(PING, "-ERR max number of clients reached\r\n");
    expect_refusal("", "ERR LIMIT \"" FULL "\"\n");
    cr_assert_eq(count_ask(first, "connections_refused"), 4);
    cr_assert_eq(count_ask(first, "max_connections"), 2);
    wire_close(second);
    count_await(first, "connections", 1);
    wire_close(enter());
    wire_close(first);
    daemon_stop(server);
}

/* A socket that is closed with something unread is reset, and a reset overtakes the words. */
Test(admission, tells_it_so_however_much_it_has_said)
{
    struct buffer pipeline = {0};
    start_with("--max-connections", "1");
    struct wire *first = enter();
    for (unsigned i = 0; i < 8000; i++)
        buffer_append_string(&pipeline, "PING\n");
    buffer_append_byte(&pipeline, '\0');
    for (unsigned i = 0; i < 20; i++)
        expect_refusal(pipeline.data, "ERR LIMIT \"all 1 connections of --max-connections are "
                                      "taken; try again later\"\n");
    buffer_fini(&pipeline);
    wire_close(first);
}

/* They do not hang up and say nothing; that costs the next ones nothing but the wait for words. */
Test(admission, of_many_too_many_tells_every_one)
{
    static struct wire *crowd[200];
    start_with("--max-connections", "2");
    struct wire *first = enter();
    struct wire *second = enter();
    for (unsigned i = 0; i < 200; i++)
        crowd[i] = daemon_connect(server);
    for (unsigned i = 0; i < 200; i++) {
        wire_expect(crowd[i], "ERR LIMIT \"" FULL "\"\n");
        wire_expect_close(crowd[i]);
    }
    wire_ask(first, "PUT a 1\n", "OK\n");
    cr_assert_eq(count_ask(first, "connections_refused"), 200);
    for (unsigned i = 0; i < 200; i++)
        wire_close(crowd[i]);
    wire_close(first);
    wire_close(second);
    daemon_stop(server);
}

Test(admission, tells_the_command_line_and_redis_cli)
{
    start_with("--max-connections", "2");
    struct wire *first = enter();
    struct wire *second = enter();
    shell_expect(3, NULL, "\"$LEVERET\" --connect 127.0.0.1:%d GET a", daemon_port(server));
    struct shell shell = shell_run("redis-cli -p %d GET a 2>&1", daemon_port(server));
    buffer_append_byte(&shell.out, '\0');
    cr_assert(strstr(shell.out.data, "max number of clients reached") != NULL, "%s",
              shell.out.data);
    shell_fini(&shell);
    wire_close(first);
    wire_close(second);
}

Test(admission, bounds_each_address_but_no_unix_socket)
{
    daemon_start(server, "--max-connections-per-address", "1", "--listen", "127.0.0.1:0", "--unix",
                 daemon_socket(server), NULL);
    struct wire *first = enter();
    struct wire *locals[3];
    expect_refusal("PING\n", "ERR LIMIT \"your address has all 1 connections of "
                             "--max-connections-per-address; close one\"\n");
    expect_refusal(PING, "-LIMIT your address has all 1 connections of "
                         "--max-connections-per-address; close one\r\n");
    for (unsigned i = 0; i < 3; i++) {
        locals[i] = wire_open_unix(daemon_socket(server));
        wire_ask(locals[i], "PING\n", "OK \"PONG\"\n");
    }
    wire_close(first);
    count_await(locals[0], "connections", 3);
    wire_close(enter());
    for (unsigned i = 0; i < 3; i++)
        wire_close(locals[i]);
    daemon_stop(server);
}

/* One of the limit's descriptors for each connection would leave the store none to write with. */
Test(admission, leaves_descriptors_to_the_store)
{
    static struct wire *crowd[500];
    daemon_set_descriptors(server, 100);
    daemon_start(server, "--write-buffer", "64K", "--sync", "never", NULL);
    daemon_await_log(server, "instead of 10000");
    struct wire *wire = enter();
    uint64_t most = count_ask(wire, "max_connections");
    cr_assert(most > 10 && most < 90, "%" PRIu64, most);
    for (unsigned i = 0; i < 500; i++)
        crowd[i] = daemon_connect(server);
    count_await(wire, "connections_refused", 500 + 1 - most);
    load_rows(wire, 1000, 1024);
    wire_ask(wire, "SYNC\n", "OK\n");
    wire_ask(wire, "COMPACT ''\n", "OK\n");
    wire_ask(wire, "PUT a 1\n", "OK\n");
    cr_assert(strstr(daemon_log(server), "cannot accept") == NULL, "%s", daemon_log(server));
    for (unsigned i = 0; i < 500; i++)
        wire_close(crowd[i]);
    count_await(wire, "connections", 1);
    wire_close(wire);
    daemon_stop(server);
}

Test(admission, with_no_descriptor_to_spare_does_not_start)
{
    daemon_set_descriptors(server, 40);
    daemon_spawn(server, NULL);
    cr_assert_eq(daemon_wait(server), 1);
    cr_assert(strstr(daemon_log(server), "leaves room for no connection") != NULL, "%s",
              daemon_log(server));
}

/* Somebody else may have made descriptors scarce. Peers are told, all but those who got the last
 * ones, and nobody else may notice. */
Test(admission, without_a_descriptor_left_tells_those_who_wait)
{
    enum { CROWD = 200 };
    static struct wire *crowd[CROWD];
    unsigned served = 0;
    daemon_start(server, NULL);
    struct wire *neighbour = enter();
    struct rlimit few = {.rlim_cur = 60, .rlim_max = 60};
    cr_assert(prlimit(daemon_pid(server), RLIMIT_NOFILE, &few, NULL) == 0);
    for (unsigned i = 0; i < CROWD; i++)
        crowd[i] = daemon_connect(server);
    daemon_await_log(server, "cannot accept");
    for (unsigned i = 0; i < 50; i++)
        wire_ask(neighbour, "PUT a 1\n", "OK\n");
    int64_t deadline = deadline_in(DEADLINE_SECONDS);
    while (count_ask(neighbour, "connections_refused") + count_ask(neighbour, "connections") <
           CROWD + 1)
        cr_assert(deadline_left(deadline) > 0);
    for (unsigned i = 0; i < CROWD; i++) {
        if (wire_ready(crowd[i])) {
            wire_expect(crowd[i], "ERR LIMIT \"" SCARCE "\"\n");
            wire_expect_close(crowd[i]);
        } else {
            wire_ask(crowd[i], "GET a\n", "OK \"1\"\n");
            served++;
        }
        wire_close(crowd[i]);
    }
    cr_assert(served > 10 && served < 60, "%u were served", served);
    wire_close(neighbour);
    daemon_stop(server);
}

/* They come and go, and each time some are served again; the log is not filled with it. */
Test(admission, without_a_descriptor_left_says_so_in_the_log_once)
{
    enum { CROWD = 100 };
    static struct wire *crowd[CROWD];
    daemon_start(server, NULL);
    struct wire *neighbour = enter();
    struct rlimit few = {.rlim_cur = 60, .rlim_max = 60};
    cr_assert(prlimit(daemon_pid(server), RLIMIT_NOFILE, &few, NULL) == 0);
    for (unsigned round = 0; round < 3; round++) {
        uint64_t refused = count_ask(neighbour, "connections_refused");
        for (unsigned i = 0; i < CROWD; i++)
            crowd[i] = daemon_connect(server);
        int64_t deadline = deadline_in(DEADLINE_SECONDS);
        while (count_ask(neighbour, "connections_refused") == refused)
            cr_assert(deadline_left(deadline) > 0);
        for (unsigned i = 0; i < CROWD; i++)
            wire_close(crowd[i]);
        count_await(neighbour, "connections", 1);
    }
    const char *first = strstr(daemon_log(server), "cannot accept");
    cr_assert(first != NULL && strstr(first + 1, "cannot accept") == NULL, "%s",
              daemon_log(server));
    wire_close(neighbour);
    daemon_stop(server);
}

Test(admission, is_shown_to_redis_clients_as_it_is)
{
    daemon_start(server, "--max-connections", "123", "--idle-timeout", "7", NULL);
    struct wire *wire = daemon_connect(server);
    wire_ask(wire, "*3\r\n$6\r\nCONFIG\r\n$3\r\nGET\r\n$10\r\nmaxclients\r\n",
             "*2\r\n$10\r\nmaxclients\r\n$3\r\n123\r\n");
    wire_ask(wire, "*3\r\n$6\r\nCONFIG\r\n$3\r\nGET\r\n$7\r\ntimeout\r\n",
             "*2\r\n$7\r\ntimeout\r\n$1\r\n7\r\n");
    wire_ask(wire, "*3\r\n$6\r\nCONFIG\r\n$3\r\nGET\r\n$14\r\nprotected-mode\r\n",
             "*2\r\n$14\r\nprotected-mode\r\n$3\r\nyes\r\n");
    shell_expect(0, "maxclients:123\n", "redis-cli -p %d INFO clients | tr -d '\\r' | grep max",
                 daemon_port(server));
    wire_close(wire);
    daemon_stop(server);
}
