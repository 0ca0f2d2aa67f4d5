/*
 * A background service: how it stops, logs and goes to the background.
 */
#include <criterion/criterion.h>
#include <dirent.h>
#include <poll.h>
#include <regex.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/pidfd.h>
#include <unistd.h>

#include "tests/lib/daemon.h"
#include "tests/lib/deadline.h"
#include "tests/lib/report.h"
#include "tests/lib/scratch.h"
#include "tests/lib/shell.h"
#include "tests/system/gate.h"

static struct daemon *server;

static void prepare(void)
{
    server = daemon_new();
}

static void stop(void)
{
    daemon_free(server);
}

TestSuite(service, .init = prepare, .fini = stop, .timeout = 90);

static void expect_line(const char **at, const char *pattern)
{
    char line[1024];
    size_t len = strcspn(*at, "\n");
    cr_assert(len < sizeof(line) && (*at)[len] == '\n', "no line for %s in: %s", pattern, *at);
    memcpy(line, *at, len);
    line[len] = '\0';
    *at += len + 1;
    regex_t regex;
    cr_assert(regcomp(&regex, pattern, REG_EXTENDED | REG_NOSUB) == 0);
    cr_assert(regexec(&regex, line, 0, NULL, 0) == 0, "`%s` is not like %s", line, pattern);
    regfree(&regex);
}

#define TIME "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{3}Z "

Test(service, logs_one_line_each_for_start_ready_and_stop)
{
    daemon_start(server, NULL);
    daemon_stop(server);
    const char *at = daemon_log(server);
    expect_line(&at, TIME "info leveretd " LEVERET_VERSION
                          " starting: data .*/data, sync always, [0-9]+ workers$");
    expect_line(&at, TIME "info ready on 127\\.0\\.0\\.1:[0-9]+$");
    expect_line(&at, TIME "info stopped$");
    cr_assert_str_eq(at, "");
    cr_assert_str_eq(daemon_output(server), "");
}

Test(service, ends_with_0_for_either_signal_whoever_is_connected)
{
    static const int signals[] = {SIGTERM, SIGINT};
    for (size_t i = 0; i < 2; i++) {
        daemon_start(server, NULL);
        struct wire *idle = daemon_connect(server);
        struct wire *half = daemon_connect(server);
        wire_ask(idle, "PUT a 1\n", "OK\n");
        wire_ask(half, "PING\nPUT half", "OK \"PONG\"\n");
        daemon_signal(server, signals[i]);
        wire_expect_close(idle);
        struct slice reply = wire_reply(half);
        cr_assert(slice_has_prefix(reply, SLICE("ERR SHUTDOWN \"")), "%s", report_show(reply));
        wire_expect_gone(half);
        cr_assert_eq(daemon_wait(server), 0, "%s", daemon_log(server));
        wire_close(idle);
        wire_close(half);
    }
}

Test(service, that_is_stopped_in_the_middle_of_a_long_line_says_so)
{
    struct buffer line = {0};
    buffer_append_string(&line, "PUT a ");
    cr_assert(buffer_reserve(&line, 300000));
    memset(line.data + line.len, 'x', 300000);
    line.len += 300000;
    daemon_start(server, NULL);
    struct wire *wire = daemon_connect(server);
    wire_send(wire, buffer_slice(&line));
    daemon_signal(server, SIGTERM);
    struct slice reply = wire_reply(wire);
    cr_assert(slice_has_prefix(reply, SLICE("ERR SHUTDOWN \"")), "%s", report_show(reply));
    wire_close(wire);
    cr_assert_eq(daemon_wait(server), 0, "%s", daemon_log(server));
    buffer_fini(&line);
}

Test(service, logs_who_connects_when_it_is_told_to)
{
    daemon_start(server, "--log-level", "debug", NULL);
    wire_close(daemon_connect(server));
    daemon_await_log(server, " is closed\n");
    daemon_stop(server);
    const char *at = daemon_log(server);
    expect_line(&at, " info leveretd ");
    expect_line(&at, " info ready on ");
    expect_line(&at, TIME "debug connection [0-9]+ is from 127\\.0\\.0\\.1:[0-9]+$");
    expect_line(&at, TIME "debug connection [0-9]+ is closed$");
    expect_line(&at, TIME "info stopped$");
}

