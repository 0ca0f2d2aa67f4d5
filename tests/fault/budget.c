/*
 * Memory: many peers that each ask for less than they may, and together for more than there is.
 * Those that hold the most are closed; the others notice nothing.
 */
#include <criterion/criterion.h>

#include "tests/lib/daemon.h"
#include "tests/lib/report.h"
#include "tests/lib/rounds.h"
#include "tests/lib/shell.h"
#include "tests/system/gate.h"

#define MIB ((size_t)1024 * 1024)

/* What the daemon may hold, and what it may take beside: its own, LevelDB's, a request and a reply
 * of each of two workers, and what the allocator does not give back. */
#define BUDGET (48 * MIB)
#define BESIDE (96 * MIB)

#define PEERS 32

static struct daemon *server;
static struct wire *neighbour; /* small and well behaved */
static struct wire *peers[PEERS];
static size_t before;

static void start_with(const char *budget)
{
    server = daemon_new();
    daemon_start(server, "--max-buffered", budget, "--workers", "2", "--sync", "never",
                 "--feed-history", "0", "--cache", "1M", "--write-buffer", "1M", NULL);
    neighbour = daemon_connect(server);
    wire_ask(neighbour, "PUT small value\n", "OK\n");
    before = daemon_rss(server);
    for (size_t i = 0; i < PEERS; i++)
        peers[i] = daemon_connect(server);
}

static void start(void)
{
    start_with("48M");
}

static void stop(void)
{
    for (size_t i = 0; i < PEERS; i++)
        wire_close(peers[i]);
    wire_close(neighbour);
    daemon_stop(server);
    daemon_free(server);
}

TestSuite(budget, .init = start, .fini = stop, .timeout = 300);

static size_t most_seen;

/* The neighbour is served, and the memory is bounded. */
static void look(void)
{
    wire_ask(neighbour, "GET small\n", "OK \"value\"\n");
    size_t now = daemon_rss(server);
    most_seen = now > most_seen ? now : most_seen;
    cr_assert(now < before + BUDGET + BESIDE, "%zu MiB before, %zu MiB now", before / MIB,
              now / MIB);
}

/* Waits until all that was sent has had its effect: somebody was cut off, and it fits. The test's
 * own time decides that it never does. */
static void finish(const char *what)
{
    while (daemon_info(server, "cut_for_memory") < PEERS / 2 ||
           daemon_info(server, "buffered") > BUDGET)
        look();
    uint64_t cut = daemon_info(server, "cut_for_memory");
    rounds_tell("%s: %zu MiB at most, %zu MiB before, %llu of %d cut off", what, most_seen / MIB,
                before / MIB, (unsigned long long)cut, PEERS);
}

static struct buffer filled(const char *head, size_t count)
{
    struct buffer bytes = {0};
    buffer_append_string(&bytes, head);
    cr_assert(buffer_reserve(&bytes, count));
    memset(bytes.data + bytes.len, 'x', count);
    bytes.len += count;
    return bytes;
}

/* A value of 15 MiB, and what LevelDB keeps of it. */
static void put_large(void)
{
    struct buffer request = filled("PUT large ", 15 * MIB);
    buffer_append_byte(&request, '\n');
    wire_send(neighbour, buffer_slice(&request));
    wire_expect(neighbour, "OK\n");
    before = daemon_rss(server);
    buffer_fini(&request);
}

/* All send the piece, one after the other; who was cut off takes no more. */
static void push_all(const struct buffer *piece)
{
    for (size_t i = 0; i < PEERS; i++) {
        (void)wire_push(peers[i], buffer_slice(piece), 2000);
        look();
    }
}

Test(budget, of_lines_that_do_not_end_is_kept)
{
    struct buffer start_of_line = filled("PUT k ", 6 * MIB);
    struct buffer more = filled("", 6 * MIB);
    push_all(&start_of_line);
    push_all(&more);
    finish("lines that do not end");
    buffer_fini(&start_of_line);
    buffer_fini(&more);
}

