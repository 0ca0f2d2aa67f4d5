/*
 * CLIENTS and KILL.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/lib/daemon.h"
#include "tests/lib/report.h"

static struct daemon *server;
static struct wire *wire;

static void start(void)
{
    server = daemon_new();
    daemon_start(server, "--workers", "2", NULL);
    wire = daemon_connect(server);
}

static void stop(void)
{
    wire_close(wire);
    daemon_stop(server);
    daemon_free(server);
}

TestSuite(clients, .init = start, .fini = stop, .timeout = 60);

/* The number of the one connection whose row holds the words. */
static unsigned find(const char *words)
{
    unsigned found = 0;
    wire_say(wire, "CLIENTS\n");
    for (struct slice row = wire_line(wire); row.data[0] == '"'; row = wire_line(wire)) {
        if (memmem(row.data, row.len, words, strlen(words)) == NULL)
            continue;
        cr_assert_eq(found, 0, "two are: %s", words);
        found = (unsigned)atoi(row.data + 1);
    }
    cr_assert(found > 0, "none is: %s", words);
    return found;
}

static void kill(unsigned number, const char *reply)
{
    char request[32];
    snprintf(request, sizeof(request), "KILL %u\n", number);
    wire_ask(wire, request, reply);
}

Test(clients, shows_each_with_what_it_asked_last)
{
    struct wire *other = daemon_connect(server);
    struct wire *half = daemon_connect(server);
    wire_ask(other, "*2\r\n$6\r\nCLIENT\r\n$7\r\nGETNAME\r\n", "$-1\r\n");
    wire_ask(half, "PING\n", "OK \"PONG\"\n");
    wire_say(half, "PUT a ");
    cr_assert_neq(find(" command=CLIENT|GETNAME unread=0 unsent=0 "), find(" command=CLIENTS "));
    while (true) {
        wire_say(wire, "CLIENTS\n");
        struct slice reply = wire_reply(wire);
        if (memmem(reply.data, reply.len, " command=PING unread=6 ", 23) != NULL)
            break;
    }
    wire_close(other);
    wire_close(half);
}

Test(clients, kill_closes_the_one_with_the_number)
{
    struct wire *other = daemon_connect(server);
    wire_ask(other, "PING\n", "OK \"PONG\"\n");
    unsigned number = find(" command=PING ");
    kill(number, "OK\n");
    wire_expect_close(other);
    kill(number, "NOT_FOUND\n");
    wire_close(other);
}

Test(clients, kill_of_oneself_is_answered_first)
{
    kill(find(" command=CLIENTS "), "OK\n");
    wire_expect_close(wire);
}

Test(clients, both_keep_their_place_in_a_pipeline)
{
    wire_say(wire, "PUT a 1\nCLIENTS\nKILL 0\nGET a\n");
    wire_expect(wire, "OK\n");
    struct slice ending;
    cr_assert_eq(wire_skip_reply(wire, &ending), 1);
    wire_expect(wire, "NOT_FOUND\nOK \"1\"\n");
}

/* A prefix that somebody works in has nothing to do with it. */
Test(clients, are_the_same_inside_a_prefix)
{
    wire_ask(wire, "USE longer-than-any-number:\n", "OK \"longer-than-any-number:\"\n");
    find(" command=CLIENTS ");
}
