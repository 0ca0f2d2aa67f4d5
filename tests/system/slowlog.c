/*
 * SLOWLOG on both faces. A write is as slow as the disk, which the gate decides.
 */
#include <criterion/criterion.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "tests/lib/daemon.h"
#include "tests/lib/report.h"
#include "tests/lib/scratch.h"
#include "tests/system/gate.h"
#include "tests/system/reload.h"

/* Longer than the threshold that the daemon has here, by far. */
#define PAUSE_MS 40

static struct daemon *server;
static struct gate *gate;
static struct wire *wire;

static void start(void)
{
    server = daemon_new();
    gate = gate_open(server);
    daemon_start(server, "--slow", "30", NULL);
    wire = daemon_connect(server);
}

static void stop(void)
{
    wire_close(wire);
    daemon_stop(server);
    daemon_free(server);
}

TestSuite(slowlog, .init = start, .fini = stop, .timeout = 60);

/* The request's commit takes at least the pause: that much must be waited, not more. */
static void ask_slowly(const char *request, const char *reply)
{
    unsigned arrived = atomic_load(&gate->arrived);
    atomic_store(&gate->closed, GATE_CLOSED);
    wire_say(wire, request);
    gate_await(gate, arrived + 1);
    poll(NULL, 0, PAUSE_MS);
    atomic_store(&gate->closed, GATE_OPEN);
    wire_expect(wire, reply);
}

static void expect_part(struct slice reply, const char *part)
{
    cr_assert(memmem(reply.data, reply.len, part, strlen(part)) != NULL, "no %s in %s", part,
              report_show(reply));
}

static void expect_log(const char *part)
{
    wire_say(wire, "SLOWLOG 128\n");
    expect_part(wire_reply(wire), part);
}

Test(slowlog, keeps_what_took_longer_than_allowed)
{
    wire_ask(wire, "SLOWLOG RESET\n", "OK\n");
    ask_slowly("PUT hare \"two ears\" NX\n", "OK\n");
    wire_say(wire, "SLOWLOG\n");
    struct slice reply = wire_reply(wire);
    expect_part(reply, " user=- address=127.0.0.1:");
    expect_part(reply, " request=PUT hare two ears\"\nOK 1\n");
    unsigned id;
    long long when, us;
    cr_assert_eq(sscanf(reply.data, "\"%u\" \"when=%lld us=%lld ", &id, &when, &us), 3);
    cr_assert(us >= 30000 && when > 1000000000, "%s", report_show(reply));
    wire_ask(wire, "SLOWLOG RESET\nSLOWLOG\n", "OK\nOK 0\n");
}

Test(slowlog, the_first_of_a_run_of_writes_stands_for_all)
{
    wire_ask(wire, "SLOWLOG RESET\n", "OK\n");
    ask_slowly("PUT first 1\nPUT second 2\nDEL third\n", "OK\nOK\nOK 0\n");
    wire_say(wire, "SLOWLOG 128\n");
    struct slice reply = wire_reply(wire);
    expect_part(reply, "request=PUT first 1\"\nOK 1\n");
}

Test(slowlog, shows_what_redis_commands_were_given)
{
    ask_slowly("*3\r\n$6\r\nAPPEND\r\n$1\r\na\r\n$3\r\nxyz\r\n", ":3\r\n");
    expect_log(" request=APPEND a xyz\"");
}

Test(slowlog, cuts_long_words_and_long_requests)
{
    struct buffer request = {0};
    buffer_append_string(&request, "MPUT");
    for (unsigned i = 0; i < 40; i++) {
        char pair[32];
        snprintf(pair, sizeof(pair), " k%02u v", i);
        buffer_append_string(&request, pair);
    }
    buffer_append_string(&request, "\n");
    buffer_append_byte(&request, '\0');
    ask_slowly(request.data, "OK\n");
    expect_log(" k14 v ... (50 more arguments)\"");
    buffer_clear(&request);
    buffer_append_string(&request, "PUT long ");
    for (unsigned i = 0; i < 200; i++)
        buffer_append_byte(&request, 'x');
    buffer_append_string(&request, "\n");
    buffer_append_byte(&request, '\0');
    ask_slowly(request.data, "OK\n");
    expect_log("xxx... (72 more bytes)\"");
    buffer_fini(&request);
}

