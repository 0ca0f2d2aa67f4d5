/*
 * What a Redis client asks about the server, byte for byte where Redis 7.0.15 says the same.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/lib/daemon.h"
#include "tests/system/array.h"
#include "tests/system/value.h"

static struct daemon *server;
static struct wire *wire;

static void start(void)
{
    server = daemon_run();
    wire = daemon_connect(server);
}

static void stop(void)
{
    wire_close(wire);
    daemon_stop(server);
    daemon_free(server);
}

TestSuite(redis_about, .init = start, .fini = stop, .timeout = 60);

static const char syntax_error[] = "-ERR syntax error\r\n";
static const char no_integer[] = "-ERR value is not an integer or out of range\r\n";

/* INFO --------------------------------------------------------------------------- */

/* Asks for a bulk string, and returns it as a string that the caller frees. */
static char *ask_text(const char *request)
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

static void expect_part(const char *text, const char *part)
{
    cr_assert_not_null(strstr(text, part), "no %s in %s", part, text);
}

Test(redis_about, info_has_the_facts_that_libraries_read)
{
    char line[64];
    char *text = ask_text("INFO");
    cr_assert_eq(strncmp(text, "# Server\r\nredis_version:7.0.15\r\n", 32), 0, "%s", text);
    expect_part(text, "\r\nleveret_version:0.1.0\r\n");
    expect_part(text, "\r\nredis_mode:standalone\r\n");
    expect_part(text, "\r\n\r\n# Clients\r\nconnected_clients:1\r\n");
    expect_part(text, "\r\nloading:0\r\n");
    expect_part(text, "\r\naof_last_write_status:ok\r\n");
    expect_part(text, "\r\nrole:master\r\nconnected_slaves:0\r\n");
    expect_part(text, "\r\n# Cluster\r\ncluster_enabled:0\r\n\r\n# Keyspace\r\n\r\n# Leveret\r\n");
    expect_part(text, "\r\nleveret_writable:yes\r\n");
    snprintf(line, sizeof(line), "\r\nprocess_id:%d\r\n", (int)daemon_pid(server));
    expect_part(text, line);
    snprintf(line, sizeof(line), "\r\ntcp_port:%d\r\n", daemon_port(server));
    expect_part(text, line);
    free(text);
}

Test(redis_about, info_tells_the_sections_that_are_named_each_once_and_in_its_own_order)
{
    const char *both = "$44\r\n# Cluster\r\ncluster_enabled:0\r\n\r\n# Keyspace\r\n\r\n";
    array_ask(wire, "INFO cluster", "$30\r\n# Cluster\r\ncluster_enabled:0\r\n\r\n");
    array_ask(wire, "INFO keyspace CLUSTER weather keyspace", both);
    array_ask(wire, "INFO weather", "$0\r\n\r\n");
    array_say(wire, "CLIENT REPLY SKIP");
    array_say(wire, "HELLO 3");
    array_ask(wire, "INFO cluster", "=34\r\ntxt:# Cluster\r\ncluster_enabled:0\r\n\r\n");
}

/* CONFIG ------------------------------------------------------------------------- */

Test(redis_about, config_get_takes_patterns)
{
    array_ask(wire, "CONFIG GET save", "*2\r\n$4\r\nsave\r\n$0\r\n\r\n");
    array_ask(wire, "CONFIG GET sav* s[a]ve SAVE", "*2\r\n$4\r\nsave\r\n$0\r\n\r\n");
    array_ask(wire, "CONFIG GET append*",
              "*4\r\n$10\r\nappendonly\r\n$3\r\nyes\r\n$11\r\nappendfsync\r\n$6\r\nalways\r\n");
    array_ask(wire, "CONFIG GET databases timeout",
              "*4\r\n$9\r\ndatabases\r\n$1\r\n1\r\n$7\r\ntimeout\r\n$1\r\n0\r\n");
    array_ask(wire, "CONFIG GET proto-*", "*2\r\n$18\r\nproto-max-bulk-len\r\n$8\r\n16777216\r\n");
    array_ask(wire, "CONFIG GET weather", "*0\r\n");
    array_say(wire, "CLIENT REPLY SKIP");
    array_say(wire, "HELLO 3");
    array_ask(wire, "CONFIG GET save", "%1\r\n$4\r\nsave\r\n$0\r\n\r\n");
}

