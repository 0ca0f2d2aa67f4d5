/*
 * Redis's commands on strings, and what they answer: as Redis 7.0 does, byte for byte.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "protocol/limits.h"
#include "tests/lib/daemon.h"
#include "tests/lib/report.h"
#include "tests/system/array.h"

#define NOT_INTEGER "-ERR value is not an integer or out of range\r\n"
#define NOT_FLOAT "-ERR value is not a valid float\r\n"
#define SYNTAX "-ERR syntax error\r\n"
#define TOO_LONG "-ERR string exceeds maximum allowed size (proto-max-bulk-len)\r\n"

static struct daemon *server;
static struct wire *wire;

static void start(void)
{
    server = daemon_new();
    daemon_start(server, "--workers", "1", NULL);
    wire = daemon_connect(server);
}

static void stop(void)
{
    wire_close(wire);
    daemon_stop(server);
    daemon_free(server);
}

TestSuite(redis_strings, .init = start, .fini = stop, .timeout = 120);

static void ask(const char *request, const char *reply)
{
    array_ask(wire, request, reply);
}

/* Setting and getting -------------------------------------------------------------- */

Test(redis_strings, set_obeys_its_conditions)
{
    ask("SET k 1 XX", "$-1\r\n");
    ask("SET k 1 NX", "+OK\r\n");
    ask("SET k 2 nx", "$-1\r\n");
    ask("SET k 3 xx", "+OK\r\n");
    ask("GET k", "$1\r\n3\r\n");
    ask("SETNX k 4", ":0\r\n");
    ask("SETNX other 4", ":1\r\n");
    ask("SET k '' NX NX", "$-1\r\n");
    ask("SET k ''", "+OK\r\n");
    ask("SET k 5 NX", "$-1\r\n"); /* an empty value is a value */
}

Test(redis_strings, set_answers_the_old_value_when_asked)
{
    ask("SET k 1 XX GET", "$-1\r\n");
    ask("GET k", "$-1\r\n");
    ask("SET k 1 NX GET", "$-1\r\n");
    ask("SET k 2 NX GET", "$1\r\n1\r\n");
    ask("SET k 3 GET XX", "$1\r\n1\r\n");
    ask("SET k 4 get get keepttl", "$1\r\n3\r\n");
    ask("GETSET k 5", "$1\r\n4\r\n");
    ask("GETSET fresh 5", "$-1\r\n");
    ask("GETDEL k", "$1\r\n5\r\n");
    ask("GETDEL k", "$-1\r\n");
    ask("GET k", "$-1\r\n");
}

Test(redis_strings, set_refuses_options_that_contradict)
{
    ask("SET k v NX XX", SYNTAX);
    ask("SET k v XX NX", SYNTAX);
    ask("SET k v EX", SYNTAX);
    ask("SET k v EX 1 PX 1", SYNTAX);
    ask("SET k v EX 1 KEEPTTL", SYNTAX);
    ask("SET k v KEEPTTL PXAT 1", SYNTAX);
    ask("SET k v PERSIST", SYNTAX);
    ask("SET k v what", SYNTAX);
    ask("SET k", "-ERR wrong number of arguments for 'set' command\r\n");
    ask("GET k", "$-1\r\n");
}

/* What Redis refuses is refused in its words; the rest is refused too, and nothing is set. */
Test(redis_strings, set_takes_no_expiry)
{
    ask("SET k v EX NX", NOT_INTEGER);
    ask("SET k v EX 01", NOT_INTEGER);
    ask("SET k v EX 0", "-ERR invalid expire time in 'set' command\r\n");
    ask("SET k v PX -1", "-ERR invalid expire time in 'set' command\r\n");
    ask("SET k v EX 9223372036854775807", "-ERR invalid expire time in 'set' command\r\n");
    ask("SET k v EX 10", "-ERR keys do not expire here, so SET takes no EX\r\n");
    ask("SET k v px 10 NX GET", "-ERR keys do not expire here, so SET takes no PX\r\n");
    ask("SET k v EXAT 10", "-ERR keys do not expire here, so SET takes no EXAT\r\n");
    ask("SET k v PXAT 10", "-ERR keys do not expire here, so SET takes no PXAT\r\n");
    ask("GET k", "$-1\r\n");
}

