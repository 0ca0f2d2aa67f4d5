/*
 * The pid file: what it may be, and whose. Its end is that of the daemon, see shutdown.c.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/lib/daemon.h"
#include "tests/lib/report.h"
#include "tests/lib/scratch.h"

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

TestSuite(pidfile, .init = prepare, .fini = stop, .timeout = 60);

/* It ends with 1 and one error, and has made no data. */
static void expect_refused(struct daemon *daemon, const char *path, const char *problem)
{
    char line[1024];
    daemon_spawn(daemon, "--pidfile", path, "--unix", daemon_socket(daemon), NULL);
    cr_assert_eq(daemon_wait(daemon), 1, "%s", daemon_log(daemon));
    snprintf(line, sizeof(line), " error cannot write the pid file %s: %s\n", path, problem);
    const char *said = strstr(daemon_log(daemon), " error ");
    cr_assert(said != NULL && strcmp(said, line) == 0, "no `%s` at the end of: %s", line,
              daemon_log(daemon));
    cr_assert(access(daemon_data(daemon), F_OK) != 0, "there is data");
    cr_assert(access(daemon_socket(daemon), F_OK) != 0, "the socket is left behind");
}

static void expect_content(const char *text)
{
    struct buffer content = scratch_read(pidfile);
    report_equal("the pid file", buffer_slice(&content), slice_from_string(text));
    buffer_fini(&content);
}

Test(pidfile, that_cannot_be_written_ends_the_start_and_touches_nothing)
{
    char *lost = scratch_path(daemon_directory(server), "nowhere/pidfile");
    expect_refused(server, lost, "No such file or directory");
    expect_refused(server, daemon_directory(server), "Is a directory");
    scratch_write(pidfile, SLICE("data = /srv\n"));
    expect_refused(server, pidfile, "it is no pid file");
    expect_content("data = /srv\n");
    free(lost);
}

Test(pidfile, in_a_directory_of_others_is_refused)
{
    if (geteuid() != 0)
        cr_skip_test("only root may run a daemon as somebody else");
    cr_assert_eq(chmod(daemon_directory(server), 0755), 0);
    daemon_set_user(server, 65534);
    expect_refused(server, pidfile, "Permission denied");
}

Test(pidfile, of_a_daemon_that_runs_is_left_alone)
{
    char pid[32];
    struct daemon *other = daemon_new();
    daemon_start(server, "--pidfile", pidfile, NULL);
    snprintf(pid, sizeof(pid), "%d\n", (int)daemon_pid(server));
    expect_refused(other, pidfile, "another process holds it");
    expect_content(pid);
    daemon_free(other);
    daemon_stop(server);
    cr_assert(access(pidfile, F_OK) != 0, "the pid file is left behind");
}

Test(pidfile, of_a_daemon_that_was_killed_is_taken_over)
{
    char pid[32];
    daemon_start(server, "--pidfile", pidfile, NULL);
    daemon_kill(server);
    scratch_write(pidfile, SLICE("4194304 and more than a process id\n"));
    daemon_start(server, "--pidfile", pidfile, NULL);
    snprintf(pid, sizeof(pid), "%d\n", (int)daemon_pid(server));
    expect_content(pid);
    daemon_stop(server);
}
