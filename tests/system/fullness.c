/*
 * A disk with less free than --min-free: what is refused, what goes on, and what INFO says.
 */
#include <criterion/criterion.h>
#include <stdio.h>

#include "tests/lib/daemon.h"
#include "tests/lib/report.h"

static struct daemon *server;
static struct wire *wire;

static void prepare(void)
{
    server = daemon_new();
    daemon_start(server, NULL);
    wire = daemon_connect(server);
    wire_ask(wire, "MPUT a 1 b 1 c 1 d 1 n 1\n", "OK\n");
}

static void stop(void)
{
    wire_close(wire);
    daemon_stop(server);
    daemon_free(server);
}

TestSuite(fullness, .init = prepare, .fini = stop, .timeout = 60);

/* Starts again with so many tenths of what is free as --min-free. */
static void restart(uint64_t tenths)
{
    char size[32];
    uint64_t free = daemon_info(server, "disk_free");
    snprintf(size, sizeof(size), "%llu", (unsigned long long)(free / 10 * tenths));
    wire_close(wire);
    daemon_stop(server);
    daemon_start(server, "--min-free", size, NULL);
    wire = daemon_connect(server);
}

static void expect_start(const char *request, const char *beginning)
{
    wire_say(wire, request);
    struct slice reply = wire_reply(wire);
    cr_assert(slice_has_prefix(reply, slice_from_string(beginning)), "%s: expected %s and got %s",
              request, beginning, report_show(reply));
}

Test(fullness, is_told_by_info)
{
    cr_assert_eq(daemon_info(server, "min_free"), 64 * 1024 * 1024);
    restart(15);
    expect_start("INFO store\n",
                 "\"writable\" \"no\"\n\"read_only_because\" \"the disk is too full");
    daemon_stop(server);
    daemon_start(server, "--min-free", "0", NULL);
    wire_close(wire);
    wire = daemon_connect(server);
    expect_start("INFO store\n", "\"writable\" \"yes\"\n\"read_only_because\" \"\"\n");
    wire_ask(wire, "PUT a 2\n", "OK\n");
}

Test(fullness, says_when_it_is_too_little_for_what_is_in_memory)
{
    wire_close(wire);
    daemon_stop(server);
    daemon_start(server, "--min-free", "20M", NULL);
    wire = daemon_connect(server);
    daemon_await_log(server, "--min-free 20480 KiB is less than two --write-buffer of 16384 KiB");
}

Test(fullness, refuses_what_puts_and_lets_deletions_go_on)
{
    restart(15);
    expect_start("PUT a 2\n", "ERR FULL \"the disk is too full to write; reads go on\"\n");
    expect_start("PUT new 2 NX\n", "ERR FULL \"");
    expect_start("MPUT a 2 new 2\n", "ERR FULL \"");
    expect_start("INCR n\n", "ERR FULL \"");
    wire_ask(wire, "BEGIN\nDEL a\nPUT new 2\n", "OK\nOK\nOK\n");
    expect_start("COMMIT\n", "ERR FULL \"");
    wire_ask(wire, "GET a\nEXISTS new\n", "OK \"1\"\nOK 0\n");
    wire_ask(wire, "DEL a\n", "OK 1\n");
    wire_ask(wire, "DELIFEQ b 1\n", "OK\n");
    wire_ask(wire, "BEGIN\nCHECK c 1\nDEL c\nCOMMIT\n", "OK\nOK\nOK\nOK\n");
    wire_ask(wire, "DELPREFIX d\n", "OK 1\n");
    wire_ask(wire, "SYNC\n", "OK\n");
    wire_ask(wire, "COUNT ''\n", "OK 1\n");
    daemon_await_log(server, "less than --min-free");
}

/* What a program will change is known only when it has run; then it is undone. */
Test(fullness, refuses_what_programs_put_and_lets_them_delete)
{
    restart(15);
    expect_start("*3\r\n$3\r\nSET\r\n$1\r\na\r\n$1\r\n2\r\n", "-FULL ");
    wire_ask(wire, "*1\r\n$5\r\nMULTI\r\n*2\r\n$3\r\nDEL\r\n$1\r\na\r\n", "+OK\r\n+QUEUED\r\n");
    wire_ask(wire, "*2\r\n$4\r\nINCR\r\n$1\r\nn\r\n", "+QUEUED\r\n");
    wire_say(wire, "*1\r\n$4\r\nEXEC\r\n");
    cr_assert(slice_has_prefix(wire_line(wire), SLICE("-FULL ")));
    wire_ask(wire, "*2\r\n$3\r\nGET\r\n$1\r\na\r\n", "$1\r\n1\r\n");
    wire_ask(wire, "*1\r\n$5\r\nMULTI\r\n*2\r\n$3\r\nDEL\r\n$1\r\na\r\n", "+OK\r\n+QUEUED\r\n");
    wire_ask(wire, "*2\r\n$3\r\nGET\r\n$1\r\nn\r\n", "+QUEUED\r\n");
    wire_ask(wire, "*1\r\n$4\r\nEXEC\r\n", "*2\r\n:1\r\n$1\r\n1\r\n");
}

Test(fullness, beyond_half_of_it_refuses_deletions_too_and_no_reads)
{
    restart(30);
    expect_start("DEL a\n", "ERR FULL \"");
    expect_start("PUT a 2\n", "ERR FULL \"");
    expect_start("DELPREFIX ''\n", "ERR FULL \"");
    expect_start("COMPACT\n", "ERR FULL \"");
    wire_ask(wire, "SYNC\n", "OK\n"); /* which needs no room */
    wire_ask(wire, "COUNT ''\n", "OK 5\n");
    cr_assert_eq(daemon_info(server, "reopened"), 0);
}