Test(service, logs_nothing_but_errors_when_it_is_told_to)
{
    scratch_write(daemon_data(server), SLICE("a file"));
    daemon_spawn(server, "--log-level", "error", NULL);
    cr_assert_eq(daemon_wait(server), 1);
    const char *at = daemon_log(server);
    expect_line(&at, TIME "error cannot open the data: ");
    cr_assert_str_eq(at, "");
}

#define CLIENTS 16
#define WRITES 500

/* Reads what a stopping daemon still says; how many writes it acknowledged. */
static unsigned take_acknowledgements(struct wire *wire)
{
    unsigned acknowledged = 0;
    while (acknowledged < WRITES && wire_has_line(wire)) {
        struct slice line = wire_line(wire);
        if (!slice_equal(line, SLICE("OK\n"))) {
            cr_assert(slice_has_prefix(line, SLICE("ERR SHUTDOWN \"")), "%s", report_show(line));
            break;
        }
        acknowledged++;
    }
    return acknowledged;
}

Test(service, that_is_stopped_under_load_loses_no_acknowledged_write)
{
    struct wire *wires[CLIENTS];
    unsigned acknowledged[CLIENTS];
    struct buffer requests = {0};
    char text[64];
    daemon_start(server, NULL);
    for (unsigned i = 0; i < CLIENTS; i++) {
        buffer_clear(&requests);
        for (unsigned n = 0; n < WRITES; n++) {
            snprintf(text, sizeof(text), "PUT %02u:%04u 1\n", i, n);
            buffer_append_string(&requests, text);
        }
        wires[i] = daemon_connect(server);
        wire_push(wires[i], buffer_slice(&requests), 1000);
    }
    daemon_signal(server, SIGTERM);
    for (unsigned i = 0; i < CLIENTS; i++)
        acknowledged[i] = take_acknowledgements(wires[i]);
    cr_assert_eq(daemon_wait(server), 0, "%s", daemon_log(server));
    daemon_start(server, NULL);
    struct wire *wire = daemon_connect(server);
    for (unsigned i = 0; i < CLIENTS; i++) {
        snprintf(text, sizeof(text), "COUNT %02u: TO %02u:%04u\n", i, i, acknowledged[i]);
        wire_say(wire, text);
        snprintf(text, sizeof(text), "OK %u\n", acknowledged[i]);
        wire_expect(wire, text);
        wire_close(wires[i]);
    }
    wire_close(wire);
    buffer_fini(&requests);
}

Test(service, that_is_stopped_finishes_the_commits_that_wait)
{
    struct gate *gate = gate_open(server);
    daemon_start(server, NULL);
    struct wire *first = daemon_connect(server);
    struct wire *second = daemon_connect(server);
    struct wire *idle = daemon_connect(server);
    atomic_store(&gate->closed, 1);
    unsigned arrived = atomic_load(&gate->arrived);
    wire_say(first, "PUT a 1\n");
    gate_await(gate, arrived + 1);
    wire_say(second, "PUT b 2\nGET b\n");
    daemon_signal(server, SIGTERM);
    wire_expect_close(idle);
    atomic_store(&gate->closed, 0);
    wire_expect(first, "OK\n");
    wire_expect(second, "OK\nOK \"2\"\n");
    wire_expect_close(first);
    wire_expect_close(second);
    cr_assert_eq(daemon_wait(server), 0, "%s", daemon_log(server));
    wire_close(first);
    wire_close(second);
    wire_close(idle);
    daemon_start(server, NULL);
    struct wire *wire = daemon_connect(server);
    wire_ask(wire, "COUNT ''\n", "OK 2\n");
    wire_close(wire);
}

