/*
 * The daemon's configuration file: what may stand in it, what goes before it, and how it says what
 * is wrong.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <sys/stat.h>

#include "tests/lib/daemon.h"
#include "tests/lib/paths.h"
#include "tests/lib/report.h"
#include "tests/lib/scratch.h"
#include "tests/lib/shell.h"

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

TestSuite(configuration, .init = prepare, .fini = stop, .timeout = 60);

static void write_file(const char *text)
{
    scratch_write(file, slice_from_string(text));
}

/* A start with this file fails with that one line, and touches nothing. */
static void expect_wrong_bytes(struct slice text, const char *problem)
{
    char line[1024];
    struct stat entry;
    scratch_write(file, text);
    daemon_spawn(server, "--config", file, NULL);
    int status = daemon_wait(server);
    snprintf(line, sizeof(line), "leveretd: %s%s\n", file, problem);
    cr_assert(status == 2, "%s: exits with %d: %s", problem, status, daemon_log(server));
    report_equal("the complaint", slice_from_string(daemon_log(server)), slice_from_string(line));
    cr_assert(stat(daemon_data(server), &entry) != 0, "the data directory was made");
}

static void expect_wrong(const char *text, const char *problem)
{
    expect_wrong_bytes(slice_from_string(text), problem);
}

Test(configuration, of_a_file_is_in_force)
{
    write_file("# what a person wrote\n\nmax-scans = 7\ncache = 2M ; not much\r\nsync=never\n");
    daemon_start(server, "--config", file, NULL);
    cr_assert_eq(daemon_info(server, "max_scans"), 7);
    cr_assert_eq(daemon_info(server, "cache"), 2 * 1024 * 1024);
    struct wire *wire = daemon_connect(server);
    wire_say(wire, "INFO server\n");
    struct slice info = wire_reply(wire);
    cr_assert(memmem(info.data, info.len, "\"sync\" \"never\"", 14) != NULL);
    wire_close(wire);
}

Test(configuration, of_the_command_line_goes_before_that_of_the_file)
{
    write_file("max-scans = 7\nmax-snapshots = 8\n");
    daemon_start(server, "--max-scans", "9", "--config", file, NULL);
    cr_assert_eq(daemon_info(server, "max_scans"), 9);
    cr_assert_eq(daemon_info(server, "max_snapshots"), 8);
}

Test(configuration, lists_may_be_repeated_and_are_replaced_by_those_of_the_command_line)
{
    write_file("listen = 127.0.0.1:0\nlisten = [::1]:0\n");
    daemon_spawn_bare(server, "--config", file, "--data", daemon_data(server), NULL);
    daemon_await_log(server, "ready on 127.0.0.1:");
    cr_assert(strstr(daemon_log(server), " [::1]:") != NULL, "%s", daemon_log(server));
    daemon_stop(server);
    daemon_start(server, "--config", file, "--listen", "127.0.0.1:0", NULL);
    cr_assert_eq(daemon_port6(server), 0);
}

Test(configuration, that_is_wrong_is_named_with_its_file_and_line)
{
    expect_wrong("cache = 1M\nfrob = 1\n", ":2: frob is no setting");
    expect_wrong("--cache = 1M\n", ":1: --cache is no setting");
    expect_wrong("workers = many\n", ":1: workers takes a whole number from 1 to 64");
    expect_wrong("compression = zip\n", ":1: compression takes snappy or none");
    expect_wrong("sync = 0\n", ":1: sync takes always or never, or seconds from 1 to 3600");
    expect_wrong("log =\n", ":1: log cannot be empty");
    expect_wrong("listen =\n", ":1: listen cannot be empty");
    expect_wrong("cache = 1M\n\ncache = 2M\n", ":3: cache was set in line 1 already");
    expect_wrong("help = yes\n", ":1: help belongs on the command line");
    expect_wrong("daemonize = yes\n", ":1: daemonize belongs on the command line");
}

