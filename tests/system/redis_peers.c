/*
 * Connections that look at each other and close each other, whichever worker they are on.
 */
#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "tests/lib/daemon.h"
#include "tests/system/array.h"

#define CLIENTS 6

static struct daemon *server;
static struct wire *wires[CLIENTS];

/* Workers take turns, so each of the three has two of the connections. Asking for its number makes
 * sure that each is there before the test begins. */
static void start(void)
{
    server = daemon_new();
    daemon_start(server, "--listen", "127.0.0.1:0", "--workers", "3", NULL);
    for (size_t i = 0; i < CLIENTS; i++) {
        char number[16];
        wires[i] = daemon_connect(server);
        snprintf(number, sizeof(number), ":%zu\r\n", i + 1);
        array_ask(wires[i], "CLIENT ID", number);
    }
}

static void stop(void)
{
    for (size_t i = 0; i < CLIENTS; i++)
        wire_close(wires[i]);
    daemon_stop(server);
    daemon_free(server);
}

TestSuite(redis_peers, .init = start, .fini = stop, .timeout = 60);

/* Asks for a bulk string, and returns it as a string that the caller frees. */
static char *ask_text(struct wire *wire, const char *request)
{
    struct buffer text = {0};
    array_say(wire, request);
    struct slice head = wire_line(wire);
    cr_assert_eq(head.data[0], '$', "%.*s", (int)head.len, head.data);
    size_t length = strtoul(head.data + 1, NULL, 10);
    buffer_append_slice(&text, wire_take(wire, length));
    buffer_append_byte(&text, '\0');
    wire_expect(wire, "\r\n");
    return text.data;
}

static size_t count_lines(const char *text)
{
    size_t lines = 0;
    for (; *text != '\0'; text++)
        lines += *text == '\n';
    return lines;
}

/* The value of a field of the line of that connection, up to the next space. */
static void expect_field(const char *list, int id, const char *field)
{
    char start[32];
    snprintf(start, sizeof(start), "id=%d ", id);
    const char *line = strstr(list, start);
    cr_assert_not_null(line, "no %s in %s", start, list);
    int length = (int)strcspn(line, "\n");
    char *found = strstr(line, field);
    cr_assert(found != NULL && found < line + length, "no %s in %.*s", field, length, line);
}

/* Listing ------------------------------------------------------------------------ */

Test(redis_peers, list_shows_the_connections_of_all_workers)
{
    array_ask(wires[1], "CLIENT SETNAME hare", "+OK\r\n");
    array_ask(wires[2], "MULTI", "+OK\r\n");
    array_ask(wires[2], "PING", "+QUEUED\r\n");
    array_ask(wires[3], "CLIENT SETINFO LIB-NAME lib", "+OK\r\n");
    wire_ask(wires[4], "PING\n", "OK \"PONG\"\n");
    char *list = ask_text(wires[0], "CLIENT LIST");
    cr_assert_eq(count_lines(list), CLIENTS, "%s", list);
    expect_field(list, 1, " cmd=client|list user=default redir=-1 resp=2 lib-name= lib-ver=");
    expect_field(list, 1, " multi=-1 ");
    expect_field(list, 1, " flags=N ");
    expect_field(list, 2, " name=hare ");
    expect_field(list, 2, " cmd=client|setname ");
    expect_field(list, 3, " flags=x ");
    expect_field(list, 3, " multi=1 ");
    expect_field(list, 4, " lib-name=lib lib-ver=");
    expect_field(list, 5, " cmd=ping ");
    expect_field(list, 6, " age=");
    free(list);
    array_ask(wires[2], "DISCARD", "+OK\r\n");
}

Test(redis_peers, list_shows_who_is_where)
{
    char *list = ask_text(wires[0], "CLIENT LIST ID 3");
    char laddr[64];
    snprintf(laddr, sizeof(laddr), " laddr=127.0.0.1:%d ", daemon_port(server));
    expect_field(list, 3, laddr);
    expect_field(list, 3, " addr=127.0.0.1:");
    cr_assert_eq(count_lines(list), 1, "%s", list);
    free(list);
}