Test(redis_about, config_changes_nothing_and_says_so)
{
    array_ask(wire, "CONFIG SET save ''",
              "-ERR CONFIG SET failed (possibly related to argument 'save') - can't set immutable "
              "config\r\n");
    array_ask(wire, "CONFIG SET weather fine",
              "-ERR Unknown option or number of arguments for CONFIG SET - 'weather'\r\n");
    array_ask(wire, "CONFIG SET save a b", syntax_error);
    array_ask(wire, "CONFIG SET save",
              "-ERR wrong number of arguments for 'config|set' command\r\n");
    array_ask(wire, "CONFIG REWRITE", "-ERR The server is running without a config file\r\n");
    array_ask(wire, "CONFIG RESETSTAT",
              "-ERR counts start with the daemon and are never reset\r\n");
    array_ask(wire, "CONFIG FROB", "-ERR unknown subcommand 'FROB'. Try CONFIG HELP.\r\n");
}

/* COMMAND ------------------------------------------------------------------------ */

Test(redis_about, command_info_describes_as_redis_does)
{
    array_ask(
        wire, "COMMAND INFO nope get",
        "*2\r\n$-1\r\n*10\r\n$3\r\nget\r\n:2\r\n*2\r\n+readonly\r\n+fast\r\n:1\r\n:1\r\n:1\r\n"
        "*3\r\n+@read\r\n+@string\r\n+@fast\r\n*0\r\n*1\r\n*6\r\n$5\r\nflags\r\n*2\r\n+RO\r\n"
        "+access\r\n$12\r\nbegin_search\r\n*4\r\n$4\r\ntype\r\n$5\r\nindex\r\n$4\r\nspec\r\n"
        "*2\r\n$5\r\nindex\r\n:1\r\n$9\r\nfind_keys\r\n*4\r\n$4\r\ntype\r\n$5\r\nrange\r\n"
        "$4\r\nspec\r\n*6\r\n$7\r\nlastkey\r\n:0\r\n$7\r\nkeystep\r\n:1\r\n$5\r\nlimit\r\n:0"
        "\r\n*0\r\n");
    array_ask(wire, "COMMAND INFO multi",
              "*1\r\n*10\r\n$5\r\nmulti\r\n:1\r\n*5\r\n+noscript\r\n+loading\r\n+stale\r\n+fast\r\n"
              "+allow_busy\r\n:0\r\n:0\r\n:0\r\n*2\r\n+@fast\r\n+@transaction\r\n*0\r\n*0\r\n*0"
              "\r\n");
    array_ask(
        wire, "COMMAND INFO client|id client|frob",
        "*2\r\n*10\r\n$9\r\nclient|id\r\n:2\r\n*3\r\n+noscript\r\n+loading\r\n+stale\r\n:0\r\n"
        ":0\r\n:0\r\n*2\r\n+@slow\r\n+@connection\r\n*0\r\n*0\r\n*0\r\n$-1\r\n");
}

Test(redis_about, command_lists_what_is_served)
{
    array_ask(wire, "COMMAND LIST FILTERBY PATTERN GET*",
              "*4\r\n$3\r\nget\r\n$6\r\ngetset\r\n$6\r\ngetdel\r\n$8\r\ngetrange\r\n");
    array_ask(wire, "COMMAND LIST FILTERBY ACLCAT transaction",
              "*5\r\n$5\r\nmulti\r\n$4\r\nexec\r\n$7\r\ndiscard\r\n$5\r\nwatch\r\n$7\r\nunwatch"
              "\r\n");
    array_ask(wire, "COMMAND LIST FILTERBY ACLCAT weather", "*0\r\n");
    array_ask(wire, "COMMAND LIST FILTERBY MODULE weather", "*0\r\n");
    array_ask(wire, "COMMAND LIST FILTERBY WEATHER fine", syntax_error);
    array_ask(wire, "COMMAND LIST weather", syntax_error);
}