/* A second signal does not wait for a disk that hangs. */
Test(service, exits_at_once_with_1_on_a_second_signal)
{
    struct gate *gate = gate_open(server);
    daemon_start(server, NULL);
    struct wire *wire = daemon_connect(server);
    struct wire *idle = daemon_connect(server);
    atomic_store(&gate->closed, 1);
    unsigned arrived = atomic_load(&gate->arrived);
    wire_say(wire, "PUT a 1\n");
    gate_await(gate, arrived + 1);
    daemon_signal(server, SIGTERM);
    wire_expect_close(idle); /* it has begun to stop */
    daemon_signal(server, SIGTERM);
    cr_assert_eq(daemon_wait(server), 1, "%s", daemon_log(server));
    wire_close(wire);
    wire_close(idle);
}

/* bash leads standard error into a pipe and tells the daemon that it is the journal. */
Test(service, logs_priorities_and_no_time_to_the_journal)
{
    struct shell shell = shell_run(
        "mkfifo '%s/journal'; exec 3<>'%s/journal'; "
        "JOURNAL_STREAM=$(stat -L -c '%%d:%%i' /dev/fd/3) $LEVERETD --data '%s' --unix '%s' 2>&3 & "
        "read -r first <&3; read -r second <&3; kill $!; wait $!; read -r third <&3; "
        "JOURNAL_STREAM=$(stat -L -c '%%d:%%i' /dev/fd/3) $LEVERETD --data /proc/none 2>&3; "
        "read -r fourth <&3; read -r fifth <&3; "
        "echo \"${first%%%% starting*}\"; echo \"${second%%%%:*}\"; echo \"$third\"; "
        "echo \"${fifth%%%%:*}\"",
        daemon_directory(server), daemon_directory(server), daemon_data(server),
        daemon_socket(server));
    report_equal("the journal", buffer_slice(&shell.out),
                 SLICE("<6>leveretd " LEVERET_VERSION "\n<6>ready on unix\n<6>stopped\n"
                       "<3>cannot open the data\n"));
    shell_fini(&shell);
}

/* What a service manager told a shell is not true of a daemon whose log the shell led elsewhere. */
Test(service, logs_the_time_when_standard_error_is_not_the_journal)
{
    daemon_set_environment(server, "JOURNAL_STREAM", "1:1");
    daemon_start(server, NULL);
    const char *at = daemon_log(server);
    expect_line(&at, TIME "info leveretd ");
}

/* A peer that does not read its reply cannot hold the daemon for ever. */
Test(service, stops_in_spite_of_a_reader_that_never_reads)
{
    daemon_start(server, "--sync", "never", NULL);
    struct wire *wire = daemon_connect(server);
    struct buffer requests = {0};
    buffer_append_string(&requests, "PUT big ");
    for (unsigned i = 0; i < 1000000; i++)
        buffer_append_string(&requests, "12345678");
    buffer_append_byte(&requests, '\n');
    wire_send(wire, buffer_slice(&requests));
    wire_expect(wire, "OK\n");
    for (unsigned i = 0; i < 20; i++)
        wire_push(wire, SLICE("GET big\n"), 1000);
    daemon_stop(server);
    wire_close(wire);
    buffer_fini(&requests);
}

Test(service, reopens_its_log_on_sighup)
{
    char *log = scratch_path(daemon_directory(server), "log");
    char *moved = scratch_path(daemon_directory(server), "log.1");
    daemon_spawn(server, "--log", log, "--unix", daemon_socket(server), NULL);
    scratch_await(log, "ready on unix:");
    cr_assert(rename(log, moved) == 0);
    daemon_signal(server, SIGHUP);
    scratch_await(log, "");
    daemon_stop(server);
    scratch_await(log, "info stopped\n");
    struct buffer old = scratch_read(moved);
    cr_assert(memmem(old.data, old.len, "stopped", 7) == NULL);
    cr_assert_str_eq(daemon_log(server), "");
    buffer_fini(&old);
    free(log);
    free(moved);
}

Test(service, ignores_sighup_when_it_logs_to_standard_error)
{
    daemon_start(server, NULL);
    daemon_signal(server, SIGHUP);
    struct wire *wire = daemon_connect(server);
    wire_ask(wire, "PING\n", "OK \"PONG\"\n");
    wire_close(wire);
    daemon_stop(server);
}

