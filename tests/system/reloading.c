/*
 * SIGHUP: another configuration comes into force while peers are served, or nothing changes.
 */
#include <criterion/criterion.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/lib/count.h"
#include "tests/lib/daemon.h"
#include "tests/lib/deadline.h"
#include "tests/lib/login.h"
#include "tests/lib/report.h"
#include "tests/lib/scratch.h"

#define REMARK "# what a person wrote\n"

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

static void write_file(const char *text)
{
    struct buffer all = {0};
    buffer_append_string(&all, REMARK);
    buffer_append_string(&all, text);
    scratch_write(file, buffer_slice(&all));
    buffer_fini(&all);
}

/* Serves what the file says, which has `text` behind its first line. */
static void serve(const char *text)
{
    write_file(text);
    daemon_start(server, "--config", file, NULL);
}

/* How many reloads the log tells the end of, good or not. */
static unsigned count_reloads(void)
{
    unsigned count = 0;
    for (const char *at = daemon_log(server); at != NULL; count++) {
        const char *good = strstr(at, " reloaded: ");
        const char *bad = strstr(at, " cannot reload: ");
        const char *next = good == NULL || (bad != NULL && bad < good) ? bad : good;
        if (next == NULL || strchr(next, '\n') == NULL)
            break;
        at = strchr(next, '\n');
    }
    return count;
}

/* Has it read the file anew; what the log says of that, from `before` on. */
static const char *reload(void)
{
    int64_t deadline = deadline_in(DEADLINE_SECONDS);
    unsigned before = count_reloads();
    size_t said = strlen(daemon_log(server));
    daemon_signal(server, SIGHUP);
    while (count_reloads() == before) {
        cr_assert(deadline_left(deadline) > 0, "no reload in: %s", daemon_log(server));
        poll(NULL, 0, 5);
    }
    return daemon_log(server) + said;
}

static void expect_said(const char *said, const char *text)
{
    cr_assert(strstr(said, text) != NULL, "no `%s` in: %s", text, said);
}

/* Changes the file to that, which is good. */
static void change(const char *text)
{
    write_file(text);
    expect_said(reload(), " info reloaded: ");
}

/* What is told ---------------------------------------------------------------- */

Test(reloading, says_what_changed_and_what_needs_a_restart)
{
    serve("max-scans = 7\ncache = 96M\n");
    write_file("max-scans = 8\ncache = 128M\nlog = /tmp/log\nsync = 5\nidle-timeout = 9\n");
    const char *said = reload();
    expect_said(said, " info --max-scans changed from 7 to 8\n");
    expect_said(said, " info --idle-timeout changed from 0 to 9\n");
    expect_said(said, " info --cache changed from 96M to 128M: needs a restart\n");
    expect_said(said, " info --log changed from nothing to /tmp/log: needs a restart\n");
    expect_said(said, " info --sync changed from always to 5: needs a restart\n");
    expect_said(said, " info reloaded: 2 settings changed\n");
    cr_assert_eq(daemon_info(server, "max_scans"), 8);
    cr_assert_eq(daemon_info(server, "idle_timeout"), 9);
    cr_assert_eq(daemon_info(server, "cache"), 96 * 1024 * 1024);
    write_file("");
    said = reload();
    expect_said(said, " info --max-scans changed from 8 to 2000\n");
    cr_assert(strstr(said, "--cache") == NULL, "%s", said);
    daemon_stop(server);
}

Test(reloading, of_what_is_the_same_changes_nothing)
{
    serve("max-scans = 7\n");
    expect_said(reload(), " info reloaded: 0 settings changed\n");
    write_file("max-scans = 8\n");
    expect_said(reload(), " info reloaded: 1 setting changed\n");
    expect_said(reload(), " info reloaded: 0 settings changed\n");
    daemon_stop(server);
}

Test(reloading, leaves_what_the_command_line_says)
{
    write_file("max-scans = 7\n");
    daemon_start(server, "--config", file, "--max-scans", "9", NULL);
    write_file("max-scans = 8\n");
    expect_said(reload(), " info reloaded: 0 settings changed\n");
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
    write_file("max-scans = 7\n");
    daemon_start(server, "--config", file, "--max-value", "65537", NULL);
    expect_rows(before, sizeof(before) / sizeof(before[0]));
    write_file("cache = 1G\nmax-scans = 8\n");
    expect_said(reload(), " info reloaded: 1 setting changed\n");
    expect_rows(after, sizeof(after) / sizeof(after[0]));
    daemon_stop(server);
}

/* What is wrong ----------------------------------------------------------------- */