Test(redis_strings, values_of_any_bytes_are_kept)
{
    ask("SET \"\\x00\\r\\n\" \"\\xff\\r\\n$1\\r\\n\"", "+OK\r\n");
    array_say(wire, "GET \"\\x00\\r\\n\"");
    wire_expect_bytes(wire, SLICE("$7\r\n\xff\r\n$1\r\n\r\n"));
    ask("SET '' empty", "+OK\r\n"); /* an empty key is a key */
    ask("GET ''", "$5\r\nempty\r\n");
}

/* Parts ------------------------------------------------------------------------------ */

Test(redis_strings, getrange_counts_from_both_ends)
{
    static const char *const requests[][2] = {
        {"GETRANGE k 0 -1", "$5\r\nhello\r\n"},
        {"GETRANGE k 0 0", "$1\r\nh\r\n"},
        {"GETRANGE k -3 -2", "$2\r\nll\r\n"},
        {"GETRANGE k -2 -3", "$0\r\n\r\n"},
        {"GETRANGE k 3 2", "$0\r\n\r\n"},
        {"GETRANGE k -100 100", "$5\r\nhello\r\n"},
        {"GETRANGE k 0 -100", "$1\r\nh\r\n"},
        {"GETRANGE k -100 -101", "$0\r\n\r\n"},
        {"GETRANGE k 5 9", "$0\r\n\r\n"},
        {"GETRANGE k -9223372036854775808 9223372036854775807", "$5\r\nhello\r\n"},
        {"GETRANGE none 0 -1", "$0\r\n\r\n"},
        {"SUBSTR k 1 2", "$2\r\nel\r\n"},
        {"GETRANGE k 0 9223372036854775808", NOT_INTEGER},
        {"GETRANGE none +1 1", NOT_INTEGER},
        {"STRLEN k", ":5\r\n"},
        {"STRLEN none", ":0\r\n"},
    };
    ask("SET k hello", "+OK\r\n");
    for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++)
        ask(requests[i][0], requests[i][1]);
}

Test(redis_strings, setrange_fills_the_gap_with_zeroes)
{
    ask("SETRANGE k 0 ''", ":0\r\n");
    ask("EXISTS k", ":0\r\n");
    ask("SETRANGE k 2 ab", ":4\r\n");
    array_say(wire, "GET k");
    wire_expect_bytes(wire, SLICE("$4\r\n\0\0ab\r\n"));
    ask("SETRANGE k 1 XY", ":4\r\n");
    ask("SETRANGE k 3 Zend", ":7\r\n");
    array_say(wire, "GET k");
    wire_expect_bytes(wire, SLICE("$7\r\n\0XYZend\r\n"));
    ask("SETRANGE k 100 ''", ":7\r\n");
    ask("SETRANGE k -1 x", "-ERR offset is out of range\r\n");
    ask("SETRANGE k 1.0 x", NOT_INTEGER);
}

Test(redis_strings, append_makes_what_is_not_there)
{
    ask("APPEND k ''", ":0\r\n");
    ask("EXISTS k", ":1\r\n");
    ask("APPEND k ab", ":2\r\n");
    ask("APPEND k cde", ":5\r\n");
    ask("GET k", "$5\r\nabcde\r\n");
}

/* 16 MiB is the longest value; one byte more is refused in Redis's words, however it is made. */
Test(redis_strings, values_grow_to_the_limit_and_not_beyond)
{
    _Static_assert(LIMIT_VALUE == 16777216, "the numbers below are of this limit");
    ask("SETRANGE k 16777216 x", TOO_LONG);
    ask("SETRANGE k 9223372036854775807 xx", TOO_LONG);
    ask("SETRANGE k 16777215 x", ":16777216\r\n");
    ask("APPEND k y", TOO_LONG);
    ask("APPEND k ''", ":16777216\r\n");
    ask("STRLEN k", ":16777216\r\n");
    array_say(wire, "GETRANGE k -2 -1");
    wire_expect_bytes(wire, SLICE("$2\r\n\0x\r\n"));
}

