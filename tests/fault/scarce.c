/*
 * Memory that runs out once, at each place where the daemon asks for some: the reply is the right
 * one or says so, and then the request did nothing and can be made again; or the connection closes.
 * The daemon goes on for everybody. Built for AddressSanitizer it also leaks nothing by that.
 */
#include "tests/fault/scarce.h"

#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "tests/fault/session.h"
#include "tests/lib/daemon.h"
#include "tests/lib/paths.h"
#include "tests/lib/report.h"
#include "tests/lib/rounds.h"
#include "tests/lib/scratch.h"
#include "tests/system/array.h"
#include "tests/system/measure.h"

#define MOST_REQUESTS 40

static struct daemon *server;
static struct scarce *scarce;
static struct wire *control; /* whose requests never fail */
static struct buffer expected[MOST_REQUESTS];
static char snapshot[24]; /* digits of the latest */
static uint64_t failures;
static uint64_t refusals; /* requests that were told so */
static uint64_t closings;

static void place_before(void)
{
    char *path = scratch_path(daemon_directory(server), "scarce");
    char *library = scratch_path(paths_build(), "tests/fault/scarce.so");
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    cr_assert(fd >= 0 && ftruncate(fd, sizeof(*scarce)) == 0);
    scarce = mmap(NULL, sizeof(*scarce), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    cr_assert(scarce != MAP_FAILED);
    close(fd);
    daemon_set_environment(server, SCARCE_VARIABLE, path);
    daemon_set_environment(server, "LD_PRELOAD", library);
    free(path);
    free(library);
}

static void prepare(void)
{
    server = daemon_new();
    place_before();
}

static void finish(void)
{
    wire_close(control);
    daemon_free(server);
    for (size_t i = 0; i < MOST_REQUESTS; i++)
        buffer_fini(&expected[i]);
}

TestSuite(scarce, .init = prepare, .fini = finish, .timeout = 3600);

static void arm(unsigned at)
{
    atomic_store(&scarce->calls, 0);
    atomic_store(&scarce->failed, 0);
    atomic_store(&scarce->fail_at, at);
}

/* One request ----------------------------------------------------------------- */

static void say(struct wire *wire, const char *text, bool redis)
{
    struct buffer line = {0};
    for (; *text != '\0'; text++) {
        if (*text == '$')
            buffer_append_string(&line, snapshot);
        else
            buffer_append_byte(&line, *text);
    }
    struct buffer request = {0};
    if (redis) {
        array_append(&request, buffer_slice(&line));
    } else {
        buffer_append_slice(&request, buffer_slice(&line));
        buffer_append_byte(&request, '\n');
    }
    wire_send(wire, buffer_slice(&request));
    buffer_fini(&line);
    buffer_fini(&request);
}

/* Replies whose numbers are not the same each time. */
static bool has_own_numbers(const char *request)
{
    static const char *const words[] = {"SNAPSHOT", "HELLO",        "SIZE",
                                        "COMPACT",  "LEVERET.SIZE", "LEVERET.COMPACT"};
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (strncmp(request, words[i], strlen(words[i])) == 0)
            return true;
    return strncmp(request, "RANDOMKEY", 9) == 0;
}

/* The reply to the request as far as it is the same each time; false when the connection closed
 * before it was whole. */
static bool take(struct wire *wire, const char *request, bool redis, struct buffer *reply)
{
    struct slice got = wire_measured(wire, redis ? measure_resp : measure_line);
    buffer_clear(reply);
    if (strncmp(request, "SNAPSHOT", 8) == 0 && slice_has_prefix(got, SLICE("OK ")))
        snprintf(snapshot, sizeof(snapshot), "%.*s", (int)got.len - 4, got.data + 3);
    for (size_t i = 0; i < got.len; i++) {
        bool digit = got.data[i] >= '0' && got.data[i] <= '9';
        bool follows = digit && i > 0 && got.data[i - 1] >= '0' && got.data[i - 1] <= '9';
        if (!has_own_numbers(request) || !digit)
            buffer_append_byte(reply, got.data[i]);
        else if (!follows)
            buffer_append_byte(reply, '#');
    }
    return got.len > 0;
}

static bool says_scarce(const struct buffer *reply)
{
    return memmem(reply->data, reply->len, "no memory", strlen("no memory")) != NULL;
}

/* One block ------------------------------------------------------------------- */

static void empty_store(void)
{
    struct slice ending;
    arm(0);
    wire_say(control, "DELPREFIX \"\"\n");
    wire_skip_reply(control, &ending);
    cr_assert(slice_has_prefix(ending, SLICE("OK")), "%.*s", (int)ending.len, ending.data);
}

static void learn(const struct session_block *block)
{
    empty_store();
    struct wire *wire = daemon_connect(server);
    for (size_t i = 0; block->requests[i] != NULL; i++) {
        say(wire, block->requests[i], block->redis);
        cr_assert(take(wire, block->requests[i], block->redis, &expected[i]), "%s",
                  block->requests[i]);
        cr_assert_not(says_scarce(&expected[i]));
    }
    wire_close(wire);
}

enum outcome {
    AS_EXPECTED,
    REFUSED, /* and as expected when it was asked again */
    SPOILED, /* what is being collected is lost, so later replies differ */
    CLOSED,
};

/* What COMMIT and EXEC say of a batch that lost a request. */
static bool says_spoiled(const struct buffer *reply)
{
    return slice_has_prefix(buffer_slice(reply), SLICE("ERR BATCH")) ||
           slice_has_prefix(buffer_slice(reply), SLICE("-EXECABORT"));
}

/* `refused`: one of those before was. */
static enum outcome ask(struct wire *wire, const char *request, bool redis, bool refused,
                        const struct buffer *wanted)
{
    struct buffer reply = {0};
    enum outcome outcome = AS_EXPECTED;
    say(wire, request, redis);
    bool whole = take(wire, request, redis, &reply);
    if (whole && says_scarce(&reply)) {
        outcome = REFUSED;
        say(wire, request, redis);
        whole = take(wire, request, redis, &reply);
    }
    bool equal = whole && slice_equal(buffer_slice(&reply), buffer_slice(wanted));
    if (!whole)
        outcome = CLOSED;
    else if (!equal && (outcome == REFUSED || (refused && says_spoiled(&reply))))
        outcome = SPOILED;
    else if (!equal)
        report_equal(request, buffer_slice(&reply), buffer_slice(wanted));
    buffer_fini(&reply);
    return outcome;
}

/* A batch or a transaction that could not take a write is refused as a whole. */
static bool may_spoil(const struct session_block *block)
{
    for (size_t i = 0; block->requests[i] != NULL; i++)
        if (strcmp(block->requests[i], "BEGIN") == 0 || strcmp(block->requests[i], "MULTI") == 0)
            return true;
    return false;
}

/* Runs the block while that call fails. False when there was no such call. */
static bool run_block(const struct session_block *block, unsigned at)
{
    enum outcome worst = AS_EXPECTED;
    empty_store();
    arm(at);
    struct wire *wire = daemon_connect(server);
    for (size_t i = 0; block->requests[i] != NULL && worst < SPOILED; i++) {
        enum outcome outcome =
            ask(wire, block->requests[i], block->redis, worst == REFUSED, &expected[i]);
        refusals += outcome == REFUSED;
        worst = outcome > worst ? outcome : worst;
        cr_assert(outcome != SPOILED || may_spoil(block),
                  "at call %u, %s was refused, and then not answered as before", at,
                  block->requests[i]);
    }
    wire_close(wire);
    closings += worst == CLOSED;
    bool failed = atomic_load(&scarce->failed) > 0;
    cr_assert(failed || worst == AS_EXPECTED, "nothing failed, and yet: %d", (int)worst);
    arm(0);
    wire_ask(control, "PING\n", "OK \"PONG\"\n");
    failures += failed;
    return failed;
}

Test(scarce, memory_fails_one_request_and_no_other)
{
    daemon_start(server, "--sync", "never", "--workers", "2", "--allow-flush", "yes", NULL);
    control = daemon_connect(server);
    for (size_t i = 0; i < session_count; i++) {
        learn(&session_blocks[i]);
        unsigned at = 1;
        while (run_block(&session_blocks[i], at))
            at++;
        learn(&session_blocks[i]); /* all goes on as it was */
    }
    cr_assert(failures > 100 && refusals > 0 && closings > 0, "%llu calls failed",
              (unsigned long long)failures);
    rounds_tell("%llu allocations failed once each: %llu requests refused and right when asked "
                "again, %llu connections closed, no wrong reply",
                (unsigned long long)failures, (unsigned long long)refusals,
                (unsigned long long)closings);
    wire_close(control);
    control = NULL;
    daemon_stop(server);
}

/* Start ----------------------------------------------------------------------- */

/* Whether it became ready; else it has ended, or is about to. */
static bool await_ready_or_end(void)
{
    siginfo_t end = {0};
    while (strstr(daemon_log(server), "ready") == NULL) {
        cr_assert(waitid(P_PID, (id_t)daemon_pid(server), &end, WEXITED | WNOHANG | WNOWAIT) == 0);
        if (end.si_pid != 0)
            return false;
        poll(NULL, 0, 1);
    }
    return true;
}

/* Before there is a log it says what of the configuration could not be taken up. */
static bool gives_reason(int status, const char *log)
{
    return strstr(log, "Sanitizer") == NULL &&
           ((status == 1 && strstr(log, " error ") != NULL) ||
            (status == 2 && strstr(log, "leveretd: ") != NULL && strstr(log, "memory") != NULL));
}

/* A start that fails says why. One that succeeds all the same serves. */
Test(scarce, memory_fails_a_start_with_a_reason)
{
    unsigned at = 0;
    unsigned ends = 0;
    do {
        arm(++at);
        daemon_spawn(server, "--listen", "127.0.0.1:0", "--sync", "never", "--workers", "2", NULL);
        if (await_ready_or_end()) {
            daemon_stop(server);
        } else {
            int status = daemon_wait(server);
            const char *log = daemon_log(server);
            cr_assert(gives_reason(status, log), "at call %u it ended with %d; it said: %s", at,
                      status, log);
            ends++;
        }
    } while (atomic_load(&scarce->failed) > 0);
    cr_assert_gt(ends, 3);
    rounds_tell("%u allocations of a start failed once each: %u starts gave up, saying so", at - 1,
                ends);
}