static void expect_refused(const char *problem)
{
    const char *said = reload();
    char line[1024];
    snprintf(line, sizeof(line), " error cannot reload: %s%s\n", file, problem);
    expect_said(said, line);
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
        write_file(cases[i][0]);
        expect_refused(cases[i][1]);
        wire_ask(wire, " done\nGET key\n", "OK\nOK \"value\"\n");
    }
    wire_close(wire);
    change("max-scans = 10\n");
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
    write_file("");
    cr_assert(truncate(file, 1024 * 1024 + 1) == 0);
    expect_refused(": it is larger than 1 MiB, so it is no configuration");
    daemon_stop(server);
}

/* What takes effect --------------------------------------------------------------- */

/* A request that is answered so before a setting changes, and so after; of a connection that was
 * there before. A line is filled with 2000 bytes where it has a %. */
static const struct effect {
    const char *setting;
    const char *request;
    const char *before;
    const char *after;
} effects[] = {
    {"max-line = 1K\n", "PUT k %\n", "OK\n", "ERR LIMIT \""},
    {"max-batch = 1K\n", "BEGIN\nPUT k %\nABORT\n", "OK\nOK\nOK\n", "OK\nERR LIMIT \""},
    {"max-arguments = 16\n", "DEL 1 2 3 4 5 6 7 8 9 a b c d e f g\n", "OK 0\n", "ERR "},
    {"allow-flush = yes\n", "*1\r\n$8\r\nFLUSHALL\r\n", "-ERR deleting everything", "+OK\r\n"},
};

static void fill(struct buffer *out, const char *request)
{
    for (; *request != '\0'; request++) {
        for (unsigned i = 0; *request == '%' && i < 2000; i++)
            buffer_append_byte(out, 'x');
        if (*request != '%')
            buffer_append_byte(out, *request);
    }
}

/* The reply begins with the bytes; its last line may go on. */
static void expect_start(struct wire *wire, const char *text)
{
    struct slice expected = slice_from_string(text);
    struct slice said = wire_take(wire, expected.len);
    report_equal("the reply", said, expected);
    if (expected.data[expected.len - 1] != '\n')
        (void)wire_line(wire);
}

Test(reloading, changes_what_open_connections_may_do)
{
    for (size_t i = 0; i < sizeof(effects) / sizeof(effects[0]); i++) {
        const struct effect *effect = &effects[i];
        struct buffer request = {0};
        fill(&request, effect->request);
        serve("");
        struct wire *wire = daemon_connect(server);
        wire_send(wire, buffer_slice(&request));
        expect_start(wire, effect->before);
        change(effect->setting);
        wire_send(wire, buffer_slice(&request));
        expect_start(wire, effect->after);
        wire_close(wire);
        daemon_stop(server);
        buffer_fini(&request);
    }
}

Test(reloading, changes_the_largest_value_of_open_connections)
{
    struct buffer request = {0};
    buffer_append_string(&request, "PUT k ");
    for (unsigned i = 0; i < 70000; i++)
        buffer_append_byte(&request, 'x');
    buffer_append_byte(&request, '\n');
    serve("");
    struct wire *wire = daemon_connect(server);
    wire_send(wire, buffer_slice(&request));
    wire_expect(wire, "OK\n");
    change("max-value = 64K\n");
    wire_send(wire, buffer_slice(&request));
    expect_start(wire, "ERR LIMIT \"");
    wire_close(wire);
    daemon_stop(server);
    buffer_fini(&request);
}

Test(reloading, changes_the_time_outs_of_open_connections)
{
    serve("");
    struct wire *idle = daemon_connect(server);
    struct wire *slow = daemon_connect(server);
    wire_ask(idle, "PING\n", "OK \"PONG\"\n");
    wire_ask(slow, "PING\n", "OK \"PONG\"\n");
    change("idle-timeout = 1\nrequest-timeout = 1\n");
    wire_say(slow, "PUT half");
    wire_expect(idle, "ERR TIMEOUT \"idle for too long\"\n");
    wire_expect(slow, "ERR TIMEOUT \"the request did not arrive whole in time\"\n");
    wire_expect_close(idle);
    wire_expect_close(slow);
    wire_close(idle);
    wire_close(slow);
    daemon_stop(server);
}

static struct wire *enter(void)
{
    struct wire *wire = daemon_connect(server);
    wire_ask(wire, "PING\n", "OK \"PONG\"\n");
    return wire;
}

static void expect_turned_away(const char *text)
{
    struct wire *wire = daemon_connect(server);
    wire_say(wire, "PING\n");
    wire_expect(wire, text);
    wire_expect_close(wire);
    wire_close(wire);
}

#define FULL(count)                                                                                \
    "ERR LIMIT \"all " count " connections of --max-connections are taken; try again later\"\n"
