/*
 * The daemon's command line: what it says, and how it exits.
 */
#include <criterion/criterion.h>
#include <sys/stat.h>

#include "tests/lib/daemon.h"
#include "tests/lib/report.h"

static struct daemon *server;

static void prepare(void)
{
    server = daemon_new();
}

static void stop(void)
{
    daemon_free(server);
}

TestSuite(options, .init = prepare, .fini = stop, .timeout = 60);

Test(options, help_is_printed_to_standard_output)
{
    daemon_spawn_bare(server, "--help", NULL);
    cr_assert_eq(daemon_wait(server), 0);
    const char *text = daemon_output(server);
    cr_assert(strstr(text, "usage: leveretd --data DIR") != NULL, "%s", text);
    static const char *const names[] = {
        "--data",
        "--listen",
        "--unix",
        "--workers",
        "--sync",
        "--min-free",
        "--cache",
        "--hot-values",
        "--write-buffer",
        "--bloom-bits",
        "--max-open-files",
        "--request-timeout",
        "--log",
        "--log-level",
        "--daemonize",
        "--pidfile",
        "--user",
        "--stall-timeout",
        "--scan-timeout",
        "--help",
        "--version",
        "--block-size",
        "--block-restart-interval",
        "--max-file-size",
        "--compression",
        "--create-if-missing",
        "--error-if-exists",
        "--paranoid-checks",
        "--max-snapshots",
        "--users",
        "--anonymous",
        "--anonymous-prefix",
        "--tls-listen",
        "--tls-cert",
        "--tls-key",
        "--tls-client-ca",
        "--tls-client-required",
        "--config",
        "--check",
        "--repair",
        "--destroy",
        "--yes",
        "--feed-history",
        "--max-connections",
        "--max-connections-per-address",
        "--protected-mode",
        "--max-buffered",
        "--idle-timeout",
        "--max-line",
        "--max-value",
        "--max-arguments",
        "--max-batch",
        "--max-output",
        "--max-scans",
        "--turn-requests",
        "--metrics",
        "--slow",
    };
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        cr_assert(strstr(text, names[i]) != NULL, "the help does not tell of %s", names[i]);
    cr_assert_str_eq(daemon_log(server), "");
}

/* Options are found by what they are about, and no line is too long to be read. */
Test(options, help_is_in_groups_of_short_lines)
{
    static const char *const titles[] = {
        "\nWhat is served, and where:\n  --data DIR ",
        "\nSafety:\n  --sync ",
        "\nLevelDB:\n  --write-buffer ",
        "\nViews, changes and deletions:\n  --max-snapshots ",
        "\nWho is served:\n  --max-connections ",
        "\nSizes and numbers:\n  --max-line ",
        "\nTimes:\n  --request-timeout ",
        "\nWatching it:\n  --metrics ",
        "\nThe process:\n  --log ",
        "\nInstead of serving:\n  --repair ",
        "\nHelp:\n  --help ",
    };
    daemon_spawn_bare(server, "--help", NULL);
    cr_assert_eq(daemon_wait(server), 0);
    const char *text = daemon_output(server);
    const char *at = text;
    for (size_t i = 0; i < sizeof(titles) / sizeof(titles[0]); i++) {
        at = strstr(at, titles[i]);
        cr_assert(at != NULL, "no %s in its place in: %s", titles[i], text);
    }
    for (const char *line = text; *line != '\0'; line += strcspn(line, "\n") + 1)
        cr_assert(strcspn(line, "\n") <= 100, "%.*s", (int)strcspn(line, "\n"), line);
}

Test(options, version_is_printed_to_standard_output)
{
    daemon_spawn_bare(server, "--version", NULL);
    cr_assert_eq(daemon_wait(server), 0);
    cr_assert_str_eq(daemon_output(server), "leveretd " LEVERET_VERSION "\n");
    cr_assert_str_eq(daemon_log(server), "");
}

/* Usage errors exit with 2, name what was wrong, and touch nothing. */
static void expect_usage_error(const char *option, const char *value, const char *named)
{
    daemon_spawn(server, option, value, NULL);
    int status = daemon_wait(server);
    cr_assert(status == 2, "%s %s exits with %d: %s", option, value == NULL ? "" : value, status,
              daemon_log(server));
    cr_assert(strncmp(daemon_log(server), "leveretd: ", strlen("leveretd: ")) == 0, "%s",
              daemon_log(server));
    cr_assert(strstr(daemon_log(server), named) != NULL, "no %s in: %s", named, daemon_log(server));
    cr_assert_str_eq(daemon_output(server), "");
    struct stat entry;
    cr_assert(stat(daemon_data(server), &entry) != 0, "the data directory was made");
}

