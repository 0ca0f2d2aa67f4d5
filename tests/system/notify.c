/*
 * What the daemon tells the manager of services that started it.
 */
#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/lib/daemon.h"
#include "tests/lib/deadline.h"
#include "tests/lib/scratch.h"
#include "tests/system/gate.h"
#include "tests/system/notices.h"

static struct daemon *server;
static int notices;

static void prepare(void)
{
#ifndef LEVERET_SYSTEMD
    cr_skip_test("this build knows no systemd");
#endif
    server = daemon_new();
    notices = notices_open(server);
}

static void stop(void)
{
    daemon_free(server);
    close(notices);
}

TestSuite(notify, .init = prepare, .fini = stop, .timeout = 90);

static void ping(void)
{
    struct wire *wire = daemon_connect(server);
    wire_ask(wire, "PING\n", "OK \"PONG\"\n");
    wire_close(wire);
}

Test(notify, tells_when_the_daemon_serves_reloads_and_stops)
{
    char expected[64];
    daemon_start(server, NULL);
    snprintf(expected, sizeof(expected), "READY=1\nSTATUS=ready on 127.0.0.1:%d",
             daemon_port(server));
    cr_assert_str_eq(notices_await(notices, "READY=1"), expected);
    ping();

    daemon_signal(server, SIGHUP);
    const char *reloading = notices_await(notices, "RELOADING=1\n");
    cr_assert(strstr(reloading, "\nMONOTONIC_USEC=") != NULL, "%s", reloading);
    cr_assert_str_eq(notices_await(notices, "READY=1"), expected);
    ping();

    daemon_signal(server, SIGTERM);
    notices_await(notices, "STOPPING=1\n");
    cr_assert_eq(daemon_wait(server), 0, "%s", daemon_log(server));
}

/* A start may take as long as a recovery takes, which the manager hears; one that hangs gets no
 * more time than it had. */
Test(notify, asks_for_time_while_the_data_is_being_opened)
{
    struct gate *gate = gate_open(server);
    atomic_store(&gate->closed, GATE_CLOSED);
    daemon_spawn(server, NULL);
    const char *opening = notices_await(notices, "STATUS=Opening the data, for 0 s");
    cr_assert(strstr(opening, "EXTEND_TIMEOUT_USEC=90000000") != NULL, "%s", opening);
    notices_await(notices, " s; nothing happens");
    atomic_store(&gate->closed, GATE_OPEN);
    notices_await(notices, "READY=1");
    daemon_stop(server);
}

Test(notify, says_nothing_of_ready_when_the_start_fails)
{
    scratch_write(daemon_data(server), SLICE("a file"));
    daemon_spawn(server, NULL);
    cr_assert_eq(daemon_wait(server), 1);
    cr_assert_not(notices_has(notices, "READY=1", 0));
}

Test(notify, needs_nobody_who_listens)
{
    close(notices);
    daemon_start(server, NULL);
    ping();
    daemon_stop(server);
    notices = -1;
}

/* The watchdog ----------------------------------------------------------------- */

/* The manager waits so long, in milliseconds. */
#define PERIOD 400

static void start_watched(void)
{
    daemon_set_environment(server, "WATCHDOG_USEC", "400000");
    daemon_start(server, "--workers", "2", NULL);
    notices_await(notices, "READY=1");
}

/* Longer than the manager waits, whatever the machine does meanwhile. */
static void expect_life(void)
{
    for (unsigned i = 0; i < 12; i++)
        notices_await(notices, "WATCHDOG=1");
}

Test(notify, proves_again_and_again_that_the_daemon_lives)
{
    start_watched();
    expect_life();
    ping();
    daemon_stop(server);
}

Test(notify, says_nothing_of_life_to_who_does_not_ask)
{
    daemon_start(server, NULL);
    notices_await(notices, "READY=1");
    cr_assert_not(notices_has(notices, "WATCHDOG=1", 2 * PERIOD));
}

/* One worker hangs for good in the middle of a request; the main thread and the other worker do
 * not. */
Test(notify, falls_silent_when_a_worker_hangs)
{
    struct gate *gate = gate_open(server);
    int64_t deadline = deadline_in(DEADLINE_SECONDS);
    struct buffer request = {0};
    start_watched();
    expect_life();
    atomic_store(&gate->endless, 100000);
    buffer_append_string(&request, "PUT a ");
    cr_assert(buffer_reserve(&request, 400000));
    memset(request.data + request.len, 'x', 400000);
    request.len += 400000;
    struct wire *wire = daemon_connect(server);
    wire_push(wire, buffer_slice(&request), 100);
    while (notices_has(notices, "WATCHDOG=1", 2 * PERIOD))
        cr_assert(deadline_left(deadline) > 0, "it still says that it lives");
    wire_close(wire);
    buffer_fini(&request);
}

/* A disk that takes its time holds the committer, who is not to be killed for that. */
Test(notify, goes_on_while_a_disk_is_slow)
{
    struct gate *gate = gate_open(server);
    start_watched();
    atomic_store(&gate->closed, GATE_CLOSED);
    unsigned arrived = atomic_load(&gate->arrived);
    struct wire *wire = daemon_connect(server);
    wire_say(wire, "PUT a 1\n");
    gate_await(gate, arrived + 1);
    expect_life();
    atomic_store(&gate->closed, GATE_OPEN);
    wire_expect(wire, "OK\n");
    wire_close(wire);
    daemon_stop(server);
}
