/*
 * The HTTP listener: what Prometheus reads there, and what probes are told.
 */
#include <criterion/criterion.h>
#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "tests/lib/deadline.h"
#include "tests/lib/report.h"
#include "tests/lib/shell.h"
#include "tests/system/gate.h"
#include "tests/system/healing.h"
#include "tests/system/scrape.h"

static struct daemon *server;
static struct gate *gate;
static struct wire *wire;

static void start(void)
{
    server = daemon_new();
    gate = gate_open(server);
    daemon_start(server, "--metrics", "0", NULL);
    wire = daemon_connect(server);
}

static void stop(void)
{
    wire_close(wire);
    daemon_stop(server);
    daemon_free(server);
}

TestSuite(metrics, .init = start, .fini = stop, .timeout = 120);

static void expect_part(const struct buffer *answer, const char *part)
{
    cr_assert(strstr(answer->data, part) != NULL, "no %s in %s", part, answer->data);
}

static void expect_answer(const char *path, int status, const char *part)
{
    struct buffer answer = scrape_get(server, path, status);
    expect_part(&answer, part);
    buffer_fini(&answer);
}

static void expect_number(const char *sample, double number)
{
    double found = scrape_number(server, sample);
    cr_assert(found == number, "%s is %g, not %g", sample, found, number);
}

/* Requests of both faces, a scan, a snapshot and an error, so that nothing is empty. */
static void ask_something(void)
{
    wire_ask(wire, "PUT key:secret value:secret\nPUT b 2\nGET b\n", "OK\nOK\nOK \"2\"\n");
    wire_ask(wire, "*2\r\n$3\r\nGET\r\n$1\r\nb\r\n", "$1\r\n2\r\n");
    wire_ask(wire, "SCAN key: KEYS\n", "\"key:secret\"\nOK 1\n");
    wire_ask(wire, "FROB\n", "ERR UNKNOWN_COMMAND \"no command FROB; try HELP\"\n");
    wire_say(wire, "SNAPSHOT\n");
    wire_reply(wire);
}

Test(metrics, satisfy_promtool)
{
    ask_something();
    struct buffer answer = scrape_get(server, "/metrics", 200);
    expect_part(&answer, "\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\n");
    const char *body = strstr(answer.data, "\r\n\r\n") + 4;
    struct shell shell = shell_feed(slice_from_string(body), "promtool check metrics");
    cr_assert(shell.status == 0 && shell.out.len == 0 && shell.err.len == 0, "%d %s%s",
              shell.status, shell.out.data, shell.err.data);
    shell_fini(&shell);
    buffer_fini(&answer);
}

Test(metrics, explain_each_of_the_list_in_its_order)
{
    static const char *const expected[] = {
#define SINGLE(name, type, value, help) "# HELP " #name " " help "\n# TYPE " #name " " #type "\n",
#define FAMILY(name, type, write, help) "# HELP " #name " " help "\n# TYPE " #name " " #type "\n",
#include "server/exposition.def"
#undef SINGLE
#undef FAMILY
    };
    ask_something();
    struct buffer answer = scrape_get(server, "/metrics", 200);
    const char *at = answer.data;
    for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
        at = strstr(at, expected[i]);
        cr_assert(at != NULL, "not there, or not in its place: %s", expected[i]);
        at += strlen(expected[i]);
        cr_assert(at[0] != '#' && at[0] != '\0', "no sample behind %s", expected[i]);
    }
    buffer_fini(&answer);
}

Test(metrics, agree_with_what_was_asked)
{
    ask_something();
    expect_number("leveret_commands_total{vocabulary=\"leveret\",command=\"put\"}", 2);
    expect_number("leveret_commands_total{vocabulary=\"leveret\",command=\"get\"}", 1);
    expect_number("leveret_commands_total{vocabulary=\"redis\",command=\"get\"}", 1);
    expect_number("leveret_command_seconds_count{vocabulary=\"leveret\",command=\"put\"}", 2);
    expect_number("leveret_command_seconds_bucket{vocabulary=\"leveret\",command=\"put\","
                  "le=\"+Inf\"}",
                  2);
    expect_number("leveret_command_failures_total{vocabulary=\"none\",command=\"unknown\"}", 1);
    expect_number("leveret_errors_total{code=\"UNKNOWN_COMMAND\"}", 1);
    expect_number("leveret_rows_total", 1);
    expect_number("leveret_connections", 1);
    expect_number("leveret_snapshots", 1);
    expect_number("leveret_committed_writes_total", 2);
    expect_number("leveret_commit_operations_sum", 2);
    expect_number("leveret_writable", 1);
}