Test(options, that_make_no_sense_are_named)
{
    static const char *const cases[][2] = {
        {"--workers", "0"},
        {"--workers", "many"},
        {"--workers", "-1"},
        {"--workers", "100000"},
        {"--sync", "sometimes"},
        {"--sync", ""},
        {"--sync", "0"},
        {"--sync", "3601"},
        {"--sync", "1s"},
        {"--min-free", "some"},
        {"--write-buffer", "12X"},
        {"--write-buffer", "K"},
        {"--write-buffer", "1"},
        {"--cache", "-5"},
        {"--cache", "99999999999999999999"},
        {"--cache", "99999999999G"},
        {"--bloom-bits", "1000"},
        {"--bloom-bits", "ten"},
        {"--max-open-files", "0"},
        {"--block-size", "1023"},
        {"--block-size", "5M"},
        {"--block-restart-interval", "0"},
        {"--max-file-size", "1023K"},
        {"--max-file-size", "2G"},
        {"--compression", "zip"},
        {"--compression", "snappy|none"},
        {"--create-if-missing", "maybe"},
        {"--error-if-exists", ""},
        {"--paranoid-checks", "YES"},
        {"--max-snapshots", "10001"},
        {"--max-snapshots", "some"},
        {"--feed-history", "17G"},
        {"--feed-history", "none"},
        {"--request-timeout", "0"},
        {"--request-timeout", "1.5"},
        {"--stall-timeout", "-1"},
        {"--scan-timeout", "soon"},
        {"--max-connections", "0"},
        {"--max-connections", "1000001"},
        {"--max-connections-per-address", "-1"},
        {"--protected-mode", "maybe"},
        {"--max-buffered", "1023K"},
        {"--idle-timeout", "86401"},
        {"--max-line", "66M"},
        {"--max-value", "63K"},
        {"--max-value", "17M"},
        {"--max-arguments", "15"},
        {"--max-batch", "33M"},
        {"--max-output", "1023K"},
        {"--max-scans", "0"},
        {"--turn-requests", "0"},
        {"--anonymous", "everything"},
        {"--anonymous", "none"},
        {"--data", ""},
        {"--log", ""},
        {"--log-level", "warning"},
        {"--log-level", "error|info"},
        {"--log-level", ""},
        {"--metrics", ""},
        {"--slow", "3600001"},
        {"--slow", "fast"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        expect_usage_error(cases[i][0], cases[i][1], cases[i][0]);
}

Test(options, that_do_not_exist_are_named)
{
    expect_usage_error("--frob", NULL, "--frob");
    expect_usage_error("extra", NULL, "extra");
    expect_usage_error("-x", NULL, "-x");
}

Test(options, without_their_argument_are_named)
{
    daemon_spawn_bare(server, "--data", NULL);
    cr_assert_eq(daemon_wait(server), 2);
    cr_assert(strstr(daemon_log(server), "--data") != NULL, "%s", daemon_log(server));
    daemon_spawn_bare(server, NULL);
    cr_assert_eq(daemon_wait(server), 2);
    cr_assert(strstr(daemon_log(server), "--data") != NULL, "%s", daemon_log(server));
}

Test(options, of_two_words_name_both)
{
    expect_usage_error("--sync", "maybe", "--sync takes always or never");
    expect_usage_error("--compression", "zip", "--compression takes snappy or none");
    expect_usage_error("--paranoid-checks", "1", "--paranoid-checks takes yes or no");
}

/* INFO store holds each of these lines. */
static void expect_info(const char *const *lines, size_t count)
{
    struct wire *wire = daemon_connect(server);
    wire_say(wire, "INFO store\n");
    struct buffer text = {0};
    buffer_append_slice(&text, wire_reply(wire));
    buffer_append_byte(&text, '\0');
    for (size_t i = 0; i < count; i++)
        cr_assert(strstr(text.data, lines[i]) != NULL, "no %s in:\n%s", lines[i], text.data);
    buffer_fini(&text);
    wire_close(wire);
}

Test(options, of_leveldb_are_shown_in_info)
{
    static const char *const defaults[] = {
        "\"block_size\" \"4096\"\n",       "\"block_restart_interval\" \"16\"\n",
        "\"max_file_size\" \"2097152\"\n", "\"compression\" \"snappy\"\n",
        "\"create_if_missing\" \"yes\"\n", "\"error_if_exists\" \"no\"\n",
        "\"paranoid_checks\" \"yes\"\n",
    };
    static const char *const others[] = {
        "\"block_size\" \"16384\"\n",      "\"block_restart_interval\" \"4\"\n",
        "\"max_file_size\" \"8388608\"\n", "\"compression\" \"none\"\n",
        "\"create_if_missing\" \"no\"\n",  "\"paranoid_checks\" \"no\"\n",
    };
    daemon_start(server, NULL);
    expect_info(defaults, sizeof(defaults) / sizeof(defaults[0]));
    daemon_stop(server);
    daemon_start(server, "--block-size", "16K", "--block-restart-interval", "4", "--max-file-size",
                 "8M", "--compression", "none", "--create-if-missing", "no", "--paranoid-checks",
                 "no", NULL);
    expect_info(others, sizeof(others) / sizeof(others[0]));
    daemon_stop(server);
}

Test(options, take_sizes_with_units_and_show_them_in_info)
{
    daemon_start(server, "--write-buffer", "2M", "--cache", "512k", "--bloom-bits", "12",
                 "--max-open-files", "100", "--workers", "3", "--sync", "never", NULL);
    cr_assert_eq(daemon_info(server, "write_buffer"), 2 * 1024 * 1024);
    cr_assert_eq(daemon_info(server, "cache"), 512 * 1024);
    cr_assert_eq(daemon_info(server, "bloom_bits"), 12);
    cr_assert_eq(daemon_info(server, "max_open_files"), 100);
    cr_assert_eq(daemon_info(server, "workers"), 3);
    cr_assert_eq(daemon_info(server, "pid"), (uint64_t)daemon_pid(server));
    struct wire *wire = daemon_connect(server);
    wire_say(wire, "INFO server\n");
    struct slice info = wire_reply(wire);
    struct buffer text = {0};
    buffer_append_slice(&text, info);
    buffer_append_byte(&text, '\0');
    cr_assert(strstr(text.data, "\"sync\" \"never\"\n") != NULL, "%s", text.data);
    cr_assert(strstr(text.data, "\"version\" \"" LEVERET_VERSION "\"\n") != NULL, "%s", text.data);
    buffer_fini(&text);
    wire_close(wire);
}
