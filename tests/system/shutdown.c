/*
 * How the daemon ends: also in the middle of a start, of what its peers are at, and when a disk
 * does not answer. The file with its process id goes with it in every case.
 */
#include <criterion/criterion.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/pidfd.h>
#include <unistd.h>

#include "tests/lib/daemon.h"
#include "tests/lib/deadline.h"
#include "tests/lib/report.h"
#include "tests/lib/scratch.h"
#include "tests/system/gate.h"

static struct daemon *server;
static char *pidfile;

static void prepare(void)
{
    server = daemon_new();
    pidfile = scratch_path(daemon_directory(server), "pidfile");
}

static void stop(void)
{
    daemon_free(server);
    free(pidfile);
}

TestSuite(shutdown, .init = prepare, .fini = stop, .timeout = 120);

static void start(void)
{
    daemon_start(server, "--pidfile", pidfile, NULL);
}

static void expect_end(int status)
{
    cr_assert_eq(daemon_wait(server), status, "%s", daemon_log(server));
    cr_assert(access(pidfile, F_OK) != 0, "the pidfile is left behind");
}

static void expect_count(const char *reply)
{
    daemon_start(server, NULL);
    struct wire *wire = daemon_connect(server);
    wire_ask(wire, "COUNT ''\n", reply);
    wire_close(wire);
    daemon_stop(server);
}

/* In the middle of a start ---------------------------------------------------- */

/* The first file of a new directory cannot be made durable, so it is not open yet. */
Test(shutdown, in_the_middle_of_a_start_waits_for_no_disk)
{
    struct gate *gate = gate_open(server);
    atomic_store(&gate->closed, GATE_CLOSED);
    daemon_spawn(server, "--pidfile", pidfile, "--unix", daemon_socket(server), NULL);
    gate_await(gate, 1);
    cr_assert(access(pidfile, F_OK) == 0);
    daemon_signal(server, SIGTERM);
    expect_end(0);
    cr_assert(access(daemon_socket(server), F_OK) != 0, "the socket is left behind");
    daemon_await_log(server, "a signal came before the data was open");
    atomic_store(&gate->closed, GATE_OPEN);
    expect_count("OK 0\n");
}

/* The log of a killed daemon is read again at the start, into a table, which is held up. */
Test(shutdown, in_the_middle_of_reading_a_log_leaves_it_for_the_next_start)
{
    struct gate *gate = gate_open(server);
    start();
    struct wire *wire = daemon_connect(server);
    for (unsigned i = 0; i < 3; i++)
        wire_ask(wire, "MPUT a 1 b 2 c 3\n", "OK\n");
    daemon_kill(server);
    wire_close(wire);
    for (unsigned i = 0; i < 3; i++) {
        unsigned arrived = atomic_load(&gate->arrived);
        atomic_store(&gate->closed, GATE_CLOSED);
        daemon_spawn(server, "--pidfile", pidfile, "--listen", "127.0.0.1:0", NULL);
        gate_await(gate, arrived + 1);
        daemon_signal(server, SIGINT);
        expect_end(0);
    }
    atomic_store(&gate->closed, GATE_OPEN);
    expect_count("OK 3\n");
}

/* The process in the pidfile, as a descriptor that tells its end. */
static int open_process(pid_t *pid)
{
    scratch_await(pidfile, "\n");
    struct buffer text = scratch_read(pidfile);
    buffer_append_byte(&text, '\0');
    *pid = (pid_t)atoi(text.data);
    buffer_fini(&text);
    int process = pidfd_open(*pid, 0);
    cr_assert(*pid > 1 && process >= 0, "process %d of the pidfile does not run", *pid);
    return process;
}

static void expect_process_end(int process)
{
    struct pollfd entry = {.fd = process, .events = POLLIN};
    cr_assert(poll(&entry, 1, DEADLINE_SECONDS * 1000) > 0, "it does not end");
    close(process);
    cr_assert(access(pidfile, F_OK) != 0, "the pidfile is left behind");
}

Test(shutdown, in_the_middle_of_a_start_in_the_background_is_no_start)
{
    struct gate *gate = gate_open(server);
    pid_t pid = 0;
    atomic_store(&gate->closed, GATE_CLOSED);
    daemon_spawn(server, "--daemonize", "--pidfile", pidfile, "--unix", daemon_socket(server),
                 NULL);
    gate_await(gate, 1);
    int process = open_process(&pid);
    cr_assert(kill(pid, SIGTERM) == 0);
    cr_assert_eq(daemon_wait(server), 1, "it says that it serves");
    expect_process_end(process);
}

/* In the middle of what peers are at ------------------------------------------ */

Test(shutdown, in_the_middle_of_a_batch_forgets_it)
{
    start();
    struct wire *batch = daemon_connect(server);
    struct wire *transaction = daemon_connect(server);
    wire_ask(batch, "BEGIN\nPUT a 1\n", "OK\nOK\n");
    wire_ask(transaction, "*1\r\n$5\r\nMULTI\r\n*3\r\n$3\r\nSET\r\n$1\r\nb\r\n$1\r\n1\r\n",
             "+OK\r\n+QUEUED\r\n");
    daemon_signal(server, SIGTERM);
    wire_expect_close(batch);
    wire_expect_close(transaction);
    expect_end(0);
    wire_close(batch);
    wire_close(transaction);
    expect_count("OK 0\n");
}