static void send_key(const char *command, size_t len, const char *value)
{
    struct buffer request = {0};
    buffer_append_string(&request, value == NULL ? "*2\r\n" : "*3\r\n");
    buffer_append_string(&request, command);
    buffer_append_byte(&request, '$');
    buffer_append_u64(&request, len);
    buffer_append_string(&request, "\r\n");
    for (size_t i = 0; i < len; i++)
        buffer_append_byte(&request, 'k');
    buffer_append_string(&request, "\r\n");
    if (value != NULL)
        buffer_append_string(&request, value);
    wire_send(wire, buffer_slice(&request));
    buffer_fini(&request);
}

/* A longer key cannot be stored; asking for it is no mistake. */
Test(redis_strings, keys_are_stored_up_to_64_KiB)
{
    static const char refused[] = "-LIMIT the key is longer than 64 KiB\r\n";
    send_key("$3\r\nSET\r\n", LIMIT_KEY, "$1\r\nv\r\n");
    wire_expect(wire, "+OK\r\n");
    send_key("$3\r\nSET\r\n", LIMIT_KEY + 1, "$1\r\nv\r\n");
    wire_expect(wire, refused);
    send_key("$6\r\nAPPEND\r\n", LIMIT_KEY + 1, "$1\r\nv\r\n");
    wire_expect(wire, refused);
    send_key("$3\r\nGET\r\n", LIMIT_KEY + 1, NULL);
    wire_expect(wire, "$-1\r\n");
    send_key("$3\r\nDEL\r\n", LIMIT_KEY + 1, NULL);
    wire_expect(wire, ":0\r\n");
    send_key("$3\r\nDEL\r\n", LIMIT_KEY, NULL);
    wire_expect(wire, ":1\r\n");
}

/* Numbers ------------------------------------------------------------------------------ */

Test(redis_strings, counters_count)
{
    ask("INCR k", ":1\r\n");
    ask("INCRBY k 41", ":42\r\n");
    ask("DECRBY k 50", ":-8\r\n");
    ask("DECR k", ":-9\r\n");
    ask("GET k", "$2\r\n-9\r\n");
    ask("INCRBY low -9223372036854775808", ":-9223372036854775808\r\n");
    ask("GET low", "$20\r\n-9223372036854775808\r\n");
}

Test(redis_strings, counters_do_not_overflow)
{
    static const char overflow[] = "-ERR increment or decrement would overflow\r\n";
    ask("SET high 9223372036854775807", "+OK\r\n");
    ask("INCR high", overflow);
    ask("DECRBY high -1", overflow);
    ask("SET low -9223372036854775808", "+OK\r\n");
    ask("DECR low", overflow);
    ask("INCRBY low -1", overflow);
    ask("DECRBY low -9223372036854775808", "-ERR decrement would overflow\r\n");
    ask("GET low", "$20\r\n-9223372036854775808\r\n");
    ask("INCRBY high 9223372036854775808", NOT_INTEGER);
}

Test(redis_strings, counters_take_numbers_in_one_spelling)
{
    static const char *const wrong[] = {"''", "01", "-0", "+1", "' 1'", "'1 '", "1.0", "-", "x"};
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        char request[64];
        snprintf(request, sizeof(request), "SET k %s", wrong[i]);
        ask(request, "+OK\r\n");
        ask("INCR k", NOT_INTEGER);
        snprintf(request, sizeof(request), "INCRBY number %s", wrong[i]);
        ask(request, NOT_INTEGER);
        snprintf(request, sizeof(request), "DECRBY number %s", wrong[i]);
        ask(request, NOT_INTEGER);
    }
    ask("EXISTS number", ":0\r\n");
}

Test(redis_strings, incrbyfloat_writes_no_more_digits_than_it_needs)
{
    ask("INCRBYFLOAT k 0.1", "$3\r\n0.1\r\n");
    ask("INCRBYFLOAT k 0.2", "$3\r\n0.3\r\n");
    ask("INCRBYFLOAT k 3.0e3", "$22\r\n3000.30000000000000004\r\n");
    ask("SET k 10", "+OK\r\n");
    ask("INCRBYFLOAT k -10", "$1\r\n0\r\n");
    ask("INCRBYFLOAT k -0.0", "$1\r\n0\r\n");
    ask("INCRBYFLOAT k -1e-20", "$1\r\n0\r\n");
    ask("INCRBYFLOAT k 0x10", "$2\r\n16\r\n");
    ask("INCRBYFLOAT k 1e20", "$21\r\n100000000000000000016\r\n");
    ask("GET k", "$21\r\n100000000000000000016\r\n");
    ask("SET k 9223372036854775807", "+OK\r\n");
    ask("INCRBYFLOAT k 1", "$19\r\n9223372036854775808\r\n");
}

