/*
 * KEYS, DBSIZE, RANDOMKEY, FLUSHDB and FLUSHALL: Redis's commands about all keys there are.
 */
#include <criterion/criterion.h>
#include <stdio.h>

#include "tests/lib/report.h"
#include "tests/system/array.h"
#include "tests/system/load.h"
#include "tests/system/page.h"

static struct daemon *server;
static struct wire *wire;

static void start(void)
{
    server = daemon_new();
    daemon_start(server, "--max-output", "64M", NULL);
    wire = daemon_connect(server);
}

static void stop(void)
{
    wire_close(wire);
    daemon_free(server);
}

TestSuite(redis_iterate, .init = start, .fini = stop, .timeout = 120);

static void restart_with(const char *option, const char *value)
{
    wire_close(wire);
    daemon_stop(server);
    daemon_start(server, option, value, NULL);
    wire = daemon_connect(server);
}

static void ask(const char *words, const char *reply)
{
    array_ask(wire, words, reply);
}

Test(redis_iterate, of_nothing_finds_nothing)
{
    ask("KEYS *", "*0\r\n");
    ask("DBSIZE", ":0\r\n");
    ask("RANDOMKEY", "$-1\r\n");
}

/* Byte for byte what redis-server 7.0 answers. */
Test(redis_iterate, refuses_what_redis_refuses)
{
    static const char syntax[] = "-ERR syntax error\r\n";
    ask("KEYS", "-ERR wrong number of arguments for 'keys' command\r\n");
    ask("KEYS a b", "-ERR wrong number of arguments for 'keys' command\r\n");
    ask("DBSIZE a", "-ERR wrong number of arguments for 'dbsize' command\r\n");
    ask("RANDOMKEY a", "-ERR wrong number of arguments for 'randomkey' command\r\n");
    ask("FLUSHDB NOW", syntax);
    ask("FLUSHALL SYNC ASYNC", syntax);
}

/* KEYS and DBSIZE ------------------------------------------------------------------------ */

Test(redis_iterate, keys_come_in_their_order)
{
    wire_ask(wire, "MPUT c 3 '' 0 a 1 \"\\xff\" 4 b 2 bc 5\n", "OK\n");
    ask("KEYS *", "*6\r\n$0\r\n\r\n$1\r\na\r\n$1\r\nb\r\n$2\r\nbc\r\n$1\r\nc\r\n$1\r\n\xff\r\n");
    ask("keys b*", "*2\r\n$1\r\nb\r\n$2\r\nbc\r\n");
    ask("KEYS b", "*1\r\n$1\r\nb\r\n");
    ask("KEYS ''", "*1\r\n$0\r\n\r\n");
    ask("KEYS [^b]", "*3\r\n$1\r\na\r\n$1\r\nc\r\n$1\r\n\xff\r\n");
    ask("DBSIZE", ":6\r\n");
}

#define MANY 100000

/* Far more than goes out in one turn. */
Test(redis_iterate, keys_of_any_number_are_sent_piece_by_piece)
{
    char expected[16];
    load_rows(wire, MANY, 20);
    ask("DBSIZE", ":100000\r\n");
    array_say(wire, "KEYS k*");
    array_say(wire, "PING");
    cr_assert_eq(page_number(wire, '*'), MANY);
    for (unsigned i = 0; i < MANY; i++) {
        snprintf(expected, sizeof(expected), "k%08u", i);
        report_equal("key", page_bulk(wire), slice_from_string(expected));
    }
    wire_expect(wire, "+PONG\r\n");
}

Test(redis_iterate, keys_that_take_too_much_memory_are_refused)
{
    load_long_keys(wire, 1100);
    ask("KEYS *", "-ERR the keys that match take more than --max-output allows; use SCAN\r\n");
    ask("KEYS *y", "*0\r\n");
    ask("DBSIZE", ":1100\r\n");
}

/* RANDOMKEY -------------------------------------------------------------------------- */

/* The rarest is to come once in 24 or so. */
Test(redis_iterate, at_random_finds_every_key)
{
    static const char *const all[] = {"", "a", "ab", "abc", "b:1", "b:2", "b:3", "\xff"};
    unsigned seen[8] = {0};
    wire_ask(wire, "MPUT '' 1 a 1 ab 1 abc 1 b:1 1 b:2 1 b:3 1 \"\\xff\" 1\n", "OK\n");
    for (unsigned i = 0; i < 20000; i++)
        array_say(wire, "RANDOMKEY");
    for (unsigned i = 0; i < 20000; i++) {
        struct slice key = page_bulk(wire);
        for (size_t j = 0; j < 8; j++)
            seen[j] += slice_equal(key, slice_from_string(all[j]));
    }
    unsigned sum = 0;
    for (size_t j = 0; j < 8; j++) {
        cr_assert(seen[j] > 0, "%zu never came", j);
        sum += seen[j];
    }
    cr_assert_eq(sum, 20000, "a key came that is not there");
}

/* Evenly numbered keys come evenly: of 1,000 draws each tenth of the keys has some. */
Test(redis_iterate, at_random_is_spread_over_the_keys)
{
    unsigned tenths[10] = {0};
    load_rows(wire, 10000, 20);
    for (unsigned i = 0; i < 1000; i++)
        array_say(wire, "RANDOMKEY");
    for (unsigned i = 0; i < 1000; i++) {
        struct slice key = page_bulk(wire);
        cr_assert_eq(key.len, 9);
        tenths[key.data[5] - '0']++;
    }
    for (size_t i = 0; i < 10; i++)
        cr_assert(tenths[i] > 20, "tenth %zu came %u times", i, tenths[i]);
}

/* FLUSHDB and FLUSHALL ------------------------------------------------------------------ */

static const char refused[] = "-ERR deleting everything is not allowed here; leveretd "
                              "--allow-flush yes would allow it\r\n";

Test(redis_iterate, deletes_nothing_unless_the_daemon_allows_it)
{
    wire_ask(wire, "PUT a 1\n", "OK\n");
    ask("FLUSHDB", refused);
    ask("FLUSHALL ASYNC", refused);
    ask("DBSIZE", ":1\r\n");
    restart_with("--allow-flush", "no");
    ask("FLUSHDB", refused);
    ask("DBSIZE", ":1\r\n");
}

Test(redis_iterate, deletes_everything_when_the_daemon_allows_it)
{
    static const char *const requests[] = {"FLUSHDB", "FLUSHDB SYNC", "FLUSHALL", "flushall async"};
    restart_with("--allow-flush", "yes");
    for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
        load_rows(wire, 5000, 20);
        wire_ask(wire, "MPUT '' 1 \"\\xff\\xff\" 1\n", "OK\n");
        ask("DBSIZE", ":5002\r\n");
        ask(requests[i], "+OK\r\n");
        ask("DBSIZE", ":0\r\n");
        wire_ask(wire, "SCAN ''\n", "OK 0\n");
        ask(requests[i], "+OK\r\n");
    }
}

Test(redis_iterate, deletes_in_its_place_in_a_pipeline)
{
    restart_with("--allow-flush", "yes");
    wire_ask(wire,
             "PUT a 1\n*1\r\n$7\r\nFLUSHDB\r\nPUT b 1\n*1\r\n$6\r\nDBSIZE\r\n"
             "*2\r\n$4\r\nKEYS\r\n$1\r\n*\r\n",
             "OK\n+OK\r\nOK\n:1\r\n*1\r\n$1\r\nb\r\n");
}