Test(slowlog, keeps_nothing_when_it_is_turned_off)
{
    daemon_stop(server);
    daemon_start(server, "--slow", "0", NULL);
    wire_close(wire);
    wire = daemon_connect(server);
    ask_slowly("PUT quick 1\n", "OK\n");
    wire_ask(wire, "SLOWLOG\n", "OK 0\n");
}

Test(slowlog, has_another_threshold_after_a_reload)
{
    char *file = scratch_path(daemon_directory(server), "leveretd.conf");
    reload_write(file, "slow = 0\n");
    daemon_stop(server);
    daemon_start(server, "--config", file, NULL);
    wire_close(wire);
    wire = daemon_connect(server);
    ask_slowly("PUT before 1\n", "OK\n");
    wire_ask(wire, "SLOWLOG\n", "OK 0\n");
    reload_change(server, file, "slow = 30\n");
    ask_slowly("PUT after 1\n", "OK\n");
    expect_log(" request=PUT after 1");
    reload_change(server, file, "slow = 3600000\n");
    wire_ask(wire, "SLOWLOG RESET\n", "OK\n");
    ask_slowly("PUT later 1\n", "OK\n");
    wire_ask(wire, "SLOWLOG\n", "OK 0\n");
    free(file);
}

/* A password is verified slowly on purpose. */
Test(slowlog, keeps_no_password)
{
    char *path = scratch_path(daemon_directory(server), "users");
    scratch_write(path, SLICE("ann read -\n"));
    cr_assert_eq(chmod(path, 0600), 0);
    daemon_stop(server);
    daemon_start(server, "--slow", "1", "--users", path, "--anonymous", "admin", NULL);
    wire_close(wire);
    wire = daemon_connect(server);
    wire_say(wire, "AUTH ann secret\n");
    cr_assert(slice_has_prefix(wire_reply(wire), SLICE("ERR WRONGPASS ")));
    wire_say(wire, "*3\r\n$4\r\nAUTH\r\n$3\r\nann\r\n$6\r\nsecret\r\n");
    cr_assert(slice_has_prefix(wire_line(wire), SLICE("-WRONGPASS ")));
    wire_say(wire, "SLOWLOG 128\n");
    struct slice reply = wire_reply(wire);
    expect_part(reply, " request=AUTH (redacted) (redacted)\"\n\"0\" \"when=");
    cr_assert(memmem(reply.data, reply.len, "secret", 6) == NULL, "%s", report_show(reply));
    free(path);
}

/* The shape that redis-cli and libraries read. */
Test(slowlog, redis_clients_read_it_as_they_do_there)
{
    wire_ask(wire, "*2\r\n$7\r\nSLOWLOG\r\n$5\r\nRESET\r\n", "+OK\r\n");
    wire_ask(wire, "*3\r\n$6\r\nCLIENT\r\n$7\r\nSETNAME\r\n$4\r\nhare\r\n", "+OK\r\n");
    ask_slowly("*3\r\n$3\r\nSET\r\n$1\r\na\r\n$1\r\nb\r\n", "+OK\r\n");
    wire_ask(wire, "*2\r\n$7\r\nSLOWLOG\r\n$3\r\nLEN\r\n", ":1\r\n");
    wire_say(wire, "*2\r\n$7\r\nSLOWLOG\r\n$3\r\nGET\r\n");
    wire_expect(wire, "*1\r\n*6\r\n");
    for (unsigned i = 0; i < 3; i++)
        cr_assert_eq(wire_line(wire).data[0], ':');
    wire_expect(wire, "*3\r\n$3\r\nSET\r\n$1\r\na\r\n$1\r\nb\r\n");
    wire_line(wire);
    cr_assert(slice_has_prefix(wire_line(wire), SLICE("127.0.0.1:")));
    wire_expect(wire, "$4\r\nhare\r\n");
    wire_ask(wire, "*3\r\n$7\r\nSLOWLOG\r\n$3\r\nGET\r\n$2\r\n-2\r\n",
             "-ERR count should be greater than or equal to -1\r\n");
}