/* A batch whose COMMIT has arrived is one of the things that are finished. */
Test(shutdown, behind_a_commit_finishes_it)
{
    struct gate *gate = gate_open(server);
    start();
    struct wire *first = daemon_connect(server);
    struct wire *batch = daemon_connect(server);
    struct wire *idle = daemon_connect(server);
    atomic_store(&gate->closed, GATE_CLOSED);
    unsigned arrived = atomic_load(&gate->arrived);
    wire_say(first, "PUT a 1\n");
    gate_await(gate, arrived + 1);
    wire_ask(batch, "BEGIN\nPUT b 2\nPUT c 3\n", "OK\nOK\nOK\n");
    wire_say(batch, "COMMIT\n");
    daemon_signal(server, SIGTERM);
    wire_expect_close(idle);
    atomic_store(&gate->closed, GATE_OPEN);
    wire_expect(first, "OK\n");
    wire_expect(batch, "OK\n");
    wire_expect_close(batch);
    expect_end(0);
    wire_close(first);
    wire_close(batch);
    wire_close(idle);
    expect_count("OK 3\n");
}

/* A disk that hangs ------------------------------------------------------------ */

/* One write is on disk, and another one never gets there; its peer is told or is gone. */
static struct wire *hang(struct gate *gate)
{
    struct wire *wire = daemon_connect(server);
    wire_ask(wire, "PUT a 1\n", "OK\n");
    atomic_store(&gate->closed, GATE_CLOSED);
    unsigned arrived = atomic_load(&gate->arrived);
    wire_say(wire, "PUT b 2\n");
    gate_await(gate, arrived + 1);
    return wire;
}

static void expect_a(struct gate *gate)
{
    atomic_store(&gate->closed, GATE_OPEN);
    daemon_start(server, NULL);
    struct wire *wire = daemon_connect(server);
    wire_ask(wire, "GET a\n", "OK \"1\"\n");
    wire_close(wire);
}

Test(shutdown, ends_with_1_when_the_disk_does_not_let_it)
{
    struct gate *gate = gate_open(server);
    start();
    struct wire *wire = hang(gate);
    daemon_signal(server, SIGTERM);
    wire_expect_gone(wire);
    expect_end(1);
    cr_assert(strstr(daemon_log(server), "stopping takes too long") != NULL, "%s",
              daemon_log(server));
    wire_close(wire);
    expect_a(gate);
}

/* Nobody is connected any more, so it is in the middle of closing the store. */
Test(shutdown, ends_with_1_at_a_second_signal_also_when_only_the_store_is_left)
{
    struct gate *gate = gate_open(server);
    start();
    struct wire *idle = daemon_connect(server);
    struct wire *wire = hang(gate);
    wire_reset(wire);
    daemon_signal(server, SIGTERM);
    wire_expect_close(idle);
    wire_close(idle);
    daemon_signal(server, SIGTERM);
    expect_end(1);
    cr_assert(strstr(daemon_log(server), "a second signal came") != NULL, "%s", daemon_log(server));
    expect_a(gate);
}

/* It is read-only and tries again and again; to stop is something else. */
Test(shutdown, while_the_disk_takes_no_writes_is_a_clean_one)
{
    struct gate *gate = gate_open(server);
    start();
    struct wire *wire = daemon_connect(server);
    wire_ask(wire, "PUT a 1\n", "OK\n");
    atomic_store(&gate->broken, 1);
    wire_say(wire, "PUT b 2\n");
    struct slice reply = wire_reply(wire);
    cr_assert(slice_has_prefix(reply, SLICE("ERR UNKNOWN \"")), "%s", report_show(reply));
    wire_say(wire, "PUT c 3\n");
    reply = wire_reply(wire);
    cr_assert(slice_has_prefix(reply, SLICE("ERR READONLY \"")), "%s", report_show(reply));
    daemon_signal(server, SIGTERM);
    wire_expect_close(wire);
    expect_end(0);
    wire_close(wire);
    atomic_store(&gate->broken, 0);
    expect_a(gate);
}

/* A log may be moved at any time. */
Test(shutdown, takes_sighup_for_no_second_signal)
{
    struct gate *gate = gate_open(server);
    start();
    struct wire *idle = daemon_connect(server);
    struct wire *wire = hang(gate);
    wire_reset(wire);
    daemon_signal(server, SIGTERM);
    wire_expect_close(idle);
    wire_close(idle);
    daemon_signal(server, SIGHUP);
    atomic_store(&gate->closed, GATE_OPEN);
    expect_end(0);
    expect_a(gate);
}

Test(shutdown, in_the_background_that_is_forced_leaves_no_pidfile)
{
    struct gate *gate = gate_open(server);
    pid_t pid = 0;
    daemon_spawn(server, "--daemonize", "--pidfile", pidfile, "--unix", daemon_socket(server),
                 NULL);
    cr_assert_eq(daemon_wait(server), 0, "%s", daemon_log(server));
    int process = open_process(&pid);
    struct wire *idle = wire_open_unix(daemon_socket(server));
    struct wire *wire = wire_open_unix(daemon_socket(server));
    wire_ask(idle, "PING\n", "OK \"PONG\"\n");
    atomic_store(&gate->closed, GATE_CLOSED);
    unsigned arrived = atomic_load(&gate->arrived);
    wire_say(wire, "PUT a 1\n");
    gate_await(gate, arrived + 1);
    cr_assert(kill(pid, SIGTERM) == 0);
    wire_expect_close(idle);
    cr_assert(kill(pid, SIGTERM) == 0);
    expect_process_end(process);
    wire_close(idle);
    wire_close(wire);
}