Test(service, with_a_log_that_cannot_be_opened_says_so)
{
    daemon_spawn(server, "--log", "/no/such/directory/log", NULL);
    cr_assert_eq(daemon_wait(server), 1);
    cr_assert(strstr(daemon_log(server), "/no/such/directory/log") != NULL, "%s",
              daemon_log(server));
}

/* The process in the pidfile, as a descriptor that tells its end. */
static int open_process(const char *pidfile, pid_t *pid)
{
    struct buffer text = scratch_read(pidfile);
    buffer_append_byte(&text, '\0');
    *pid = (pid_t)atoi(text.data);
    buffer_fini(&text);
    cr_assert(*pid > 1);
    int process = pidfd_open(*pid, 0);
    cr_assert(process >= 0, "process %d of the pidfile does not run", *pid);
    return process;
}

/* When the first process ends with 0 the daemon already serves; no waiting is needed. */
Test(service, goes_to_the_background_once_it_serves)
{
    char *log = scratch_path(daemon_directory(server), "log");
    char *pidfile = scratch_path(daemon_directory(server), "pidfile");
    daemon_spawn(server, "--daemonize", "--pidfile", pidfile, "--log", log, "--unix",
                 daemon_socket(server), NULL);
    cr_assert_eq(daemon_wait(server), 0, "%s", daemon_log(server));
    struct wire *wire = wire_open_unix(daemon_socket(server));
    wire_ask(wire, "PUT a 1\n", "OK\n");
    pid_t pid = 0;
    int process = open_process(pidfile, &pid);

    daemon_spawn(server, "--pidfile", pidfile, "--listen", "127.0.0.1:0", NULL);
    cr_assert_eq(daemon_wait(server), 1, "the directory and the pidfile are taken");
    wire_ask(wire, "GET a\n", "OK \"1\"\n");

    cr_assert(kill(pid, SIGTERM) == 0);
    wire_expect_close(wire);
    wire_close(wire);
    struct pollfd entry = {.fd = process, .events = POLLIN};
    cr_assert(poll(&entry, 1, DEADLINE_SECONDS * 1000) > 0, "it does not end");
    close(process);
    cr_assert(access(pidfile, F_OK) != 0, "the pidfile is left behind");
    scratch_await(log, "info stopped\n");
    free(log);
    free(pidfile);
}

/* What goes wrong before it serves is told by the first process. */
Test(service, that_cannot_start_in_the_background_says_so_in_the_foreground)
{
    scratch_write(daemon_data(server), SLICE("a file"));
    daemon_spawn(server, "--daemonize", NULL);
    cr_assert_eq(daemon_wait(server), 1);
    daemon_await_log(server, "not a directory");
}

static bool is_worker(const char *task)
{
    char path[64];
    snprintf(path, sizeof(path), "/proc/%d/task/%.20s/comm", daemon_pid(server), task);
    struct buffer name = scratch_read(path);
    bool is = name.len > 7 && memcmp(name.data, "worker-", 7) == 0;
    buffer_fini(&name);
    return is;
}

/* The threads under the policy, of those that are workers or of all others. */
static unsigned count_threads(bool workers, int policy)
{
    char path[64];
    unsigned count = 0;
    struct dirent *entry = NULL;
    snprintf(path, sizeof(path), "/proc/%d/task", daemon_pid(server));
    DIR *tasks = opendir(path);
    cr_assert(tasks != NULL);
    while ((entry = readdir(tasks)) != NULL) {
        if (entry->d_name[0] == '.' || is_worker(entry->d_name) != workers)
            continue;
        count += sched_getscheduler(atoi(entry->d_name)) == policy;
    }
    closedir(tasks);
    return count;
}

Test(service, workers_and_nobody_else_push_nobody_aside)
{
    daemon_start(server, "--workers", "3", NULL);
    int64_t deadline = deadline_in(DEADLINE_SECONDS);
    while (count_threads(true, SCHED_BATCH) < 3) { /* they have begun, but not said so */
        cr_assert(deadline_left(deadline) > 0, "%u do", count_threads(true, SCHED_BATCH));
        sched_yield();
    }
    cr_assert_eq(count_threads(false, SCHED_BATCH), 0);
    cr_assert_geq(count_threads(false, SCHED_OTHER), 2, "the main thread and the committer");
}