#define CROWDED                                                                                    \
    "ERR LIMIT \"your address has all 3 connections of --max-connections-per-address; close "      \
    "one\"\n"

Test(reloading, changes_how_many_may_connect)
{
    struct wire *wires[3];
    serve("max-connections = 1\n");
    wires[0] = enter();
    expect_turned_away(FULL("1"));
    change("max-connections = 3\n");
    cr_assert_eq(count_ask(wires[0], "max_connections"), 3);
    wires[1] = enter();
    wires[2] = enter();
    expect_turned_away(FULL("3"));
    change("max-connections = 2\n"); /* those who are there stay */
    expect_turned_away(FULL("2"));
    wire_ask(wires[2], "PING\n", "OK \"PONG\"\n");
    /* Those who came before there was such a bound count too. */
    change("max-connections = 5000\nmax-connections-per-address = 3\n");
    expect_turned_away(CROWDED);
    wire_close(wires[0]);
    count_await(wires[1], "connections", 2);
    wires[0] = enter();
    expect_turned_away(CROWDED);
    change("max-connections = 5000\n");
    wire_close(enter());
    for (unsigned i = 0; i < 3; i++)
        wire_close(wires[i]);
    daemon_stop(server);
}

Test(reloading, changes_how_many_scans_there_may_be)
{
    serve("max-scans = 1\n");
    struct wire *wire = daemon_connect(server);
    struct wire *reader = daemon_connect(server);
    struct buffer request = {0};
    for (unsigned i = 0; i < 64; i++) {
        char head[32];
        snprintf(head, sizeof(head), "PUT row:%02u ", i);
        buffer_append_string(&request, head);
        for (unsigned n = 0; n < 1024 * 1024; n++)
            buffer_append_byte(&request, 'v');
        buffer_append_byte(&request, '\n');
        wire_send(wire, buffer_slice(&request));
        wire_expect(wire, "OK\n");
        buffer_clear(&request);
    }
    wire_say(reader, "SCAN ''\n");
    (void)wire_line(reader);
    wire_ask(wire, "COUNT ''\n", "ERR LIMIT \"as many scans are open as --max-scans allows\"\n");
    change("max-scans = 2\n");
    wire_ask(wire, "COUNT ''\n", "OK 64\n");
    change("max-scans = 1\n");
    wire_ask(wire, "COUNT ''\n", "ERR LIMIT \"as many scans are open as --max-scans allows\"\n");
    wire_close(wire);
    wire_close(reader);
    buffer_fini(&request);
    daemon_stop(server);
}

/* One holds 8 MiB in a request that is not finished; there is room for it until there is not. */
Test(reloading, closes_who_holds_more_than_is_allowed_from_now_on)
{
    struct buffer request = {0};
    buffer_append_string(&request, "PUT k ");
    for (unsigned i = 0; i < 8 * 1024 * 1024; i++)
        buffer_append_byte(&request, 'x');
    serve("");
    struct wire *wire = daemon_connect(server);
    struct wire *other = daemon_connect(server);
    wire_send(wire, buffer_slice(&request));
    while (count_ask(other, "buffered") < 8 * 1024 * 1024)
        continue; /* until all has arrived */
    change("max-buffered = 1M\n");
    count_await(other, "cut_for_memory", 1);
    wire_expect_gone(wire);
    wire_close(wire);
    wire_close(other);
    buffer_fini(&request);
    daemon_stop(server);
}

Test(reloading, changes_what_is_logged)
{
    serve("");
    change("log-level = debug\n");
    wire_close(enter());
    daemon_await_log(server, " is closed\n");
    change("");
    size_t said = strlen(daemon_log(server));
    wire_close(enter());
    wire_close(enter());
    daemon_stop(server);
    cr_assert(strstr(daemon_log(server) + said, " debug ") == NULL, "%s", daemon_log(server));
}

Test(reloading, changes_who_may_do_what)
{
    serve("");
    wire_close(enter());
    change("anonymous = read\n");
    struct wire *wire = enter();
    wire_say(wire, "PUT a 1\n");
    expect_start(wire, "ERR DENIED \"");
    wire_close(wire);
    change("");
    wire = enter();
    wire_ask(wire, "PUT a 1\n", "OK\n");
    wire_close(wire);
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
    write_file(text);
    cr_assert(chmod(users, 0644) == 0);
    snprintf(problem, sizeof(problem),
             " error cannot reload: %s: others than its owner have rights on it; chmod 600 it\n",
             users);
    expect_said(reload(), problem);
    cr_assert_eq(daemon_info(server, "max_scans"), 7);
    cr_assert(chmod(users, 0600) == 0);
    expect_said(reload(), " info reloaded: 1 setting changed\n");
    daemon_stop(server);
    free(users);
}
