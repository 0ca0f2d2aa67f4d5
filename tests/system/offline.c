/*
 * The errands that leveretd runs on a directory instead of serving it: what is refused, and what a
 * destroy removes. What a repair does is in repair.c.
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

TestSuite(offline, .init = prepare, .fini = stop, .timeout = 120);

/* Puts a few rows into the directory: into a table, and into a log. */
static void fill(void)
{
    for (unsigned i = 0; i < 2; i++) {
        daemon_start(server, NULL);
        struct wire *wire = daemon_connect(server);
        wire_ask(wire, "MPUT a 1 b 2\n", "OK\n");
        wire_close(wire);
        daemon_stop(server);
    }
}

/* Neither does anything, says why in one line, and leaves no trace. */
static void expect_refusal(const char *reason)
{
    static const char *const errands[] = {"--repair", "--destroy"};
    const char *path = daemon_data(server);
    for (size_t i = 0; i < 2; i++) {
        struct buffer before = scratch_listing(path);
        daemon_spawn_bare(server, errands[i], path, i == 0 ? NULL : "--yes", NULL);
        int status = daemon_wait(server);
        cr_assert(status == 1, "%s exits with %d", errands[i], status);
        const char *log = daemon_log(server);
        cr_assert(strncmp(log, "leveretd: cannot ", 17) == 0 && strstr(log, reason) != NULL &&
                      strstr(log, path) != NULL && strchr(log, '\n')[1] == '\0',
                  "%s, not `%s`: %s", errands[i], reason, log);
        cr_assert_str_eq(daemon_output(server), "");
        struct buffer after = scratch_listing(path);
        report_equal("the directory", buffer_slice(&after), buffer_slice(&before));
        buffer_fini(&before);
        buffer_fini(&after);
    }
}

/* Refusals ----------------------------------------------------------------- */

static void write_in(const char *name, const char *text)
{
    char *path = scratch_path(daemon_data(server), name);
    scratch_write(path, slice_from_string(text));
    free(path);
}

Test(offline, directories_in_use_are_refused)
{
    daemon_start(server, NULL);
    struct wire *wire = daemon_connect(server);
    struct daemon *first = server;
    char reason[64];
    snprintf(reason, sizeof(reason), "is in use by process %d", (int)daemon_pid(first));
    server = daemon_new();
    daemon_set_data(server, daemon_data(first));
    expect_refusal(reason);
    struct daemon *second = server;
    server = first;
    wire_ask(wire, "PUT b 2\n", "OK\n");
    wire_close(wire);
    daemon_stop(server);
    daemon_free(second);
}

Test(offline, places_that_are_no_directory_are_refused)
{
    daemon_spawn_bare(server, "--repair", daemon_data(server), NULL);
    cr_assert_eq(daemon_wait(server), 1);
    cr_assert(strstr(daemon_log(server), "No such file") != NULL, "%s", daemon_log(server));
    daemon_spawn_bare(server, "--destroy", daemon_data(server), "--yes", NULL);
    cr_assert_eq(daemon_wait(server), 1);
    struct stat entry;
    cr_assert(stat(daemon_data(server), &entry) != 0, "it was made");

    scratch_write(daemon_data(server), SLICE("a file"));
    daemon_spawn_bare(server, "--destroy", daemon_data(server), "--yes", NULL);
    cr_assert_eq(daemon_wait(server), 1);
    cr_assert(strstr(daemon_log(server), "is not a directory") != NULL, "%s", daemon_log(server));
    cr_assert(stat(daemon_data(server), &entry) == 0);
}

Test(offline, directories_that_hold_something_else_are_refused)
{
    cr_assert(mkdir(daemon_data(server), 0777) == 0);
    expect_refusal("is not a LevelDB");
    write_in("letter.txt", "Dear hare");
    write_in("1.log", "somebody else's");
    write_in("LOG", "somebody else's");
    expect_refusal("is not a LevelDB");
    write_in("000004.sst", "");
    write_in("OPTIONS-000007", "");
    expect_refusal("RocksDB");
}

Test(offline, directories_of_another_order_are_refused)
{
    shell_expect(0, "",
                 "/usr/bin/python3 -c '\n"
                 "import plyvel\n"
                 "def order(a, b): return (a > b) - (a < b)\n"
                 "db = plyvel.DB(\"%s\", create_if_missing=True,\n"
                 "    comparator=order, comparator_name=b\"other\")\n"
                 "db.put(b\"a\", b\"1\")\n"
                 "db.close()'",
                 daemon_data(server));
    expect_refusal("comparator \"other\"");
    shell_expect(0, "", "rm '%s/CURRENT'", daemon_data(server));
    expect_refusal("comparator \"other\"");
}

