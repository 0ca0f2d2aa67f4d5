/*
 * Data directories that cannot be served: one clear line, exit status 1, and nothing in them is
 * touched.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/lib/daemon.h"
#include "tests/lib/report.h"
#include "tests/lib/scratch.h"
#include "tests/lib/shell.h"

/* A user that owns nothing. */
#define NOBODY 65534

static struct daemon *server;

static void prepare(void)
{
    server = daemon_new();
}

static void stop(void)
{
    daemon_free(server);
}

TestSuite(directories, .init = prepare, .fini = stop, .timeout = 60);

/* The refusal with one more option, or with none. */
static void expect_refusal_with(const char *option, const char *value, const char *reason)
{
    daemon_spawn(server, option, value, NULL);
    int status = daemon_wait(server);
    cr_assert(status == 1, "exit status %d; its log: %s", status, daemon_log(server));
    const char *error = strstr(daemon_log(server), " error ");
    cr_assert(error != NULL && strstr(error + 1, " error ") == NULL, "not one error line: %s",
              daemon_log(server));
    cr_assert(strstr(error, reason) != NULL, "no `%s` in: %s", reason, daemon_log(server));
    /* What LevelDB itself finds wrong comes in its own words, after the start line. */
    cr_assert(*reason == '\0' || strstr(error, daemon_data(server)) != NULL, "which directory? %s",
              daemon_log(server));
}

static void expect_refusal(const char *reason)
{
    expect_refusal_with(NULL, NULL, reason);
}

/* The refusal, and that it left no trace. */
static void expect_refusal_with_untouched(const char *option, const char *value, const char *reason)
{
    struct buffer before = scratch_listing(daemon_data(server));
    expect_refusal_with(option, value, reason);
    struct buffer after = scratch_listing(daemon_data(server));
    report_equal("the directory", buffer_slice(&after), buffer_slice(&before));
    buffer_fini(&before);
    buffer_fini(&after);
}

static void expect_refusal_untouched(const char *reason)
{
    expect_refusal_with_untouched(NULL, NULL, reason);
}

static void write_in(const char *directory, const char *name, const char *text)
{
    char *path = scratch_path(directory, name);
    scratch_write(path, slice_from_string(text));
    free(path);
}

Test(directories, that_are_missing_or_empty_are_begun)
{
    daemon_start(server, NULL);
    daemon_stop(server);
    char *empty = scratch_path(daemon_directory(server), "empty");
    cr_assert(mkdir(empty, 0777) == 0);
    daemon_set_data(server, empty);
    daemon_start(server, NULL);
    daemon_stop(server);
    free(empty);
}

/* What a first start that was cut short leaves, and what a new file system brings. */
Test(directories, that_hold_nothing_of_importance_are_begun)
{
    cr_assert(mkdir(daemon_data(server), 0777) == 0);
    write_in(daemon_data(server), "LOCK", "");
    write_in(daemon_data(server), "LOG", "opening\n");
    char *found = scratch_path(daemon_data(server), "lost+found");
    cr_assert(mkdir(found, 0777) == 0);
    free(found);
    daemon_start(server, NULL);
    daemon_stop(server);
}

Test(directories, below_nothing_are_refused)
{
    char *path = scratch_path(daemon_directory(server), "no/such/place");
    daemon_set_data(server, path);
    expect_refusal("No such file or directory");
    free(path);
}

Test(directories, in_use_are_refused)
{
    daemon_start(server, NULL);
    struct wire *wire = daemon_connect(server);
    wire_ask(wire, "PUT a 1\n", "OK\n");
    struct daemon *first = server;
    server = daemon_new();
    daemon_set_data(server, daemon_data(first));
    expect_refusal_untouched("in use");
    wire_ask(wire, "PUT b 2\n", "OK\n"); /* and the first one still holds its lock */
    expect_refusal("in use");
    wire_ask(wire, "COUNT ''\n", "OK 2\n");
    wire_close(wire);
    daemon_stop(first);
    daemon_free(first);
}

Test(directories, that_are_files_are_refused)
{
    scratch_write(daemon_data(server), SLICE("a file"));
    expect_refusal("not a directory");
    struct buffer bytes = scratch_read(daemon_data(server));
    report_equal("the file", buffer_slice(&bytes), SLICE("a file"));
    buffer_fini(&bytes);
}

Test(directories, that_hold_something_else_are_refused)
{
    cr_assert(mkdir(daemon_data(server), 0777) == 0);
    write_in(daemon_data(server), "letter.txt", "Dear hare");
    expect_refusal_untouched("not a LevelDB");
}