/* The control: the same where more is allowed takes what it takes. */
Test(budget, matters, .init = NULL)
{
    start_with("4G");
    struct buffer piece = filled("PUT k ", 6 * MIB);
    for (size_t i = 0; i < PEERS; i++)
        (void)wire_push(peers[i], buffer_slice(&piece), 2000);
    while (daemon_rss(server) < before + BUDGET + BESIDE)
        wire_ask(neighbour, "GET small\n", "OK \"value\"\n");
    cr_assert_eq(daemon_info(server, "cut_for_memory"), 0);
    buffer_fini(&piece);
}

/* Nothing is set aside for a declared length: ten thousand times 16 MiB are declared for nothing.
 */
Test(budget, of_declared_lengths_is_kept)
{
    struct buffer piece = filled("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$16777216\r\n", 6 * MIB);
    push_all(&piece);
    finish("declared lengths");
    buffer_fini(&piece);
}

Test(budget, of_open_batches_is_kept)
{
    struct buffer request = filled("BEGIN\nPUT k ", 6 * MIB);
    buffer_append_byte(&request, '\n');
    push_all(&request);
    finish("open batches");
    buffer_fini(&request);
}

Test(budget, of_open_transactions_is_kept)
{
    struct buffer request =
        filled("*1\r\n$5\r\nMULTI\r\n*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$6291456\r\n", 6 * MIB);
    buffer_append_string(&request, "\r\n");
    push_all(&request);
    finish("open transactions");
    buffer_fini(&request);
}

Test(budget, of_replies_that_nobody_reads_is_kept)
{
    put_large();
    struct buffer question = {0};
    buffer_append_string(&question, "GET large\n");
    push_all(&question);
    finish("replies that nobody reads");
    buffer_fini(&question);
}

/* What programs say: each transaction answers 45 MiB to 70 bytes of request. */
Test(budget, of_transactions_that_answer_much_is_kept)
{
    put_large();
    struct buffer question = {0};
    buffer_append_string(&question, "*1\r\n$5\r\nMULTI\r\n");
    for (unsigned i = 0; i < 3; i++)
        buffer_append_string(&question, "*2\r\n$3\r\nGET\r\n$5\r\nlarge\r\n");
    buffer_append_string(&question, "*1\r\n$4\r\nEXEC\r\n");
    push_all(&question);
    finish("answers of transactions");
    buffer_fini(&question);
}

/* A directory may hold what no client could write. Who asks for it gets an error, and what it took
 * to look at it is given back. */
Test(budget, is_no_matter_of_what_a_directory_holds)
{
    static const char larger[] = "LIMIT it is larger than --max-output allows\r\n";
    daemon_stop(server);
    shell_expect(0, "",
                 "/usr/bin/python3 -c '\n"
                 "import plyvel\n"
                 "db = plyvel.DB(\"%s\")\n"
                 "db.put(b\"huge\", b\"v\" * 100000000)\n"
                 "db.close()'",
                 daemon_data(server));
    daemon_start(server, "--max-buffered", "16M", "--cache", "1M", NULL);
    wire_close(neighbour);
    neighbour = daemon_connect(server);
    for (unsigned i = 0; i < 2; i++) {
        wire_ask(neighbour, "GET huge\n", "ERR LIMIT \"it is larger than --max-output allows\"\n");
        wire_ask(neighbour, "*2\r\n$3\r\nGET\r\n$4\r\nhuge\r\n*2\r\n$6\r\nSTRLEN\r\n$4\r\nhuge\r\n",
                 "-");
        wire_expect(neighbour, larger);
        wire_expect(neighbour, "-");
        wire_expect(neighbour, larger);
        wire_ask(neighbour, "SCAN huge\n",
                 "ERR LIMIT \"the row was not sent: it is larger than --max-output allows\" MORE "
                 "\"huge\"\n");
        wire_ask(neighbour, "*3\r\n$6\r\nAPPEND\r\n$4\r\nhuge\r\n$1\r\nx\r\n",
                 "-ERR string exceeds maximum allowed size (proto-max-bulk-len)\r\n");
    }
    wire_ask(neighbour, "PING\n", "OK \"PONG\"\n");
    cr_assert_eq(daemon_info(server, "cut_for_memory"), 0);
}