/* Reads one value of any depth. */
static void skip_value(void)
{
    long parts = 1;
    while (parts > 0) {
        struct value value = value_next(wire);
        parts += value.type == '*' ? (long)value.number - 1 : -1;
    }
}

/* The heads of the lists must hold: as many entries follow as COUNT says. */
Test(redis_about, command_describes_every_command)
{
    char head[32];
    array_say(wire, "COMMAND COUNT");
    struct slice line = wire_line(wire);
    unsigned long count = strtoul(line.data + 1, NULL, 10);
    cr_assert_gt(count, 40);
    snprintf(head, sizeof(head), "*%lu\r\n", count);
    array_say(wire, "COMMAND LIST");
    wire_expect(wire, head);
    for (unsigned long i = 0; i < 2 * count; i++)
        (void)wire_line(wire);
    array_say(wire, "COMMAND INFO");
    wire_expect(wire, head);
    for (unsigned long i = 0; i < count; i++)
        skip_value();
    snprintf(head, sizeof(head), "*%lu\r\n", 2 * count);
    array_say(wire, "COMMAND DOCS");
    wire_expect(wire, head);
    for (unsigned long i = 0; i < 2 * count; i++)
        skip_value();
    array_ask(
        wire, "COMMAND DOCS nope time echo",
        "*4\r\n$4\r\ntime\r\n*6\r\n$7\r\nsummary\r\n$35\r\nseconds and microseconds since 1970"
        "\r\n$5\r\nsince\r\n$5\r\n2.6.0\r\n$5\r\ngroup\r\n$6\r\nserver\r\n"
        "$4\r\necho\r\n*8\r\n$7\r\nsummary\r\n$24\r\nanswers what it is given\r\n"
        "$5\r\nsince\r\n$5\r\n1.0.0\r\n$5\r\ngroup\r\n$10\r\nconnection\r\n"
        "$9\r\narguments\r\n*1\r\n*6\r\n$4\r\nname\r\n$7\r\nmessage\r\n$4\r\ntype\r\n"
        "$6\r\nstring\r\n$12\r\ndisplay_text\r\n$7\r\nmessage\r\n");
}

Test(redis_about, command_finds_the_keys_of_a_request)
{
    const char *arity = "-ERR Invalid number of arguments specified for command\r\n";
    array_ask(wire, "COMMAND GETKEYS GET a", "*1\r\n$1\r\na\r\n");
    array_ask(wire, "COMMAND GETKEYS mset a 1 b 2", "*2\r\n$1\r\na\r\n$1\r\nb\r\n");
    array_ask(wire, "COMMAND GETKEYS MSET a 1 b", "*2\r\n$1\r\na\r\n$1\r\nb\r\n");
    array_ask(wire, "COMMAND GETKEYS DEL a b c", "*3\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n");
    array_ask(wire, "COMMAND GETKEYS COPY a b REPLACE", "*2\r\n$1\r\na\r\n$1\r\nb\r\n");
    array_ask(wire, "COMMAND GETKEYS GET a b", arity);
    array_ask(wire, "COMMAND GETKEYS nope a", "-ERR Invalid command specified\r\n");
    array_ask(wire, "COMMAND GETKEYS PING a", "-ERR The command has no key arguments\r\n");
    array_ask(wire, "COMMAND GETKEYSANDFLAGS RENAME a b",
              "*2\r\n*2\r\n$1\r\na\r\n*3\r\n+RW\r\n+access\r\n+delete\r\n*2\r\n$1\r\nb\r\n*2\r\n"
              "+OW\r\n+update\r\n");
}