Test(directories, with_a_hidden_file_are_not_empty)
{
    cr_assert(mkdir(daemon_data(server), 0777) == 0);
    write_in(daemon_data(server), ".profile", "");
    expect_refusal_untouched("not a LevelDB");
}

Test(directories, whose_manifest_is_gone_are_refused)
{
    cr_assert(mkdir(daemon_data(server), 0777) == 0);
    write_in(daemon_data(server), "CURRENT", "MANIFEST-000001\n");
    expect_refusal_untouched("");
}

Test(directories, with_nonsense_for_current_are_refused)
{
    cr_assert(mkdir(daemon_data(server), 0777) == 0);
    write_in(daemon_data(server), "CURRENT", "");
    expect_refusal("");
    write_in(daemon_data(server), "CURRENT", "../../../etc/passwd\n");
    expect_refusal("");
}

Test(directories, ordered_by_another_comparator_are_refused)
{
    struct shell made = shell_run("/usr/bin/python3 -c '\n"
                                  "import plyvel\n"
                                  "def order(a, b): return (a > b) - (a < b)\n"
                                  "db = plyvel.DB(\"%s\", create_if_missing=True,\n"
                                  "    comparator=order, comparator_name=b\"other\")\n"
                                  "db.put(b\"a\", b\"1\")\n"
                                  "db.close()'",
                                  daemon_data(server));
    cr_assert_eq(made.status, 0, "%s", made.err.data);
    shell_fini(&made);
    expect_refusal_untouched("comparator \"other\"");
}

Test(directories, that_cannot_be_read_are_refused)
{
    if (geteuid() != 0)
        cr_skip_test("only root can start the daemon as somebody else");
    daemon_start(server, NULL);
    daemon_stop(server);
    cr_assert(chmod(daemon_directory(server), 0755) == 0);
    cr_assert(chmod(daemon_data(server), 0700) == 0);
    daemon_set_user(server, NOBODY);
    expect_refusal_untouched("Permission denied");
    cr_assert(chmod(daemon_data(server), 0755) == 0);
    expect_refusal_untouched("Permission denied");
}

Test(directories, that_cannot_be_made_are_refused)
{
    if (geteuid() != 0)
        cr_skip_test("only root can start the daemon as somebody else");
    cr_assert(chmod(daemon_directory(server), 0755) == 0);
    daemon_set_user(server, NOBODY);
    expect_refusal("Permission denied");
}

/* One file that cannot be read must not cost the others. */
Test(directories, with_a_file_that_cannot_be_read_are_refused)
{
    if (geteuid() != 0)
        cr_skip_test("only root can start the daemon as somebody else");
    daemon_start(server, NULL);
    struct wire *wire = daemon_connect(server);
    wire_ask(wire, "PUT a 1\n", "OK\n");
    wire_close(wire);
    daemon_stop(server);
    shell_expect(0, "",
                 "chmod 755 '%s' && chown -R %d '%s' && chown 0 '%s'/MANIFEST-* && "
                 "chmod 600 '%s'/MANIFEST-*",
                 daemon_directory(server), NOBODY, daemon_data(server), daemon_data(server),
                 daemon_data(server));
    daemon_set_user(server, NOBODY);
    expect_refusal_untouched("");
}

Test(directories, without_a_leveldb_are_left_alone_when_none_shall_be_begun)
{
    struct stat entry;
    expect_refusal_with("--create-if-missing", "no", "holds no LevelDB");
    cr_assert(stat(daemon_data(server), &entry) != 0, "the directory was made");
    cr_assert(mkdir(daemon_data(server), 0777) == 0);
    expect_refusal_with_untouched("--create-if-missing", "no", "holds no LevelDB");
    daemon_start(server, NULL);
    daemon_stop(server);
    daemon_start(server, "--create-if-missing", "no", NULL);
    daemon_stop(server);
}

Test(directories, with_a_leveldb_are_left_alone_when_none_shall_be_there)
{
    daemon_start(server, "--error-if-exists", "yes", NULL);
    struct wire *wire = daemon_connect(server);
    wire_ask(wire, "PUT a 1\n", "OK\n");
    wire_close(wire);
    daemon_stop(server);
    expect_refusal_with_untouched("--error-if-exists", "yes", "holds a LevelDB");
    daemon_start(server, NULL);
    wire = daemon_connect(server);
    wire_ask(wire, "GET a\n", "OK \"1\"\n");
    wire_close(wire);
    daemon_stop(server);
}