Test(offline, directories_that_cannot_be_read_are_refused)
{
    if (geteuid() != 0)
        cr_skip_test("only root can start the daemon as somebody else");
    fill();
    shell_expect(0, "", "chmod 755 '%s' '%s'", daemon_directory(server), daemon_data(server));
    daemon_set_user(server, NOBODY);
    expect_refusal("Permission denied");
    shell_expect(0, "", "chown %d '%s' && chmod 600 '%s'/*.ldb", NOBODY, daemon_data(server),
                 daemon_data(server));
    expect_refusal("Permission denied");
}

Test(offline, errands_exclude_each_other_and_serving)
{
    static const char *const cases[][5] = {
        {"--repair", "a", "--destroy", "b", "exclude each other"},
        {"--repair", "a", "--data", "b", "exclude each other"},
        {"--repair", "a", "--listen", "127.0.0.1:0", "belong to --data"},
        {"--destroy", "a", "--unix", "b", "belong to --data"},
        {"--data", "a", "--yes", NULL, "--yes belongs to --destroy"},
        {"--repair", "a", "--yes", NULL, "--yes belongs to --destroy"},
        {"--repair", "", NULL, NULL, "--repair cannot be empty"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        daemon_spawn_bare(server, cases[i][0], cases[i][1], cases[i][2], cases[i][3], NULL);
        int status = daemon_wait(server);
        cr_assert(status == 2 && strstr(daemon_log(server), cases[i][4]) != NULL,
                  "%s %s exits with %d: %s", cases[i][0], cases[i][2], status, daemon_log(server));
    }
}

/* Destroying --------------------------------------------------------------- */

static void expect_done(const char *output)
{
    int status = daemon_wait(server);
    cr_assert(status == 0, "exit status %d: %s", status, daemon_log(server));
    cr_assert_str_eq(daemon_log(server), "");
    cr_assert(strstr(daemon_output(server), output) != NULL, "no `%s` in: %s", output,
              daemon_output(server));
}

Test(offline, destroy_without_yes_removes_nothing)
{
    fill();
    struct buffer before = scratch_listing(daemon_data(server));
    daemon_spawn_bare(server, "--destroy", daemon_data(server), NULL);
    cr_assert_eq(daemon_wait(server), 2);
    struct shell count = shell_run("cd '%s' && ls | wc -l | tr -d '\\n'", daemon_data(server));
    char told[64];
    snprintf(told, sizeof(told), "would remove %s files of ", count.out.data);
    cr_assert(strstr(daemon_output(server), told) != NULL, "%s", daemon_output(server));
    cr_assert(strstr(daemon_log(server), "--yes") != NULL, "%s", daemon_log(server));
    shell_fini(&count);
    struct buffer after = scratch_listing(daemon_data(server));
    report_equal("the directory", buffer_slice(&after), buffer_slice(&before));
    buffer_fini(&before);
    buffer_fini(&after);
}

Test(offline, destroy_removes_the_directory)
{
    fill();
    daemon_spawn_bare(server, "--destroy", daemon_data(server), "--yes", NULL);
    expect_done(", and the directory\n");
    struct stat entry;
    cr_assert(stat(daemon_data(server), &entry) != 0);
    daemon_start(server, NULL);
    struct wire *wire = daemon_connect(server);
    wire_ask(wire, "COUNT ''\n", "OK 0\n");
    wire_close(wire);
    daemon_stop(server);
}

Test(offline, destroy_leaves_other_peoples_files)
{
    fill();
    write_in("letter.txt", "Dear hare");
    write_in("000005.ldb.bak", "a copy");
    daemon_spawn_bare(server, "--destroy", daemon_data(server), NULL);
    cr_assert_eq(daemon_wait(server), 2);
    cr_assert(strstr(daemon_output(server), "letter.txt") != NULL, "%s", daemon_output(server));
    daemon_spawn_bare(server, "--destroy", daemon_data(server), "--yes", NULL);
    expect_done("not LevelDB's, so left there: 2 (");
    shell_expect(0, "000005.ldb.bak\nletter.txt\nDear hare",
                 "cd '%s' && LC_ALL=C ls -A && cat letter.txt", daemon_data(server));
}

/* What a destroy that was cut short leaves can be destroyed. */
Test(offline, destroy_finishes_what_was_begun)
{
    fill();
    shell_expect(0, "", "cd '%s' && rm CURRENT MANIFEST-*", daemon_data(server));
    daemon_spawn_bare(server, "--destroy", daemon_data(server), "--yes", NULL);
    expect_done(", and the directory\n");
}