/* Appends so many more words to the array that begins with `words`. */
static void say_many(const char *words, size_t number, size_t count, const char *word)
{
    struct buffer request = {0};
    struct buffer whole = {0};
    char head[32];
    array_append(&request, slice_from_string(words));
    size_t first_line =
        (size_t)((char *)memchr(request.data, '\n', request.len) - request.data) + 1;
    snprintf(head, sizeof(head), "*%zu\r\n", number + count);
    buffer_append_string(&whole, head);
    buffer_append(&whole, request.data + first_line, request.len - first_line);
    snprintf(head, sizeof(head), "$%zu\r\n%s\r\n", strlen(word), word);
    for (size_t i = 0; i < count; i++)
        buffer_append_string(&whole, head);
    wire_send(wire, buffer_slice(&whole));
    buffer_fini(&request);
    buffer_fini(&whole);
}

/* A request of 9 MB would otherwise make a reply of hundreds. */
Test(redis_about, what_is_told_at_once_is_bounded)
{
    say_many("COMMAND INFO", 2, 1024, "x");
    wire_expect(wire, "*1024\r\n");
    for (unsigned i = 0; i < 1024; i++)
        wire_expect(wire, "$-1\r\n");
    say_many("COMMAND INFO", 2, 1025, "get");
    wire_expect(wire, "-ERR no more than 1024 names at once here\r\n");
    say_many("COMMAND DOCS", 2, 1025, "get");
    wire_expect(wire, "-ERR no more than 1024 names at once here\r\n");
    say_many("CONFIG GET", 2, 64, "x");
    wire_expect(wire, "*0\r\n");
    say_many("CONFIG GET", 2, 65, "x");
    wire_expect(wire, "-ERR no more than 64 patterns at once here\r\n");
}

/* The rest ----------------------------------------------------------------------- */

Test(redis_about, time_is_seconds_and_microseconds)
{
    array_say(wire, "TIME");
    wire_expect(wire, "*2\r\n$10\r\n");
    cr_assert_gt(strtoll(wire_line(wire).data, NULL, 10), 1700000000);
    cr_assert_eq(wire_line(wire).data[0], '$');
    cr_assert_lt(strtoll(wire_line(wire).data, NULL, 10), 1000000);
    array_ask(wire, "TIME x", "-ERR wrong number of arguments for 'time' command\r\n");
}

Test(redis_about, lolwut_draws_a_hare)
{
    char *drawn = ask_text("LOLWUT VERSION 5 1 2 3");
    char *again = ask_text("LOLWUT");
    cr_assert_str_eq(drawn, again);
    expect_part(drawn, "\n\nLeveret ver. 0.1.0, after Redis ver. 7.0.15\n");
    array_ask(wire, "LOLWUT VERSION x", no_integer);
    free(drawn);
    free(again);
}

Test(redis_about, wait_waits_for_nobody)
{
    array_ask(wire, "WAIT 0 0", ":0\r\n");
    array_ask(wire, "WAIT 3 0", ":0\r\n");
    array_ask(wire, "WAIT x 0", no_integer);
    array_ask(wire, "WAIT 0 x", "-ERR timeout is not an integer or out of range\r\n");
    array_ask(wire, "WAIT 0 -1", "-ERR timeout is negative\r\n");
}

Test(redis_about, swapdb_and_monitor_are_refused)
{
    array_ask(wire, "SWAPDB 0 1", "-ERR DB index is out of range\r\n");
    array_ask(wire, "SWAPDB x 0", "-ERR invalid first DB index\r\n");
    array_ask(wire, "SWAPDB 0 y", "-ERR invalid second DB index\r\n");
    array_ask(wire, "SWAPDB 0 0", "+OK\r\n");
    array_ask(wire, "MONITOR",
              "-ERR MONITOR is not served; FOLLOW, a line command, streams changes\r\n");
}