Test(redis_strings, incrbyfloat_takes_numbers_only)
{
    static const char *const wrong[] = {"''",  "' 1'",   "'1 '",    "x",
                                        "nan", "1e5000", "1e-5000", "\"1\\x00\""};
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        char request[64];
        snprintf(request, sizeof(request), "SET k %s", wrong[i]);
        ask(request, "+OK\r\n");
        ask("INCRBYFLOAT k 1", NOT_FLOAT);
        snprintf(request, sizeof(request), "INCRBYFLOAT number %s", wrong[i]);
        ask(request, NOT_FLOAT);
    }
    ask("INCRBYFLOAT k inf", NOT_FLOAT);
    ask("INCRBYFLOAT number inf", "-ERR increment would produce NaN or Infinity\r\n");
    ask("SET number -inf", "+OK\r\n");
    ask("INCRBYFLOAT number inf", "-ERR increment would produce NaN or Infinity\r\n");
    ask("SET number 1e4932", "+OK\r\n");
    ask("INCRBYFLOAT number 1e4932", "-ERR increment would produce NaN or Infinity\r\n");
}

/* Several keys --------------------------------------------------------------------------- */

Test(redis_strings, mset_and_mget_take_many)
{
    ask("MSET a 1 b 2 a 3", "+OK\r\n");
    ask("MGET a none b a", "*4\r\n$1\r\n3\r\n$-1\r\n$1\r\n2\r\n$1\r\n3\r\n");
    ask("MSET a 1 b", "-ERR wrong number of arguments for 'mset' command\r\n");
    ask("MSETNX c 1 b", "-ERR wrong number of arguments for 'msetnx' command\r\n");
    ask("MSETNX c 1 b 3", ":0\r\n");
    ask("MSETNX c 1 d 2 c 4", ":1\r\n");
    ask("MGET b c d", "*3\r\n$1\r\n2\r\n$1\r\n4\r\n$1\r\n2\r\n");
}

#define MANY 60000

/* The command with so many keys, of which every other is there. */
static void send_many(const char *head)
{
    struct buffer request = {0};
    buffer_append_string(&request, head);
    for (int i = 0; i < MANY; i++)
        buffer_append_string(&request, i % 2 == 0 ? "$1\r\nk\r\n" : "$4\r\nnone\r\n");
    wire_send(wire, buffer_slice(&request));
    buffer_fini(&request);
}

/* A reply of 60 MB that nobody reads yet takes no memory and no turn of the others. What they write
 * meanwhile is not in it. */
Test(redis_strings, mget_of_very_many_keys_streams_one_moment)
{
    char value[2048] = "";
    struct wire *other = daemon_connect(server);
    struct buffer set = {0};
    struct buffer row = {0};
    memset(value, 'v', sizeof(value));
    buffer_append_string(&set, "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n");
    buffer_append_string(&row, "$2048\r\n");
    buffer_append(&row, value, sizeof(value));
    buffer_append_string(&row, "\r\n");
    buffer_append_slice(&set, buffer_slice(&row));
    buffer_append_string(&row, "$-1\r\n");
    wire_send(wire, buffer_slice(&set));
    wire_expect(wire, "+OK\r\n");
    size_t before = daemon_rss(server);
    send_many("*60001\r\n$4\r\nMGET\r\n");
    wire_expect(wire, "*60000\r\n"); /* it has begun */
    wire_expect_bytes(wire, buffer_slice(&row));
    wire_ask(other, "PUT none 1\nPUT k other\n", "OK\nOK\n");
    cr_assert_lt(daemon_rss(server), before + 16 * 1024 * 1024);
    for (int i = 1; i < MANY / 2; i++)
        wire_expect_bytes(wire, buffer_slice(&row));
    send_many("*60001\r\n$6\r\nEXISTS\r\n");
    wire_expect(wire, ":60000\r\n");
    wire_close(other);
    buffer_fini(&set);
    buffer_fini(&row);
}