Test(configuration, without_a_shape_is_named_with_its_file_and_line)
{
    expect_wrong("cache\n", ":1: it is not of the form `name = value`");
    expect_wrong("frob\nlisten =\n", ":1: it is not of the form `name = value`");
    expect_wrong("listen =\nfrob\n", ":1: listen cannot be empty");
    expect_wrong("[server]\n", ":1: there are no sections; each line is `name = value`");
    expect_wrong("\xef\xbb\xbf[server]\n",
                 ":1: there are no sections; each line is `name = value`");
    expect_wrong("\xef\xbb\xbf  cache = 1M\n", ":1: a line must not begin with a blank");
    expect_wrong("= 1M\n", ":1: it is not of the form `name = value`");
    expect_wrong("log = /tmp/log\n  cache = 1M\n", ":2: a line must not begin with a blank");
    expect_wrong_bytes(SLICE("log = a\0b\n"), ":1: there is a control character in the line");
    expect_wrong_bytes(SLICE("\x1b[31mlog = a\n"), ":1: there is a control character in the line");
    char text[300] = "log = ";
    memset(text + 6, 'x', 193);
    expect_wrong(text, ":1: the line is longer than 198 bytes");
}

Test(configuration, that_cannot_be_read_is_named)
{
    daemon_spawn(server, "--config", daemon_directory(server), NULL);
    cr_assert_eq(daemon_wait(server), 2);
    cr_assert(strstr(daemon_log(server), ": Is a directory\n") != NULL, "%s", daemon_log(server));
    daemon_spawn(server, "--config", file, NULL);
    cr_assert_eq(daemon_wait(server), 2);
    cr_assert(strstr(daemon_log(server), ": No such file") != NULL, "%s", daemon_log(server));
    daemon_spawn(server, "--config", "/dev/zero", NULL);
    cr_assert_eq(daemon_wait(server), 2);
    cr_assert(strstr(daemon_log(server), ": it is larger than 1 MiB") != NULL, "%s",
              daemon_log(server));
    cr_assert(mkfifo(file, 0666) == 0);
    daemon_spawn(server, "--config", file, NULL);
    cr_assert_eq(daemon_wait(server), 2);
    cr_assert(strstr(daemon_log(server), ": it is no regular file\n") != NULL, "%s",
              daemon_log(server));
}

Test(configuration, that_contradicts_itself_is_named)
{
    expect_wrong("create-if-missing = no\n\nerror-if-exists = yes\n",
                 ":3: error-if-exists yes and create-if-missing no leave nothing to serve");
    expect_wrong("anonymous = none\n",
                 ":1: anonymous none needs users, or nobody could do anything");
}

Test(configuration, names_the_line_of_the_item_of_a_list)
{
    write_file("listen = 127.0.0.1:0\nlisten = 127.0.0.1\nlisten = 127.0.0.1:1\n");
    daemon_spawn_bare(server, "--config", file, "--data", daemon_data(server), NULL);
    cr_assert_eq(daemon_wait(server), 2);
    cr_assert(strstr(daemon_log(server), ":2: listen 127.0.0.1 is no address: ") != NULL, "%s",
              daemon_log(server));
}

/* True when there is something with that name. */
static bool exists(const char *path)
{
    struct stat entry;
    return stat(path, &entry) == 0;
}

Test(configuration, is_checked_without_touching_anything)
{
    write_file("cache = 1M\n");
    daemon_spawn_bare(server, "--check", "--config", file, "--data", daemon_data(server), "--unix",
                      daemon_socket(server), NULL);
    cr_assert_eq(daemon_wait(server), 0, "%s", daemon_log(server));
    cr_assert_str_eq(daemon_output(server), "the configuration is good\n");
    cr_assert_str_eq(daemon_log(server), "");
    cr_assert(!exists(daemon_data(server)) && !exists(daemon_socket(server)));
}