static size_t count_lines_with(const char *log, const char *text)
{
    size_t count = 0;
    for (const char *at = log; (at = strstr(at, text)) != NULL; at += strlen(text))
        count++;
    return count;
}

/* They go together: to look for the largest once for each would keep everybody waiting, and the log
 * would hold a line for each. */
Test(budget, of_hundreds_of_small_requests_is_kept)
{
    enum { CROWD = 900 };
    static struct wire *crowd[CROWD];
    struct buffer piece = filled("PUT k ", 40000);
    for (size_t i = 0; i < CROWD; i++) {
        crowd[i] = daemon_connect(server);
        (void)wire_push(crowd[i], buffer_slice(&piece), 0);
        if (i % 100 == 0)
            look();
    }
    while (daemon_info(server, "cut_for_memory") < 100 || daemon_info(server, "buffered") > BUDGET)
        look();
    size_t told = count_lines_with(daemon_log(server), "more was held for all clients");
    cr_assert(told >= 1 && told < 50, "%zu lines for %llu connections", told,
              (unsigned long long)daemon_info(server, "cut_for_memory"));
    for (size_t i = 0; i < CROWD; i++)
        wire_close(crowd[i]);
    while (daemon_info(server, "buffered") > 0)
        look();
    buffer_fini(&piece);
}

/* The one that is closed is the one that holds most, whichever worker it is at, and it is told. */
Test(budget, closes_the_largest_first)
{
    struct buffer large = filled("PUT k ", 30 * MIB);
    struct buffer small = filled("PUT k ", 3 * MIB);
    (void)wire_push(peers[5], buffer_slice(&large), 2000);
    for (size_t i = 6; daemon_info(server, "cut_for_memory") == 0; i++) {
        cr_assert(i < PEERS, "nobody was cut off");
        (void)wire_push(peers[i], buffer_slice(&small), 2000);
        wire_ask(neighbour, "GET small\n", "OK \"value\"\n");
    }
    wire_expect(peers[5], "ERR MEMORY \"the server holds too much for its clients, and most for "
                          "you\"\n");
    wire_expect_gone(peers[5]);
    cr_assert_eq(daemon_info(server, "cut_for_memory"), 1);
    buffer_append_byte(&small, '\n');
    for (size_t i = 6; i < 9; i++)
        wire_ask(peers[i], "\n", "OK\n");
    buffer_fini(&large);
    buffer_fini(&small);
}

/* What a connection gave away before it was closed comes back when the disk is done. Until then the
 * others are not closed for it, however long that takes. */
TestSuite(debts, .timeout = 120);

Test(debts, are_not_charged_to_others)
{
    static const char stays[] =
        "ERR INCOMPLETE \"the input ended inside this line; it was not run\"\n";
    server = daemon_new();
    struct gate *gate = gate_open(server);
    daemon_start(server, "--max-buffered", "16M", "--workers", "2", NULL);
    struct wire *first = daemon_connect(server);
    struct wire *second = daemon_connect(server);
    struct wire *third = daemon_connect(server);
    struct buffer write = filled("PUT k ", 12 * MIB);
    struct buffer half = filled("PUT k ", 7 * MIB);
    buffer_append_byte(&write, '\n');
    unsigned arrived = gate->arrived;
    gate->closed = GATE_CLOSED;
    (void)wire_push(first, buffer_slice(&write), 2000);
    gate_await(gate, arrived + 1);
    (void)wire_push(second, buffer_slice(&half), 2000);
    wire_expect_gone(first);
    (void)wire_push(third, slice_of(half.data, 2 * MIB), 2000);
    while (daemon_info(server, "buffered") < 21 * MIB)
        cr_assert_eq(daemon_info(server, "cut_for_memory"), 1);
    cr_assert_eq(daemon_info(server, "cut_for_memory"), 1);
    gate->closed = GATE_OPEN;
    while (daemon_info(server, "buffered") > 16 * MIB)
        continue;
    wire_finish(second);
    wire_expect(second, stays);
    wire_finish(third);
    wire_expect(third, stays);
    wire_close(first);
    wire_close(second);
    wire_close(third);
    daemon_stop(server);
    daemon_free(server);
    buffer_fini(&write);
    buffer_fini(&half);
}
