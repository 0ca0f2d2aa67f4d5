/*
 * What a reload puts into force, for connections that were there before and for new ones.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "tests/lib/count.h"
#include "tests/lib/daemon.h"
#include "tests/lib/report.h"
#include "tests/lib/scratch.h"
#include "tests/system/load.h"
#include "tests/system/reload.h"

#define MIB ((size_t)1024 * 1024)

static struct daemon *server;
static char *file;

static void prepare(void)
{
    server = daemon_new();
    file = scratch_path(daemon_directory(server), "leveretd.conf");
}

static void stop(void)
{
    free(file);
    daemon_free(server);
}

TestSuite(reloading_effects, .init = prepare, .fini = stop, .timeout = 60);

/* Serves what the file says, which has `text` behind its first line. */
static void serve(const char *text)
{
    reload_write(file, text);
    daemon_start(server, "--config", file, NULL);
}

/* A request that is answered so before a setting changes, and so after; of a connection that was
 * there before. A line is filled with 2000 bytes where it has a %. */
static const struct effect {
    const char *setting;
    const char *request;
    const char *before;
    const char *after;
} effects[] = {
    {"max-line = 1K\n", "PUT k %\n", "OK\n", "ERR LIMIT \""},
    {"max-batch = 1K\n", "BEGIN\nPUT k %\nABORT\n", "OK\nOK\nOK\n", "OK\nERR LIMIT \""},
    {"max-arguments = 16\n", "DEL 1 2 3 4 5 6 7 8 9 a b c d e f g\n", "OK 0\n", "ERR "},
    {"allow-flush = yes\n", "*1\r\n$8\r\nFLUSHALL\r\n", "-ERR deleting everything", "+OK\r\n"},
};

static void fill(struct buffer *out, const char *request)
{
    for (; *request != '\0'; request++) {
        for (unsigned i = 0; *request == '%' && i < 2000; i++)
            buffer_append_byte(out, 'x');
        if (*request != '%')
            buffer_append_byte(out, *request);
    }
}

/* The reply begins with the bytes; its last line may go on. */
static void expect_start(struct wire *wire, const char *text)
{
    struct slice expected = slice_from_string(text);
    struct slice said = wire_take(wire, expected.len);
    report_equal("the reply", said, expected);
    if (expected.data[expected.len - 1] != '\n')
        (void)wire_line(wire);
}

Test(reloading_effects, changes_what_open_connections_may_do)
{
    for (size_t i = 0; i < sizeof(effects) / sizeof(effects[0]); i++) {
        const struct effect *effect = &effects[i];
        struct buffer request = {0};
        fill(&request, effect->request);
        serve("");
        struct wire *wire = daemon_connect(server);
        wire_send(wire, buffer_slice(&request));
        expect_start(wire, effect->before);
        reload_change(server, file, effect->setting);
        wire_send(wire, buffer_slice(&request));
        expect_start(wire, effect->after);
        wire_close(wire);
        daemon_stop(server);
        buffer_fini(&request);
    }
}

Test(reloading_effects, changes_the_largest_value_of_open_connections)
{
    struct buffer request = {0};
    buffer_append_string(&request, "PUT k ");
    for (unsigned i = 0; i < 70000; i++)
        buffer_append_byte(&request, 'x');
    buffer_append_byte(&request, '\n');
    serve("");
    struct wire *wire = daemon_connect(server);
    wire_send(wire, buffer_slice(&request));
    wire_expect(wire, "OK\n");
    reload_change(server, file, "max-value = 64K\n");
    wire_send(wire, buffer_slice(&request));
    expect_start(wire, "ERR LIMIT \"");
    wire_close(wire);
    daemon_stop(server);
    buffer_fini(&request);
}

Test(reloading_effects, changes_the_longest_reply_of_open_connections)
{
    serve("");
    struct wire *wire = daemon_connect(server);
    load_value(wire, "big", 2 * MIB);
    wire_say(wire, "GET big\n");
    cr_assert(slice_has_prefix(wire_reply(wire), SLICE("OK \"")));
    reload_change(server, file, "max-output = 1M\n");
    wire_ask(wire, "GET big\n", "ERR LIMIT \"it is larger than --max-output allows\"\n");
    wire_close(wire);
    daemon_stop(server);
}