/* The gate counts the same calls from the other side. */
Test(metrics, count_each_fdatasync_of_the_engine)
{
    wire_ask(wire, "PUT a 1\n", "OK\n");
    unsigned before = atomic_load(&gate->arrived);
    cr_assert(before > 0);
    expect_number("leveret_fdatasync_seconds_count", before);
    wire_ask(wire, "PUT a 2\n", "OK\n");
    cr_assert_eq(atomic_load(&gate->arrived), before + 1);
    expect_number("leveret_fdatasync_seconds_count", before + 1);
    expect_number("leveret_commit_seconds_count{synced=\"yes\"}", 2);
    expect_number("leveret_commit_seconds_count{synced=\"no\"}", 0);
}

Test(metrics, show_no_key_and_no_value)
{
    ask_something();
    struct buffer answer = scrape_get(server, "/metrics", 200);
    cr_assert(strstr(answer.data, "secret") == NULL, "%s", answer.data);
    buffer_fini(&answer);
}

Test(metrics, readiness_is_lost_with_the_disk_and_comes_back)
{
    expect_answer("/readyz", 200, "\r\n\r\nready\n");
    atomic_store(&gate->broken, 1);
    wire_say(wire, "PUT a 1\n");
    wire_reply(wire);
    expect_answer("/readyz", 503, "\r\n\r\nread-only: ");
    expect_answer("/healthz", 200, "\r\n\r\nok\n");
    expect_number("leveret_writable", 0);
    atomic_store(&gate->broken, 0);
    healing_await(server);
    expect_answer("/readyz", 200, "\r\n\r\nready\n");
    expect_number("leveret_writable", 1);
    expect_number("leveret_reopenings_total", 1);
}

/* A write that waits for the disk holds the stop up. */
Test(metrics, readiness_is_lost_while_the_server_stops)
{
    atomic_store(&gate->closed, GATE_CLOSED);
    unsigned arrived = atomic_load(&gate->arrived);
    wire_say(wire, "PUT a 1\n");
    gate_await(gate, arrived + 1);
    daemon_signal(server, SIGTERM);
    wire_say(wire, "\n");
    int64_t deadline = deadline_in(DEADLINE_SECONDS);
    for (bool stopping = false; !stopping;) {
        struct buffer answer =
            scrape_send(server, "GET /readyz HTTP/1.1\r\nHost: localhost\r\n\r\n");
        stopping = strstr(answer.data, "\r\n\r\nstopping\n") != NULL;
        cr_assert(deadline_left(deadline) > 0, "%s", answer.data);
        buffer_fini(&answer);
    }
    expect_answer("/metrics", 503, "\r\n\r\nstopping\n");
    expect_answer("/healthz", 200, "\r\n\r\nok\n");
    atomic_store(&gate->closed, GATE_OPEN);
    wire_expect(wire, "OK\n");
    cr_assert_eq(daemon_wait(server), 0);
    daemon_start(server, NULL);
}

/* Nothing is open yet as long as the disk does not take what a new store begins with. */
Test(metrics, readiness_waits_for_the_data)
{
    struct daemon *other = daemon_new();
    struct gate *shut = gate_open(other);
    atomic_store(&shut->closed, GATE_CLOSED);
    daemon_spawn(other, "--listen", "127.0.0.1:0", "--metrics", "127.0.0.1:0", NULL);
    gate_await(shut, 1);
    struct buffer answer = scrape_get(other, "/readyz", 503);
    expect_part(&answer, "\r\n\r\nstarting\n");
    buffer_fini(&answer);
    atomic_store(&shut->closed, GATE_OPEN);
    daemon_await_log(other, "ready on");
    answer = scrape_get(other, "/readyz", 200);
    buffer_fini(&answer);
    daemon_stop(other);
    daemon_free(other);
}

static void expect_start(const char *request, const char *expected)
{
    struct buffer answer = scrape_send(server, request);
    cr_assert(slice_has_prefix(buffer_slice(&answer), slice_from_string(expected)), "%s",
              answer.data);
    buffer_fini(&answer);
}

