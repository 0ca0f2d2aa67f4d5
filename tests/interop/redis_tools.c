/* Redis's own tools against the daemon, as they are: redis-cli and redis-benchmark. */
#include <criterion/criterion.h>

#include "tests/interop/place.h"
#include "tests/lib/shell.h"

/* Command lines that use these name no server themselves. */
#define CLI "redis-cli -p $PORT "
#define BENCHMARK "redis-benchmark -p $PORT "
#define BUNDLED "$LEVERET --connect 127.0.0.1:$PORT "

/* So many SETs as redis-cli --pipe wants them: key:000001 and so on, and their numbers. */
#define SETS(number)                                                                               \
    "awk 'BEGIN { for (i = 1; i <= " #number "; i++) printf(\"*3\\r\\n$3\\r\\nSET\\r\\n$10\\r\\n"  \
    "key:%%06d\\r\\n$%%d\\r\\n%%d\\r\\n\", i, length(i), i) }'"

static struct daemon *server;

static void prepare(void)
{
    server = place_run();
}

static void stop(void)
{
    daemon_free(server);
}

TestSuite(redis_tools, .init = prepare, .fini = stop, .timeout = 120);

Test(redis_tools, cli_shows_replies_as_it_shows_those_of_redis)
{
    shell_expect(0,
                 "OK\n"
                 "Kvothe\n"
                 "(nil)\n"
                 "(integer) 6\n"
                 "(error) ERR unknown command 'FROB', with args beginning with: 'x' \n"
                 "1) \"Kvothe\"\n"
                 "2) (nil)\n",
                 CLI "SET name Kvothe; " CLI "GET name; " CLI "--no-raw GET nothing; " CLI
                     "--no-raw STRLEN name; " CLI "--no-raw FROB x; " CLI
                     "--no-raw MGET name nothing");
}

Test(redis_tools, cli_speaks_version_3)
{
    shell_expect(0, "(nil)\n", CLI "-3 --no-raw GET nothing");
    shell_expect(0, "proto => 3\n",
                 CLI
                 "-3 --no-raw HELLO 3 | sed -n 's/^ *[0-9]*# \"proto\" => (integer) /proto => /p'");
}

Test(redis_tools, cli_runs_a_transaction_from_its_input)
{
    shell_expect(0, "OK\nQUEUED\nQUEUED\nOK\n2\n",
                 "printf 'MULTI\\nSET n 1\\nINCR n\\nEXEC\\n' | " CLI);
}

Test(redis_tools, cli_sends_a_pipe_of_100000_commands)
{
    shell_expect(0,
                 "All data transferred. Waiting for the last reply...\n"
                 "Last reply received from server.\n"
                 "errors: 0, replies: 100000\n",
                 SETS(100000) " | " CLI "--pipe");
    shell_expect(0, "100000\n77777\n", CLI "DBSIZE; " CLI "GET key:077777");
}

Test(redis_tools, cli_scans_100000_keys_and_what_matches_a_pattern)
{
    shell_expect(0, NULL, SETS(100000) " | " CLI "--pipe");
    shell_expect(0, "",
                 "awk 'BEGIN { for (i = 1; i <= 100000; i++) printf(\"key:%%06d\\n\", i) }'"
                 " >$DIR/keys; " CLI "--scan | cmp - $DIR/keys");
    shell_expect(0, "",
                 CLI "--scan --pattern 'key:05*' >$DIR/some; "
                     "grep '^key:05' $DIR/keys | cmp - $DIR/some");
    shell_expect(0, "",
                 CLI "-3 --scan --pattern 'key:0999[0-9]?' >$DIR/some; "
                     "grep '^key:0999..$' $DIR/keys | cmp - $DIR/some");
}

Test(redis_tools, cli_finds_the_biggest_key)
{
    shell_expect(0, "OK\n", "head -c 10000 /dev/zero | " CLI "-x SET big");
    shell_expect(0, NULL, SETS(1000) " | " CLI "--pipe");
    shell_expect(0, "Biggest string found '\"big\"' has 10000 bytes\n",
                 CLI "--bigkeys | grep -o '^Biggest.*'");
}

Test(redis_tools, cli_measures_the_latency_for_a_second)
{
    shell_expect(0, "4\n", CLI "--latency | wc -w"); /* least, most, mean, and how many */
}

Test(redis_tools, cli_is_told_that_there_is_no_monitor)
{
    shell_expect(0, "yes\n", "timeout 10 " CLI "MONITOR | grep -q '^ERR ' && echo yes");
}

Test(redis_tools, cli_sends_a_value_of_10_megabytes_and_gets_it_back)
{
    shell_expect(0, "OK\n",
                 "head -c 10485760 /dev/urandom >$DIR/large; " CLI "-x SET large <$DIR/large");
    shell_expect(0, "",
                 "{ cat $DIR/large; echo; } >$DIR/printed; " CLI "GET large | cmp - $DIR/printed");
}

/* Neither an error nor a word of warning, and a figure for each of so many tests. */
static void expect_benchmark(const char *options, int tests)
{
    struct shell shell = shell_run(BENCHMARK "-q %s 2>&1 | tr '\\r' '\\n'", options);
    const char *text = shell.out.data;
    int figures = 0;
    for (const char *at = text; (at = strstr(at, "requests per second")) != NULL; at++)
        figures++;
    cr_assert(shell.status == 0 && strcasestr(text, "warning") == NULL &&
                  strcasestr(text, "error") == NULL && figures == tests,
              "redis-benchmark %s exited with %d and said: %s", options, shell.status, text);
    shell_fini(&shell);
}

Test(redis_tools, benchmark_runs_every_test_whose_commands_exist)
{
    expect_benchmark("-t ping,set,get,incr,mset -n 20000", 6);
}

Test(redis_tools, benchmark_runs_pipelined_with_threads_and_in_version_3)
{
    expect_benchmark("-t set,get -n 100000 -P 32 -r 100000 -d 100", 2);
    expect_benchmark("-t set,get,incr -n 20000 -3", 3);
    expect_benchmark("-t set,get -n 20000 --threads 2", 2);
}

Test(redis_tools, benchmark_runs_a_command_line_of_ones_own)
{
    expect_benchmark("-n 10000 -r 1000 APPEND key:__rand_int__ x", 1);
}

/* So that either can read what the other wrote, and figures of both stand side by side. */
Test(redis_tools, benchmark_stores_the_same_rows_as_the_bundled_clients)
{
    static const char *const store = "%s >/dev/null && " BUNDLED "SCAN '' >$DIR/%s";
    shell_expect(0, "", store, BENCHMARK "-q -t set -n 20000 -r 100 -d 300", "one");
    shell_expect(0, "100\n", BUNDLED "DELPREFIX ''");
    shell_expect(0, "", store, BUNDLED "bench --requests 20000 --keys 100 --value-size 300 set",
                 "other");
    shell_expect(0, "", "cmp $DIR/one $DIR/other");
}