Test(reloading_effects, changes_the_time_outs_of_open_connections)
{
    serve("");
    struct wire *idle = daemon_connect(server);
    struct wire *slow = daemon_connect(server);
    wire_ask(idle, "PING\n", "OK \"PONG\"\n");
    wire_ask(slow, "PING\n", "OK \"PONG\"\n");
    reload_change(server, file, "idle-timeout = 1\nrequest-timeout = 1\n");
    wire_say(slow, "PUT half");
    wire_expect(idle, "ERR TIMEOUT \"idle for too long\"\n");
    wire_expect(slow, "ERR TIMEOUT \"the request did not arrive whole in time\"\n");
    wire_expect_close(idle);
    wire_expect_close(slow);
    wire_close(idle);
    wire_close(slow);
    daemon_stop(server);
}

/* A stalled one keeps the time that its stall began with. */
Test(reloading_effects, changes_how_long_a_peer_may_take_nothing)
{
    serve("");
    struct wire *other = daemon_connect(server);
    struct wire *deaf = daemon_connect(server);
    load_rows(other, 16 * 1024, 4096);
    wire_ask(deaf, "PING\n", "OK \"PONG\"\n");
    reload_change(server, file, "stall-timeout = 1\n");
    wire_say(deaf, "SCAN ''\n");
    count_await(other, "connections", 1);
    wire_expect_gone(deaf);
    wire_close(deaf);
    wire_close(other);
    daemon_stop(server);
}

Test(reloading_effects, changes_how_long_an_open_scan_may_take)
{
    serve("");
    struct wire *other = daemon_connect(server);
    struct wire *reader = daemon_connect(server);
    struct slice ending;
    load_rows(other, 16 * 1024, 4096);
    wire_say(reader, "SCAN ''\n");
    (void)wire_line(reader);
    cr_assert_eq(count_ask(other, "scans"), 1);
    reload_change(server, file, "scan-timeout = 1\n");
    count_await(other, "scans", 0);
    (void)wire_skip_reply(reader, &ending);
    cr_assert(slice_has_prefix(ending, SLICE("ERR TIMEOUT \"the scan took too long\"")), "%s",
              report_show(ending));
    wire_ask(reader, "PING\n", "OK \"PONG\"\n");
    wire_close(reader);
    wire_close(other);
    daemon_stop(server);
}

static struct wire *enter(void)
{
    struct wire *wire = daemon_connect(server);
    wire_ask(wire, "PING\n", "OK \"PONG\"\n");
    return wire;
}

static void expect_turned_away(const char *text)
{
    struct wire *wire = daemon_connect(server);
    wire_say(wire, "PING\n");
    wire_expect(wire, text);
    wire_expect_close(wire);
    wire_close(wire);
}

#define FULL(count)                                                                                \
    "ERR LIMIT \"all " count " connections of --max-connections are taken; try again later\"\n"
#define CROWDED                                                                                    \
    "ERR LIMIT \"your address has all 3 connections of --max-connections-per-address; close "      \
    "one\"\n"

Test(reloading_effects, changes_how_many_may_connect)
{
    struct wire *wires[3];
    serve("max-connections = 1\n");
    wires[0] = enter();
    expect_turned_away(FULL("1"));
    reload_change(server, file, "max-connections = 3\n");
    cr_assert_eq(count_ask(wires[0], "max_connections"), 3);
    wires[1] = enter();
    wires[2] = enter();
    expect_turned_away(FULL("3"));
    reload_change(server, file, "max-connections = 2\n"); /* those who are there stay */
    expect_turned_away(FULL("2"));
    wire_ask(wires[2], "PING\n", "OK \"PONG\"\n");
    /* Those who came before there was such a bound count too. */
    reload_change(server, file, "max-connections = 5000\nmax-connections-per-address = 3\n");
    expect_turned_away(CROWDED);
    wire_close(wires[0]);
    count_await(wires[1], "connections", 2);
    wires[0] = enter();
    expect_turned_away(CROWDED);
    reload_change(server, file, "max-connections = 5000\n");
    wire_close(enter());
    for (unsigned i = 0; i < 3; i++)
        wire_close(wires[i]);
    daemon_stop(server);
}

