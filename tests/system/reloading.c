/*
 * SIGHUP: another configuration comes into force while peers are served, or nothing changes.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/lib/daemon.h"
#include "tests/lib/login.h"
#include "tests/lib/scratch.h"
#include "tests/system/reload.h"

static struct daemon *server;
static char *file;

static void prepare(void)
{
    server = daemon_new();
    file = scratch_path(daemon_directory(server), "leveretd.conf");
}

static void stop(void)
{
    free(file);
    daemon_free(server);
}

TestSuite(reloading, .init = prepare, .fini = stop, .timeout = 60);

/* Serves what the file says, which has `text` behind its first line. */
static void serve(const char *text)
{
    reload_write(file, text);
    daemon_start(server, "--config", file, NULL);
}

/* What is told ---------------------------------------------------------------- */

Test(reloading, says_what_changed_and_what_needs_a_restart)
{
    serve("max-scans = 7\ncache = 96M\n");
    reload_write(file, "max-scans = 8\ncache = 128M\nlog = /tmp/log\nsync = 5\nidle-timeout = 9\n");
    const char *said = reload_run(server);
    reload_expect(said, " info --max-scans changed from 7 to 8\n");
    reload_expect(said, " info --idle-timeout changed from 0 to 9\n");
    reload_expect(said, " info --cache changed from 96M to 128M: needs a restart\n");
    reload_expect(said, " info --log changed from nothing to /tmp/log: needs a restart\n");
    reload_expect(said, " info --sync changed from always to 5: needs a restart\n");
    reload_expect(said, " info reloaded: 2 settings changed\n");
    cr_assert_eq(daemon_info(server, "max_scans"), 8);
    cr_assert_eq(daemon_info(server, "idle_timeout"), 9);
    cr_assert_eq(daemon_info(server, "cache"), 96 * 1024 * 1024);
    reload_write(file, "");
    said = reload_run(server);
    reload_expect(said, " info --max-scans changed from 8 to 2000\n");
    cr_assert(strstr(said, "--cache") == NULL, "%s", said);
    daemon_stop(server);
}

Test(reloading, of_what_is_the_same_changes_nothing)
{
    serve("max-scans = 7\n");
    reload_expect(reload_run(server), " info reloaded: 0 settings changed\n");
    reload_write(file, "max-scans = 8\n");
    reload_expect(reload_run(server), " info reloaded: 1 setting changed\n");
    reload_expect(reload_run(server), " info reloaded: 0 settings changed\n");
    daemon_stop(server);
}

Test(reloading, leaves_what_the_command_line_says)
{
    reload_write(file, "max-scans = 7\n");
    daemon_start(server, "--config", file, "--max-scans", "9", NULL);
    reload_write(file, "max-scans = 8\n");
    reload_expect(reload_run(server), " info reloaded: 0 settings changed\n");
    cr_assert_eq(daemon_info(server, "max_scans"), 9);
    daemon_stop(server);
}

/* INFO config holds each of these rows, the file in the place of %s. */
static void expect_rows(const char *const *rows, size_t count)
{
    struct buffer text = {0};
    struct wire *wire = daemon_connect(server);
    wire_say(wire, "INFO config\n");
    buffer_append_slice(&text, wire_reply(wire));
    buffer_append_byte(&text, '\0');
    for (size_t i = 0; i < count; i++) {
        char row[1024];
        snprintf(row, sizeof(row), rows[i], file);
        cr_assert(strstr(text.data, row) != NULL, "no %s in: %s", row, text.data);
    }
    wire_close(wire);
    buffer_fini(&text);
}

Test(reloading, changes_what_info_tells_and_from_where)
{
    static const char *const before[] = {
        "\"max-scans\" \"7\"\n\"max-scans.from\" \"%s:2\"\n",
        "\"cache\" \"96M\"\n\"cache.from\" \"default\"\n",
        "\"max-value\" \"65537\"\n\"max-value.from\" \"command line\"\n",
        "\"sync\" \"always\"\n\"sync.from\" \"default\"\n",
        "\"listen\" \"127.0.0.1:0\"\n\"listen.from\" \"command line\"\n",
        "\"unix\" \"\"\n\"unix.from\" \"default\"\n",
        "\"protected-mode\" \"yes\"\n",
        "\"log-level\" \"info\"\n",
    };
    static const char *const after[] = {
        "\"max-scans\" \"8\"\n\"max-scans.from\" \"%s:3\"\n",
        "\"cache\" \"96M\"\n\"cache.from\" \"default\"\n",
    };
    reload_write(file, "max-scans = 7\n");
    daemon_start(server, "--config", file, "--max-value", "65537", NULL);
    expect_rows(before, sizeof(before) / sizeof(before[0]));
    reload_write(file, "cache = 1G\nmax-scans = 8\n");
    reload_expect(reload_run(server), " info reloaded: 1 setting changed\n");
    expect_rows(after, sizeof(after) / sizeof(after[0]));
    daemon_stop(server);
}

