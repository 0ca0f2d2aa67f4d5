/*
 * What open scans, snapshots, watches, followers, compactions and busy readers meet while the store
 * is reopened under them after a failed write.
 */
#include <criterion/criterion.h>
#include <dirent.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>

#include "tests/lib/daemon.h"
#include "tests/lib/deadline.h"
#include "tests/lib/report.h"
#include "tests/lib/rounds.h"
#include "tests/system/gate.h"
#include "tests/system/healing.h"
#include "tests/system/load.h"

static struct daemon *server;
static struct gate *gate;
static struct wire *wire;

static void start(void)
{
    server = daemon_new();
    gate = gate_open(server);
    daemon_start(server, NULL);
    wire = daemon_connect(server);
}

static void stop(void)
{
    wire_close(wire);
    daemon_stop(server);
    daemon_free(server);
}

TestSuite(reopening, .init = start, .fini = stop, .timeout = 280);

static void expect_start(struct wire *from, const char *request, const char *beginning)
{
    wire_say(from, request);
    struct slice reply = wire_reply(from);
    cr_assert(slice_has_prefix(reply, slice_from_string(beginning)), "%s: expected %s and got %s",
              request, beginning, report_show(reply));
}

/* More than the sockets between hold, so that a scan whose rows nobody takes stays open. */
#define MANY 20000
#define MANY_BYTES 1500

Test(reopening, ends_a_scan_with_the_key_to_go_on_behind)
{
    load_rows(wire, MANY, MANY_BYTES);
    struct wire *scanner = daemon_connect(server);
    wire_say(scanner, "SCAN k\n");
    wire_line(scanner);
    healing_reopen(server, gate, wire);
    struct slice ending;
    uint64_t first = 1 + wire_skip_reply(scanner, &ending);
    static const char text[] =
        "ERR REOPENED \"the store was reopened after a disk error\" MORE \"k%u\"";
    unsigned last = 0;
    cr_assert_eq(sscanf(ending.data, text, &last), 1, "%s", report_show(ending));
    cr_assert(first == last + 1 && first < MANY, "%llu rows up to k%u", (unsigned long long)first,
              last);
    char rest[64];
    snprintf(rest, sizeof(rest), "SCAN k AFTER k%08u\n", last);
    wire_say(scanner, rest);
    cr_assert_eq(wire_skip_reply(scanner, &ending), MANY - first);
    wire_close(scanner);
}

/* Their peers go while there is no database, and none of what they had is there any more. */
Test(reopening, lets_go_of_scans_whose_peers_leave_while_it_is_closed)
{
    struct wire *scanners[8];
    load_rows(wire, MANY, MANY_BYTES);
    wire_say(wire, "SNAPSHOT\n");
    wire_reply(wire);
    for (size_t i = 0; i < 8; i++) {
        scanners[i] = daemon_connect(server);
        wire_say(scanners[i], i % 2 == 0 ? "SCAN k\n" : "SCAN k REVERSE NOCACHE\n");
        wire_line(scanners[i]);
    }
    atomic_store(&gate->broken, 1);
    expect_start(wire, "PUT a 2\n", "ERR UNKNOWN \"");
    healing_hide_current(server, true);
    atomic_store(&gate->broken, 0);
    daemon_await_log(server, "has no CURRENT file");
    for (size_t i = 0; i < 8; i++)
        wire_close(scanners[i]);
    expect_start(wire, "COUNT k\n", "ERR IO \"");
    healing_hide_current(server, false);
    healing_await(server);
    wire_ask(wire, "COUNT k\n", "OK 20000\n");
    cr_assert_eq(daemon_info(server, "snapshots"), 0);
}

Test(reopening, makes_snapshots_unknown)
{
    char request[64];
    unsigned long long id = 0;
    wire_ask(wire, "PUT a 1\n", "OK\n");
    wire_say(wire, "SNAPSHOT\n");
    cr_assert_eq(sscanf(wire_reply(wire).data, "OK \"%llu\"", &id), 1);
    healing_reopen(server, gate, wire);
    snprintf(request, sizeof(request), "GET a AT %llu\n", id);
    expect_start(wire, request, "ERR SNAPSHOT \"");
    snprintf(request, sizeof(request), "SCAN a AT %llu\n", id);
    expect_start(wire, request, "ERR SNAPSHOT \"");
    snprintf(request, sizeof(request), "RELEASE %llu\n", id);
    expect_start(wire, request, "ERR SNAPSHOT \"");
    wire_say(wire, "SNAPSHOT\n");
    cr_assert_eq(sscanf(wire_reply(wire).data, "OK \"%llu\"", &id), 1);
    snprintf(request, sizeof(request), "GET a AT %llu\n", id);
    wire_ask(wire, request, "OK \"1\"\n");
}