Test(reloading_effects, changes_how_many_scans_there_may_be)
{
    serve("max-scans = 1\n");
    struct wire *wire = daemon_connect(server);
    struct wire *reader = daemon_connect(server);
    struct buffer request = {0};
    for (unsigned i = 0; i < 64; i++) {
        char head[32];
        snprintf(head, sizeof(head), "PUT row:%02u ", i);
        buffer_append_string(&request, head);
        for (unsigned n = 0; n < 1024 * 1024; n++)
            buffer_append_byte(&request, 'v');
        buffer_append_byte(&request, '\n');
        wire_send(wire, buffer_slice(&request));
        wire_expect(wire, "OK\n");
        buffer_clear(&request);
    }
    wire_say(reader, "SCAN ''\n");
    (void)wire_line(reader);
    wire_ask(wire, "COUNT ''\n", "ERR LIMIT \"as many scans are open as --max-scans allows\"\n");
    reload_change(server, file, "max-scans = 2\n");
    wire_ask(wire, "COUNT ''\n", "OK 64\n");
    reload_change(server, file, "max-scans = 1\n");
    wire_ask(wire, "COUNT ''\n", "ERR LIMIT \"as many scans are open as --max-scans allows\"\n");
    wire_close(wire);
    wire_close(reader);
    buffer_fini(&request);
    daemon_stop(server);
}

/* One holds 8 MiB in a request that is not finished; there is room for it until there is not. */
Test(reloading_effects, closes_who_holds_more_than_is_allowed_from_now_on)
{
    struct buffer request = {0};
    buffer_append_string(&request, "PUT k ");
    for (unsigned i = 0; i < 8 * 1024 * 1024; i++)
        buffer_append_byte(&request, 'x');
    serve("");
    struct wire *wire = daemon_connect(server);
    struct wire *other = daemon_connect(server);
    wire_send(wire, buffer_slice(&request));
    while (count_ask(other, "buffered") < 8 * 1024 * 1024)
        continue; /* until all has arrived */
    reload_change(server, file, "max-buffered = 1M\n");
    count_await(other, "cut_for_memory", 1);
    wire_expect_gone(wire);
    wire_close(wire);
    wire_close(other);
    buffer_fini(&request);
    daemon_stop(server);
}

Test(reloading_effects, changes_what_is_logged)
{
    serve("");
    reload_change(server, file, "log-level = debug\n");
    wire_close(enter());
    daemon_await_log(server, " is closed\n");
    reload_change(server, file, "");
    size_t said = strlen(daemon_log(server));
    wire_close(enter());
    wire_close(enter());
    daemon_stop(server);
    cr_assert(strstr(daemon_log(server) + said, " debug ") == NULL, "%s", daemon_log(server));
}

Test(reloading_effects, changes_who_may_do_what)
{
    serve("");
    wire_close(enter());
    reload_change(server, file, "anonymous = read\n");
    struct wire *wire = enter();
    wire_say(wire, "PUT a 1\n");
    expect_start(wire, "ERR DENIED \"");
    wire_close(wire);
    reload_change(server, file, "");
    wire = enter();
    wire_ask(wire, "PUT a 1\n", "OK\n");
    wire_close(wire);
    daemon_stop(server);
}

Test(reloading_effects, changes_which_keys_strangers_have)
{
    serve("");
    struct wire *wire = enter();
    wire_ask(wire, "MPUT a:1 x b:1 y\n", "OK\n");
    reload_change(server, file, "anonymous-prefix = a:\n");
    wire_ask(wire, "SCAN ''\n", "\"a:1\" \"x\"\nOK 1\n");
    wire_say(wire, "PUT b:2 z\n");
    expect_start(wire, "ERR DENIED \"");
    reload_change(server, file, "anonymous-prefix = a:\nanonymous-prefix = b:\n");
    wire_ask(wire, "SCAN '' KEYS\n", "\"a:1\"\n\"b:1\"\nOK 2\n");
    wire_close(wire);
    daemon_stop(server);
}

/* Nothing that a client could see for certain depends on it. */
Test(reloading_effects, changes_how_many_requests_make_a_turn)
{
    serve("turn-requests = 1\n");
    cr_assert_eq(daemon_info(server, "turn_requests"), 1);
    reload_change(server, file, "turn-requests = 3\n");
    cr_assert_eq(daemon_info(server, "turn_requests"), 3);
    daemon_stop(server);
}