Test(metrics, serve_nothing_else)
{
    expect_answer("/", 200, "/metrics /healthz /readyz\n");
    expect_answer("/metrics?name=x", 200, "leveret_build_info");
    expect_answer("/metrics/", 404, "\r\n\r\nthere are /metrics, /healthz and /readyz\n");
    expect_answer("/../etc/passwd", 404, "there are /metrics");
    expect_start("POST /metrics HTTP/1.1\r\nContent-Length: 2\r\n\r\nhi", "HTTP/1.1 405 ");
    expect_start("DELETE /metrics HTTP/1.1\r\n\r\n", "HTTP/1.1 405 ");
    expect_start("GET\r\n\r\n", "HTTP/1.1 400 ");
}

/* A head tells of the text, and does not send it. */
Test(metrics, answer_a_head_without_the_text)
{
    struct buffer answer = scrape_send(server, "HEAD /healthz HTTP/1.1\r\n\r\n");
    expect_part(&answer, "HTTP/1.1 200 OK\r\n");
    expect_part(&answer, "\r\nContent-Length: 3\r\n");
    cr_assert(slice_has_prefix(slice_of(answer.data + answer.len - 4, 4), SLICE("\r\n\r\n")));
    buffer_fini(&answer);
}

Test(metrics, take_no_endless_request)
{
    struct wire *peer = wire_open_tcp("127.0.0.1", scrape_port(server));
    char bytes[4096];
    memset(bytes, 'a', sizeof(bytes));
    wire_say(peer, "GET /");
    size_t taken = 0;
    for (unsigned i = 0; i < 100; i++)
        taken += wire_push(peer, slice_of(bytes, sizeof(bytes)), 50);
    wire_expect_gone(peer);
    wire_close(peer);
    expect_answer("/healthz", 200, "ok");
}

static unsigned count_descriptors(void)
{
    char path[64];
    unsigned count = 0;
    snprintf(path, sizeof(path), "/proc/%d/fd", (int)daemon_pid(server));
    DIR *directory = opendir(path);
    cr_assert(directory != NULL);
    while (readdir(directory) != NULL)
        count++;
    closedir(directory);
    return count;
}

#define SLOW_PEERS 1000

/* Each begins a request and does not end it. */
Test(metrics, slow_peers_are_bounded_and_disturb_nobody)
{
    static struct wire *peers[SLOW_PEERS];
    int port = scrape_port(server);
    unsigned before = count_descriptors();
    unsigned most = before;
    for (size_t i = 0; i < SLOW_PEERS; i++) {
        peers[i] = wire_open_tcp("127.0.0.1", port);
        wire_push(peers[i], SLICE("GET /metrics HTTP/1.1\r\nX: "), 0);
        unsigned now = i % 16 == 0 ? count_descriptors() : 0;
        most = now > most ? now : most;
    }
    cr_assert(most <= before + 64, "%u descriptors became %u", before, most);
    wire_ask(wire, "PUT a 1\nGET a\n", "OK\nOK \"1\"\n");
    expect_answer("/readyz", 200, "\r\n\r\nready\n");
    expect_number("leveret_writable", 1);
    for (size_t i = 0; i < SLOW_PEERS; i++)
        wire_close(peers[i]);
    expect_answer("/readyz", 200, "\r\n\r\nready\n");
}

Test(metrics, a_port_that_is_taken_ends_the_start_and_touches_nothing)
{
    char address[32];
    struct daemon *other = daemon_new();
    snprintf(address, sizeof(address), "127.0.0.1:%d", scrape_port(server));
    daemon_spawn(other, "--listen", "127.0.0.1:0", "--metrics", address, NULL);
    cr_assert_eq(daemon_wait(other), 1);
    cr_assert(strstr(daemon_log(other), "for metrics: Address already in use\n") != NULL, "%s",
              daemon_log(other));
    cr_assert_neq(access(daemon_data(other), F_OK), 0);
    daemon_free(other);
}

Test(metrics, an_address_that_is_none_is_refused)
{
    static const char *const addresses[] = {"nonsense", "65536", "-1", "127.0.0.1:", ":9000"};
    struct daemon *other = daemon_new();
    char text[128];
    for (size_t i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
        daemon_spawn(other, "--check", "--metrics", addresses[i], NULL);
        cr_assert_eq(daemon_wait(other), 2);
        snprintf(text, sizeof(text), "--metrics %s is no address: [HOST:]PORT", addresses[i]);
        cr_assert(strstr(daemon_log(other), text) != NULL, "%s", daemon_log(other));
    }
    daemon_free(other);
}