/* The write that failed may have come to be there, and if so nobody was told. */
Test(reopening, makes_watched_transactions_conflict)
{
    struct wire *watcher = daemon_connect(server);
    wire_ask(watcher, "*2\r\n$5\r\nWATCH\r\n$1\r\na\r\n", "+OK\r\n");
    healing_reopen(server, gate, wire);
    wire_ask(watcher, "*1\r\n$5\r\nMULTI\r\n", "+OK\r\n");
    wire_ask(watcher, "*3\r\n$3\r\nSET\r\n$1\r\na\r\n$1\r\n1\r\n", "+QUEUED\r\n");
    wire_ask(watcher, "*1\r\n$4\r\nEXEC\r\n", "*-1\r\n");
    wire_ask(watcher, "*1\r\n$5\r\nMULTI\r\n", "+OK\r\n");
    wire_ask(watcher, "*3\r\n$3\r\nSET\r\n$1\r\na\r\n$1\r\n1\r\n", "+QUEUED\r\n");
    wire_ask(watcher, "*1\r\n$4\r\nEXEC\r\n", "*1\r\n+OK\r\n");
    wire_close(watcher);
}

Test(reopening, tells_followers_that_they_lost_changes)
{
    struct wire *follower = daemon_connect(server);
    char sequence[64];
    char request[128];
    wire_say(follower, "FOLLOW ''\n");
    wire_line(follower);
    wire_ask(wire, "PUT a 1\n", "OK\n");
    cr_assert_eq(sscanf(wire_line(follower).data, "\"PUT\" \"a\" \"1\" \"%63[^\"]\"", sequence), 1);
    healing_reopen(server, gate, wire);
    struct slice ending;
    wire_skip_reply(follower, &ending);
    cr_assert(slice_has_prefix(ending, SLICE("ERR LOST \"the store was reopened")), "%s",
              report_show(ending));
    snprintf(request, sizeof(request), "FOLLOW '' FROM %s\n", sequence);
    expect_start(follower, request, "ERR LOST \"");
    wire_say(follower, "FOLLOW ''\n");
    wire_line(follower);
    wire_ask(wire, "PUT b 2\n", "OK\n");
    cr_assert(slice_has_prefix(wire_line(follower), SLICE("\"PUT\" \"b\" \"2\" ")));
    wire_close(follower);
}

/* LevelDB meets the error behind the back of those who write, and tells the next of them. */
Test(reopening, lets_a_compaction_fail_and_the_next_one_succeed)
{
    struct wire *compacter = daemon_connect(server);
    load_rows(wire, 2000, MANY_BYTES);
    unsigned arrived = atomic_load(&gate->arrived);
    atomic_store(&gate->closed, GATE_CLOSED_TO_TABLES);
    wire_say(compacter, "COMPACT\n");
    gate_await(gate, arrived + 1);
    atomic_store(&gate->broken, 1);
    atomic_store(&gate->closed, GATE_OPEN);
    struct slice ending;
    wire_skip_reply(compacter, &ending);
    cr_assert(slice_has_prefix(ending, SLICE("ERR IO \"")), "%s", report_show(ending));
    expect_start(compacter, "COMPACT\n", "ERR READONLY \"");
    wire_ask(compacter, "COUNT k\n", "OK 2000\n");
    atomic_store(&gate->broken, 0);
    healing_await(server);
    wire_ask(compacter, "COMPACT\n", "OK\n");
    wire_ask(compacter, "COUNT k\n", "OK 2000\n");
    wire_close(compacter);
}

/* Descriptors of the daemon. */
static unsigned count_open(void)
{
    char path[64];
    unsigned count = 0;
    snprintf(path, sizeof(path), "/proc/%d/fd", (int)daemon_pid(server));
    DIR *directory = opendir(path);
    cr_assert_not_null(directory);
    while (readdir(directory) != NULL)
        count++;
    closedir(directory);
    return count;
}