/* What is wrong ----------------------------------------------------------------- */

static void expect_refused(const char *problem)
{
    const char *said = reload_run(server);
    char line[1024];
    snprintf(line, sizeof(line), " error cannot reload: %s%s\n", file, problem);
    reload_expect(said, line);
    cr_assert(strchr(said, '\n')[1] == '\0', "more than one line: %s", said);
    cr_assert_eq(daemon_info(server, "max_scans"), 7);
}

/* A client reads and writes meanwhile and notices nothing. */
Test(reloading, of_a_file_that_is_wrong_keeps_everything)
{
    static const char *const cases[][2] = {
        {"max-scans = 8\nfrob = 1\n", ":3: frob is no setting"},
        {"max-scans = 8\nmax-scans = 9\n", ":3: max-scans was set in line 2 already"},
        {"max-scans = many\n", ":2: max-scans takes a whole number from 1 to 1000000"},
        {"max-scans = 8\nlog-level = loud\n", ":3: log-level takes one of error|info|debug"},
        {"max-scans = 8\nunix = 1\nunix =\n", ":4: unix cannot be empty"},
        {"max-scans = 8\n[limits]\n", ":3: there are no sections; each line is `name = value`"},
        {"max-scans = 8\nerror-if-exists = yes\ncreate-if-missing = no\n",
         ":3: error-if-exists yes and create-if-missing no leave nothing to serve"},
    };
    serve("max-scans = 7\n");
    struct wire *wire = daemon_connect(server);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        wire_ask(wire, "PUT key value\n", "OK\n");
        wire_say(wire, "PUT half");
        reload_write(file, cases[i][0]);
        expect_refused(cases[i][1]);
        wire_ask(wire, " done\nGET key\n", "OK\nOK \"value\"\n");
    }
    wire_close(wire);
    reload_change(server, file, "max-scans = 10\n");
    cr_assert_eq(daemon_info(server, "max_scans"), 10);
    daemon_stop(server);
}

Test(reloading, of_a_file_that_cannot_be_read_keeps_everything)
{
    serve("max-scans = 7\n");
    cr_assert(unlink(file) == 0);
    expect_refused(": No such file or directory");
    cr_assert(mkdir(file, 0777) == 0);
    expect_refused(": Is a directory");
    cr_assert(rmdir(file) == 0);
    cr_assert(mkfifo(file, 0666) == 0); /* nobody writes: it must not be waited for */
    expect_refused(": it is no regular file");
    cr_assert(unlink(file) == 0);
    reload_write(file, "");
    cr_assert(truncate(file, 1024 * 1024 + 1) == 0);
    expect_refused(": it is larger than 1 MiB, so it is no configuration");
    daemon_stop(server);
}

Test(reloading, of_a_wrong_users_file_keeps_everything)
{
    char *users = scratch_path(daemon_directory(server), "users");
    char text[1024];
    char problem[1024];
    login_add(users, "anna", "write", "secret", "");
    snprintf(text, sizeof(text), "max-scans = 7\nusers = %s\nanonymous = admin\n", users);
    serve(text);
    snprintf(text, sizeof(text), "max-scans = 8\nusers = %s\nanonymous = admin\n", users);
    reload_write(file, text);
    cr_assert(chmod(users, 0644) == 0);
    snprintf(problem, sizeof(problem),
             " error cannot reload: %s: others than its owner have rights on it; chmod 600 it\n",
             users);
    reload_expect(reload_run(server), problem);
    cr_assert_eq(daemon_info(server, "max_scans"), 7);
    cr_assert(chmod(users, 0600) == 0);
    reload_expect(reload_run(server), " info reloaded: 1 setting changed\n");
    daemon_stop(server);
    free(users);
}
