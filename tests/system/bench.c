/*
 * `leveret bench`: what it asks is asked, and what it tells is so. How fast that is, no test says.
 */
#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/lib/daemon.h"
#include "tests/lib/report.h"
#include "tests/lib/shell.h"
#include "tests/system/gate.h"

static struct daemon *server;
static struct gate *gate;

static void start(void)
{
    server = daemon_new();
    gate = gate_open(server);
    daemon_start(server, NULL);
    setenv("LEVERET_CONNECT", daemon_address(server), 1);
}

static void stop(void)
{
    daemon_free(server);
}

TestSuite(bench, .init = start, .fini = stop, .timeout = 120);

/* The number under a name in one object of --json. */
static double figure(const char *json, const char *name)
{
    char field[64];
    snprintf(field, sizeof(field), "\"%s\":", name);
    const char *found = strstr(json, field);
    cr_assert(found != NULL, "no %s in %s", name, json);
    return strtod(found + strlen(field), NULL);
}

/* Runs `leveret bench --json` and expects these figures. */
static void expect_bench(int status, const char *words, double replies, double not_found,
                         double errors)
{
    struct shell shell = shell_run("$LEVERET bench --json %s", words);
    cr_assert(shell.status == status, "`%s` exited with %d: %s", words, shell.status,
              shell.err.data);
    const char *json = shell.out.data;
    cr_assert_eq(figure(json, "replies"), replies, "%s", json);
    cr_assert_eq(figure(json, "not_found"), not_found, "%s", json);
    cr_assert_eq(figure(json, "errors"), errors, "%s", json);
    cr_assert(figure(json, "per_second") > 0 && figure(json, "p50_ms") > 0, "%s", json);
    cr_assert(figure(json, "p50_ms") <= figure(json, "p99_ms") &&
                  figure(json, "p99_ms") <= figure(json, "p99.9_ms") &&
                  /* The slowest is exact, and the percentiles are less than 2 % off. */
                  figure(json, "p99.9_ms") <= figure(json, "slowest_ms") * 1.02,
              "%s", json);
    shell_fini(&shell);
}

Test(bench, asks_as_often_as_it_is_told)
{
    uint64_t writes = daemon_info(server, "committed_writes");
    expect_bench(0, "--clients 7 --pipeline 3 --requests 5000 --keys 100 set", 5000, 0, 0);
    cr_assert_eq(daemon_info(server, "committed_writes") - writes, 5000);
    shell_expect(0, "100\n", "$LEVERET COUNT key:");
    shell_expect(0, "key:000000000000\n", "$LEVERET SCAN '' KEYS LIMIT 1 2>/dev/null");
    expect_bench(0, "--clients 7 --requests 5000 --keys 100 get", 5000, 0, 0);
}

Test(bench, counts_keys_that_are_not_there)
{
    expect_bench(0, "--requests 1000 --keys 50 get", 1000, 1000, 0);
    expect_bench(0, "--requests 1000 --pipeline 16 ping", 1000, 0, 0);
}

Test(bench, takes_values_of_any_size)
{
    expect_bench(0, "--clients 3 --requests 30 --keys 1 --value-size 300000 set", 30, 0, 0);
    shell_expect(0, "300000\n", "$LEVERET --raw GET key:000000000000 | wc -c");
    expect_bench(0, "--clients 3 --requests 300 --keys 1 --pipeline 4 get", 300, 0, 0);
    expect_bench(0, "--clients 3 --requests 30 --keys 1 --value-size 0 set", 30, 0, 0);
    shell_expect(0, "0\n", "$LEVERET --raw GET key:000000000000 | wc -c");
}

Test(bench, draws_hot_keys_evenly_from_all)
{
    expect_bench(0, "--requests 2000 --keys 1000000 --hot 4 set", 2000, 0, 0);
    shell_expect(0, "key:000000000000\nkey:000000250000\nkey:000000500000\nkey:000000750000\n",
                 "$LEVERET SCAN '' KEYS");
}

Test(bench, draws_the_same_keys_for_the_same_seed)
{
    static const char *const draw = "$LEVERET bench --requests 20 --keys 1000000000000 "
                                    "--seed %d set >/dev/null && $LEVERET COUNT ''";
    shell_expect(0, "20\n", draw, 5);
    shell_expect(0, "20\n", draw, 5);
    shell_expect(0, "40\n", draw, 6);
}

Test(bench, does_one_work_after_another_and_tells_people)
{
    shell_expect(0, "set: 60\nget: 60\nexists: 60\ndel: 60\nget: 60\n",
                 "$LEVERET bench --clients 2 --requests 60 --keys 5 SET get exists del get | "
                 "sed -n 's/ replies.*//p'");
    shell_expect(0, "0\n", "$LEVERET COUNT ''");
}

Test(bench, goes_on_for_a_time)
{
    struct shell shell = shell_run("$LEVERET --json bench --clients 4 --seconds 1 get");
    cr_assert_eq(shell.status, 0, "%s", shell.err.data);
    cr_assert(figure(shell.out.data, "seconds") >= 1, "%s", shell.out.data);
    cr_assert(figure(shell.out.data, "replies") > 0, "%s", shell.out.data);
    shell_fini(&shell);
}

Test(bench, works_inside_a_prefix)
{
    shell_expect(0, NULL, "$LEVERET --use x: bench --requests 500 --keys 3 set");
    shell_expect(0, "3\n", "$LEVERET COUNT x:key:");
    shell_expect(0, "3\n", "$LEVERET COUNT ''");
}

Test(bench, counts_errors_and_fails)
{
    atomic_store(&gate->broken, 1);
    expect_bench(3, "--clients 5 --requests 100 set", 100, 0, 100);
    struct shell shell = shell_run("$LEVERET bench --requests 10 set");
    cr_assert_eq(shell.status, 3);
    cr_assert(strstr(shell.err.data, "10 errors; the first: ERR ") != NULL, "%s", shell.err.data);
    shell_fini(&shell);
    expect_bench(0, "--clients 5 --requests 100 get", 100, 100, 0);
}

Test(bench, fails_without_a_server)
{
    daemon_kill(server);
    struct shell shell = shell_run("$LEVERET bench get");
    cr_assert_eq(shell.status, 4);
    cr_assert_str_eq(shell.out.data, "");
    cr_assert(strstr(shell.err.data, "cannot connect") != NULL, "%s", shell.err.data);
    shell_fini(&shell);
}

Test(bench, refuses_what_makes_no_sense)
{
    static const char *const commands[] = {
        "bench",
        "bench frob",
        "bench --frob get",
        "bench --clients 0 get",
        "bench --clients many get",
        "bench --keys 10 --hot 11 get",
        "bench --pipeline",
        "bench --clients 1000 --value-size 16777216 set",
    };
    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
        struct shell shell = shell_run("$LEVERET %s", commands[i]);
        cr_assert(shell.status == 2, "`%s` exits with %d: %s", commands[i], shell.status,
                  shell.err.data);
        cr_assert(shell.err.len > 0 && shell.out.len == 0, "%s", commands[i]);
        shell_fini(&shell);
    }
    shell_expect(0, NULL, "LEVERET_CONNECT=127.0.0.1:1 $LEVERET help bench | grep -q -- --hot");
}