Test(redis_peers, list_takes_filters)
{
    char *list = ask_text(wires[0], "CLIENT LIST ID 5 2 999 2");
    cr_assert_eq(count_lines(list), 2, "%s", list);
    free(list);
    list = ask_text(wires[0], "CLIENT LIST TYPE NORMAL");
    cr_assert_eq(count_lines(list), CLIENTS, "%s", list);
    free(list);
    array_ask(wires[0], "CLIENT LIST TYPE pubsub", "$0\r\n\r\n");
    array_ask(wires[0], "CLIENT LIST TYPE hare", "-ERR Unknown client type 'hare'\r\n");
    array_ask(wires[0], "CLIENT LIST ID x", "-ERR Invalid client ID\r\n");
    array_ask(wires[0], "CLIENT LIST ID", "-ERR syntax error\r\n");
    array_ask(wires[0], "CLIENT LIST FROB", "-ERR syntax error\r\n");
}

Test(redis_peers, info_shows_the_one_that_asks)
{
    char *info = ask_text(wires[3], "CLIENT INFO");
    cr_assert_eq(count_lines(info), 1, "%s", info);
    expect_field(info, 4, " cmd=client|info ");
    free(info);
}

Test(redis_peers, a_search_in_the_middle_of_a_pipeline_keeps_the_order)
{
    struct buffer pipeline = {0};
    array_append(&pipeline, SLICE("SET hare brown"));
    array_append(&pipeline, SLICE("CLIENT KILL ID 999"));
    array_append(&pipeline, SLICE("GET hare"));
    wire_send(wires[0], buffer_slice(&pipeline));
    wire_expect(wires[0], "+OK\r\n:0\r\n$5\r\nbrown\r\n");
    buffer_fini(&pipeline);
}

/* Closing ------------------------------------------------------------------------ */

Test(redis_peers, kill_closes_a_connection_of_another_worker)
{
    array_ask(wires[0], "CLIENT KILL ID 2", ":1\r\n");
    wire_expect_close(wires[1]);
    array_ask(wires[0], "CLIENT KILL ID 2", ":0\r\n");
    for (size_t i = 2; i < CLIENTS; i++)
        array_ask(wires[i], "PING", "+PONG\r\n");
}

Test(redis_peers, kill_spares_the_one_who_asks_unless_told_otherwise)
{
    array_ask(wires[0], "CLIENT KILL ID 1", ":0\r\n");
    array_ask(wires[0], "CLIENT KILL ID 1 SKIPME yes", ":0\r\n");
    array_ask(wires[0], "CLIENT KILL ID 1 SKIPME no", ":1\r\n");
    wire_expect_gone(wires[0]);
    array_ask(wires[1], "CLIENT KILL TYPE normal USER default", ":4\r\n");
    for (size_t i = 2; i < CLIENTS; i++)
        wire_expect_close(wires[i]);
    array_ask(wires[1], "PING", "+PONG\r\n");
}

Test(redis_peers, kill_finds_a_connection_by_its_address)
{
    char request[128];
    char *list = ask_text(wires[0], "CLIENT LIST ID 4");
    const char *address = strstr(list, " addr=") + strlen(" addr=");
    int length = (int)strcspn(address, " ");
    snprintf(request, sizeof(request), "CLIENT KILL %.*s", length, address);
    array_ask(wires[0], request, "+OK\r\n");
    wire_expect_close(wires[3]);
    array_ask(wires[0], request, "-ERR No such client\r\n");
    snprintf(request, sizeof(request), "CLIENT KILL LADDR 127.0.0.1:%d ID 5", daemon_port(server));
    array_ask(wires[0], request, ":1\r\n");
    wire_expect_close(wires[4]);
    free(list);
}