Test(configuration, is_checked_instead_of_an_errand)
{
    daemon_start(server, NULL);
    daemon_stop(server);
    daemon_spawn_bare(server, "--check", "--destroy", daemon_data(server), "--yes", NULL);
    cr_assert_eq(daemon_wait(server), 0, "%s", daemon_log(server));
    cr_assert_str_eq(daemon_output(server), "the configuration is good\n");
    cr_assert(exists(daemon_data(server)));
}

Test(configuration, that_a_check_finds_wrong_is_named)
{
    write_file("cache = much\n");
    daemon_spawn_bare(server, "--check", "--config", file, "--data", daemon_data(server), NULL);
    cr_assert_eq(daemon_wait(server), 2);
    cr_assert_str_eq(daemon_output(server), "");
    cr_assert(strstr(daemon_log(server), ":1: cache takes") != NULL, "%s", daemon_log(server));
}

Test(configuration, of_a_service_serves_its_errands_too)
{
    char text[1024];
    daemon_start(server, NULL);
    daemon_stop(server);
    snprintf(text, sizeof(text), "data = %s\nlisten = 127.0.0.1:0\n", daemon_data(server));
    write_file(text);
    daemon_spawn_bare(server, "--config", file, "--destroy", daemon_data(server), "--yes", NULL);
    cr_assert_eq(daemon_wait(server), 0, "%s", daemon_log(server));
    cr_assert(!exists(daemon_data(server)));
}

/* The example ------------------------------------------------------------------- */

/* The file that is installed, with every default in it said. */
static void write_example(void)
{
    struct buffer text = {0};
    char *path = scratch_path(paths_build(), "server/dist/leveretd.conf");
    struct buffer example = scratch_read(path);
    for (size_t i = 0; i < example.len; i++) {
        bool starts = i == 0 || example.data[i - 1] == '\n';
        bool said = starts && example.data[i] == '#' && example.data[i + 1] >= 'a' &&
                    example.data[i + 1] <= 'z';
        if (!said)
            buffer_append_byte(&text, example.data[i]);
    }
    scratch_write(file, buffer_slice(&text));
    buffer_fini(&example);
    buffer_fini(&text);
    free(path);
}

/* The values of INFO config, without where they come from. Returns how many come from the file. */
static unsigned read_values(struct buffer *values)
{
    unsigned from_file = 0;
    struct wire *wire = daemon_connect(server);
    wire_say(wire, "INFO config\n");
    for (struct slice row = wire_line(wire); row.data[0] == '"'; row = wire_line(wire)) {
        if (memmem(row.data, row.len, ".from\" ", 7) == NULL)
            buffer_append_slice(values, row);
        else
            from_file += memmem(row.data, row.len, "leveretd.conf:", 14) != NULL;
    }
    wire_close(wire);
    return from_file;
}

Test(configuration, of_the_example_is_that_of_no_file)
{
    struct buffer plain = {0};
    struct buffer example = {0};
    daemon_start(server, NULL);
    cr_assert_eq(read_values(&plain), 0);
    daemon_stop(server);
    write_example();
    daemon_spawn_bare(server, "--check", "--config", file, "--data", daemon_data(server), NULL);
    cr_assert_eq(daemon_wait(server), 0, "%s", daemon_log(server));
    daemon_start(server, "--config", file, NULL);
    cr_assert_gt(read_values(&example), 30);
    report_equal("the configuration", buffer_slice(&example), buffer_slice(&plain));
    daemon_stop(server);
    buffer_fini(&plain);
    buffer_fini(&example);
}

/* As it is shipped it says nothing at all, and tells of every setting. */
Test(configuration, example_tells_of_every_setting)
{
    shell_expect(
        0, "",
        "diff <(sed -n 's/^# \\{0,1\\}\\([a-z-]*\\) = .*/\\1/p' %s/server/dist/leveretd.conf) "
        "<($LEVERETD --help | sed '/^The configuration/,$d' | "
        "sed -n 's/^  --\\([a-z-]*\\).*/\\1/p' | grep -v '^daemonize$')",
        paths_build());
    shell_expect(0, "", "grep -v '^#' %s/server/dist/leveretd.conf | tr -d '\\n'", paths_build());
}
