/*
 * Redis's commands on keys, and what they answer: as Redis 7.0 does, byte for byte.
 */
#include <criterion/criterion.h>

#include "tests/lib/daemon.h"
#include "tests/system/array.h"
#include "tests/system/follower.h"

static struct daemon *server;
static struct wire *wire;

static void start(void)
{
    server = daemon_run();
    wire = daemon_connect(server);
    array_ask(wire, "MSET a 1 b 2 c 3", "+OK\r\n");
}

static void stop(void)
{
    wire_close(wire);
    daemon_stop(server);
    daemon_free(server);
}

TestSuite(redis_keys, .init = start, .fini = stop, .timeout = 120);

static void ask(const char *request, const char *reply)
{
    array_ask(wire, request, reply);
}

Test(redis_keys, that_are_there_are_counted_as_often_as_they_are_named)
{
    ask("EXISTS a", ":1\r\n");
    ask("EXISTS a a none b", ":3\r\n");
    ask("TOUCH a a none", ":2\r\n");
    ask("TYPE a", "+string\r\n");
    ask("TYPE none", "+none\r\n");
}

Test(redis_keys, are_deleted_once)
{
    ask("DEL a a none b", ":2\r\n");
    ask("UNLINK c c", ":1\r\n");
    ask("DEL a b c", ":0\r\n");
    ask("DEL", "-ERR wrong number of arguments for 'del' command\r\n");
}

/* Nothing was deleted, so a follower hears nothing and the disk gets nothing. */
Test(redis_keys, that_are_not_there_are_not_deleted)
{
    struct wire *follower = follower_open(server, "FOLLOW ''\n", NULL);
    ask("DEL none", ":0\r\n");
    ask("GETDEL none", "$-1\r\n");
    ask("DEL none a", ":1\r\n");
    follower_expect(follower, "\"DEL\" \"a\" \"@-2\"\n");
    wire_close(follower);
}

Test(redis_keys, are_renamed)
{
    ask("RENAME a z", "+OK\r\n");
    ask("MGET a z", "*2\r\n$-1\r\n$1\r\n1\r\n");
    ask("RENAME z b", "+OK\r\n");
    ask("MGET z b", "*2\r\n$-1\r\n$1\r\n1\r\n");
    ask("RENAME none b", "-ERR no such key\r\n");
    ask("RENAME none none", "-ERR no such key\r\n");
    ask("RENAME b b", "+OK\r\n");
    ask("GET b", "$1\r\n1\r\n");
}

Test(redis_keys, are_renamed_to_what_is_free)
{
    ask("RENAMENX a b", ":0\r\n");
    ask("RENAMENX a a", ":0\r\n");
    ask("RENAMENX none z", "-ERR no such key\r\n");
    ask("RENAMENX a z", ":1\r\n");
    ask("MGET a b z", "*3\r\n$-1\r\n$1\r\n2\r\n$1\r\n1\r\n");
}

Test(redis_keys, are_copied)
{
    ask("COPY a z", ":1\r\n");
    ask("COPY a b", ":0\r\n");
    ask("COPY a b DB 0", ":0\r\n");
    ask("COPY a b replace", ":1\r\n");
    ask("COPY c b DB 0 REPLACE", ":1\r\n");
    ask("MGET a b z", "*3\r\n$1\r\n1\r\n$1\r\n3\r\n$1\r\n1\r\n");
    ask("COPY none b REPLACE", ":0\r\n");
    ask("COPY a a", "-ERR source and destination objects are the same\r\n");
}

Test(redis_keys, are_copied_inside_the_one_database)
{
    ask("COPY a z DB 1", "-ERR DB index is out of range\r\n");
    ask("COPY a z DB -1", "-ERR DB index is out of range\r\n");
    ask("COPY a z DB x", "-ERR value is not an integer or out of range\r\n");
    ask("COPY a z DB 99999999999",
        "-ERR value is out of range, value must between -2147483648 and 2147483647\r\n");
    ask("COPY a z DB", "-ERR syntax error\r\n");
    ask("COPY a z what", "-ERR syntax error\r\n");
    ask("EXISTS z", ":0\r\n");
}