/* One reopening under a scan, a snapshot, a watcher and a follower, who all go after it. */
static void reopen_under_all(void)
{
    struct wire *scanner = daemon_connect(server);
    struct wire *follower = daemon_connect(server);
    struct slice ending;
    wire_ask(scanner, "*2\r\n$5\r\nWATCH\r\n$1\r\na\r\n", "+OK\r\n");
    wire_say(scanner, "SNAPSHOT\n");
    wire_reply(scanner);
    wire_say(scanner, "SCAN k\n");
    wire_line(scanner);
    wire_say(follower, "FOLLOW ''\n");
    wire_line(follower);
    healing_reopen(server, gate, wire);
    wire_skip_reply(scanner, &ending);
    wire_skip_reply(follower, &ending);
    wire_close(scanner);
    wire_close(follower);
    wire_ask(wire, "COUNT k\n", "OK 20000\n");
}

/* The first one still makes tables of all there is. */
Test(reopening, leaves_nothing_behind)
{
    uint64_t rounds = rounds_choose(4, 100);
    load_rows(wire, MANY, MANY_BYTES);
    reopen_under_all();
    reopen_under_all();
    unsigned opened = count_open();
    size_t memory = daemon_rss(server);
    for (uint64_t i = 0; i < rounds; i++)
        reopen_under_all();
    cr_assert_leq(count_open(), opened + 2); /* a table more, and who just went */
    cr_assert_leq(daemon_rss(server), memory + 16 * 1024 * 1024);
    rounds_tell("%llu reopenings: %u descriptors, then %u; %zu KiB, then %zu",
                (unsigned long long)rounds, opened, count_open(), memory / 1024,
                daemon_rss(server) / 1024);
}

/* Readers at work ------------------------------------------------------------ */

#define READERS 16
#define ROWS 2000
#define ROW_BYTES 200

struct reader {
    pthread_t thread;
    struct wire *wire;
    uint64_t reads;
    uint64_t ended; /* scans that were told to go on behind a key */
};

static atomic_bool enough;
static char replies[ROWS][ROW_BYTES + 64]; /* to GET of each row */

static void scan_some(struct reader *reader)
{
    struct slice ending;
    wire_say(reader->wire, "SCAN k\n");
    uint64_t rows = wire_skip_reply(reader->wire, &ending);
    bool whole = slice_equal(ending, SLICE("OK 2000"));
    bool ended = slice_has_prefix(ending, SLICE("ERR REOPENED \""));
    cr_assert((whole && rows == ROWS) || (ended && rows < ROWS), "%llu rows, then %s",
              (unsigned long long)rows, report_show(ending));
    reader->ended += ended;
}

static void *read_on(void *arg)
{
    struct reader *reader = arg;
    char request[32];
    for (unsigned i = 0; !atomic_load(&enough); i++) {
        unsigned row = i % ROWS;
        snprintf(request, sizeof(request), "GET k%08u\n", row);
        wire_ask(reader->wire, request, replies[row]);
        if (i % 64 == 0)
            scan_some(reader);
        reader->reads++;
    }
    return NULL;
}

/* Each waits for a moment, or begins a scan again; nobody gets an error or a wrong row. */
Test(reopening, goes_unnoticed_by_readers_at_work)
{
    struct reader readers[READERS] = {0};
    uint64_t reads = 0;
    uint64_t ended = 0;
    uint64_t rounds = rounds_choose(4, 100);
    load_rows(wire, ROWS, ROW_BYTES);
    for (unsigned i = 0; i < ROWS; i++)
        snprintf(replies[i], sizeof(replies[i]), "%s", load_reply(i, ROW_BYTES));
    for (size_t i = 0; i < READERS; i++) {
        readers[i].wire = daemon_connect(server);
        pthread_create(&readers[i].thread, NULL, read_on, &readers[i]);
    }
    for (uint64_t i = 0; i < rounds; i++)
        healing_reopen(server, gate, wire);
    atomic_store(&enough, true);
    for (size_t i = 0; i < READERS; i++) {
        pthread_join(readers[i].thread, NULL);
        wire_close(readers[i].wire);
        reads += readers[i].reads;
        ended += readers[i].ended;
    }
    cr_assert_eq(daemon_info(server, "reopened"), rounds);
    cr_assert(reads > READERS);
    rounds_tell("%llu reopenings under %d readers: %llu reads, 0 wrong; %llu scans to be resumed",
                (unsigned long long)rounds, READERS, (unsigned long long)reads,
                (unsigned long long)ended);
}