Test(redis_peers, kill_refuses_what_redis_refuses)
{
    struct wire *wire = wires[0];
    array_ask(wire, "CLIENT KILL", "-ERR wrong number of arguments for 'client|kill' command\r\n");
    array_ask(wire, "CLIENT KILL ID 0", "-ERR client-id should be greater than 0\r\n");
    array_ask(wire, "CLIENT KILL ID x", "-ERR client-id should be greater than 0\r\n");
    array_ask(wire, "CLIENT KILL ID 2 ADDR", "-ERR syntax error\r\n");
    array_ask(wire, "CLIENT KILL ID 2 SKIPME maybe", "-ERR syntax error\r\n");
    array_ask(wire, "CLIENT KILL USER joe", "-ERR No such user 'joe'\r\n");
    array_ask(wire, "CLIENT KILL TYPE hare", "-ERR Unknown client type 'hare'\r\n");
    array_ask(wire, "CLIENT KILL FROB 1", "-ERR syntax error\r\n");
    for (size_t i = 0; i < CLIENTS; i++)
        array_ask(wires[i], "PING", "+PONG\r\n");
}

/* Its transaction and what it watches must go with it, and it may be in the middle of something. */
Test(redis_peers, kill_closes_connections_whatever_they_do)
{
    array_ask(wires[1], "WATCH hare", "+OK\r\n");
    array_ask(wires[1], "MULTI", "+OK\r\n");
    array_ask(wires[1], "SET hare brown", "+QUEUED\r\n");
    wire_say(wires[2], "FOLLOW hare\n");
    cr_assert(slice_has_prefix(wire_line(wires[2]), SLICE("\"SEQ\"")));
    wire_say(wires[3], "*2\r\n$3\r\nGET\r\n$100\r\nhalf");
    wire_ask(wires[4], "BEGIN\nPUT hare white\n", "OK\nOK\n");
    array_ask(wires[0], "CLIENT KILL TYPE normal", ":5\r\n");
    for (size_t i = 1; i < CLIENTS; i++)
        wire_expect_gone(wires[i]);
    array_ask(wires[0], "GET hare", "$-1\r\n");
}

Test(redis_peers, searches_at_once_do_not_get_in_each_others_way)
{
    for (int round = 0; round < 200; round++) {
        for (size_t i = 0; i < CLIENTS; i++)
            array_say(wires[i], "CLIENT KILL ID 999");
        for (size_t i = 0; i < CLIENTS; i++)
            wire_expect(wires[i], ":0\r\n");
    }
}

/* Searches that are still under way may close this one too, so it comes again until it is heard. */
static struct wire *kill_all_others(void)
{
    for (int tries = 0; tries < 100; tries++) {
        struct wire *again = daemon_connect(server);
        array_say(again, "CLIENT KILL TYPE normal");
        if (wire_has_line(again) && wire_line(again).data[0] == ':')
            return again;
        wire_close(again);
    }
    cr_assert_fail("every one of a hundred was closed");
    return NULL;
}

/* Each closes all others, whose own searches are under way and have to end all the same. */
Test(redis_peers, connections_that_search_can_be_closed)
{
    struct wire *last = daemon_connect(server);
    array_ask(last, "PING", "+PONG\r\n");
    for (size_t i = 0; i < CLIENTS; i++)
        array_say(wires[i], "CLIENT KILL TYPE normal");
    for (size_t i = 0; i < CLIENTS; i++)
        if (wire_has_line(wires[i]))
            break; /* the one that closed the rest, and `last` too */
    wire_expect_gone(last);
    wire_close(last);
    last = kill_all_others();
    for (size_t i = 0; i < CLIENTS; i++)
        wire_expect_gone(wires[i]);
    wire_close(last);
}

/* Workers end one after the other, and a search must not wait for one that has. */
Test(redis_peers, searches_do_not_hold_up_a_stop)
{
    struct buffer pipeline = {0};
    for (int i = 0; i < 2000; i++)
        array_append(&pipeline, SLICE("CLIENT KILL ID 999"));
    for (size_t i = 0; i < CLIENTS; i++)
        wire_push(wires[i], buffer_slice(&pipeline), 1000);
    time_t before = time(NULL);
    daemon_signal(server, SIGTERM);
    for (size_t i = 0; i < CLIENTS; i++)
        wire_expect_gone(wires[i]);
    cr_assert_eq(daemon_wait(server), 0);
    cr_assert_lt(time(NULL) - before, 4, "a stop that has to give up takes five seconds");
    daemon_start(server, NULL);
    buffer_fini(&pipeline);
}
