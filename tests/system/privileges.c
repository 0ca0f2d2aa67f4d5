/*
 * --user: a daemon that root started, and what it can still do.
 */
#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/lib/daemon.h"
#include "tests/lib/report.h"
#include "tests/lib/scratch.h"
#include "tests/lib/shell.h"

/* Debian's user that owns nothing. */
#define NOBODY 65534

static struct daemon *server;

static void prepare(void)
{
    if (geteuid() != 0)
        cr_skip_test("only root can become somebody else");
    server = daemon_new();
    cr_assert(chmod(daemon_directory(server), 0755) == 0);
}

static void stop(void)
{
    daemon_free(server);
}

TestSuite(privileges, .init = prepare, .fini = stop, .timeout = 60);

static void ping(void)
{
    struct wire *wire = daemon_connect(server);
    wire_ask(wire, "PUT a 1\nGET a\n", "OK\nOK \"1\"\n");
    wire_close(wire);
}

/* A start that fails with one line, before anything is made. */
static void expect_refusal(const char *reason)
{
    int status = daemon_wait(server);
    cr_assert(status == 1, "exit status %d; its log: %s", status, daemon_log(server));
    const char *error = strstr(daemon_log(server), " error ");
    cr_assert(error != NULL && strstr(error + 1, " error ") == NULL, "not one error line: %s",
              daemon_log(server));
    cr_assert(strstr(error, reason) != NULL, "no `%s` in: %s", reason, error);
    cr_assert(access(daemon_data(server), F_OK) != 0, "the directory was made");
}

/* What all threads of the daemon say of themselves: lines of their status, each once. */
static void expect_threads(const char *pattern, const char *lines)
{
    shell_expect(0, lines, "cat /proc/%d/task/*/status | grep -E '%s' | sort -u",
                 daemon_pid(server), pattern);
}

Test(privileges, are_gone_from_every_thread_while_the_daemon_serves)
{
    daemon_start(server, "--user", "nobody", NULL);
    ping();
    expect_threads("^(Uid|Gid|Groups):", "Gid:\t65534\t65534\t65534\t65534\n"
                                         "Groups:\t65534 \n"
                                         "Uid:\t65534\t65534\t65534\t65534\n");
    expect_threads("^Cap(Prm|Eff|Amb):", "CapAmb:\t0000000000000000\n"
                                         "CapEff:\t0000000000000000\n"
                                         "CapPrm:\t0000000000000000\n");
    expect_threads("^NoNewPrivs:", "NoNewPrivs:\t1\n");
    daemon_stop(server);
    shell_expect(0, "nobody\n", "stat -c %%U '%s' '%s'/* | sort -u", daemon_data(server),
                 daemon_data(server));
}

/* An address of its own, so that nobody else has the port. */
Test(privileges, are_there_for_a_port_that_only_root_may_have)
{
    daemon_start(server, "--user", "nobody", "--listen", "127.91.7.3:853", NULL);
    cr_assert(strstr(daemon_log(server), "ready on 127.91.7.3:853") != NULL);
    struct wire *wire = wire_open_tcp("127.91.7.3", 853);
    wire_ask(wire, "PING\n", "OK \"PONG\"\n");
    wire_close(wire);
    daemon_stop(server);
}

Test(privileges, leave_the_unix_socket_to_the_user)
{
    struct stat about;
    daemon_start(server, "--user", "nobody", "--unix", daemon_socket(server), NULL);
    cr_assert(stat(daemon_socket(server), &about) == 0);
    cr_assert_eq(about.st_uid, NOBODY);
    daemon_stop(server);
    daemon_start(server, "--user", "nobody", "--unix", daemon_socket(server), NULL);
}

/* The directory is root's: the file cannot be removed, and names nobody. */
Test(privileges, that_are_gone_leave_an_empty_pid_file)
{
    char *pidfile = scratch_path(daemon_directory(server), "pidfile");
    for (unsigned i = 0; i < 2; i++) {
        daemon_start(server, "--user", "nobody", "--pidfile", pidfile, NULL);
        struct buffer text = scratch_read(pidfile);
        buffer_append_byte(&text, '\0');
        cr_assert_eq(atoi(text.data), daemon_pid(server));
        buffer_fini(&text);
        daemon_stop(server);
        struct buffer after = scratch_read(pidfile);
        cr_assert_eq(after.len, 0);
        buffer_fini(&after);
    }
    free(pidfile);
}

Test(privileges, of_a_user_who_is_none_are_refused)
{
    daemon_spawn(server, "--user", "no-such-hare", NULL);
    expect_refusal("cannot become the user no-such-hare: there is no such user");
    daemon_spawn(server, "--user", "root", NULL);
    expect_refusal("that is root");
}

Test(privileges, cannot_be_taken_up_by_others_than_root)
{
    daemon_set_user(server, NOBODY);
    daemon_spawn(server, "--user", "daemon", NULL);
    expect_refusal("cannot become the user daemon: only root can");
}

/* One file of settings serves those who start as root, and a manager that does not. */
Test(privileges, need_not_be_dropped_by_who_is_that_user)
{
    cr_assert(chown(daemon_directory(server), NOBODY, NOBODY) == 0);
    daemon_set_user(server, NOBODY);
    daemon_start(server, "--user", "nobody", NULL);
    ping();
    expect_threads("^NoNewPrivs:", "NoNewPrivs:\t1\n");
}

Test(privileges, do_not_reach_a_directory_of_somebody_else)
{
    daemon_start(server, NULL);
    ping();
    daemon_stop(server);
    cr_assert(chmod(daemon_data(server), 0700) == 0);
    struct buffer before = scratch_listing(daemon_data(server));
    daemon_spawn(server, "--user", "nobody", NULL);
    cr_assert_eq(daemon_wait(server), 1);
    cr_assert(strstr(daemon_log(server), "Permission denied") != NULL, "%s", daemon_log(server));
    struct buffer after = scratch_listing(daemon_data(server));
    report_equal("the directory", buffer_slice(&after), buffer_slice(&before));
    buffer_fini(&before);
    buffer_fini(&after);
}
