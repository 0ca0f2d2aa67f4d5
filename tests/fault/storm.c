/*
 * A storm: peers of every kind come at once, hold what they can, and go as rudely as they can, with
 * the limits so low that many are refused and many are cut off. Whatever becomes of a connection,
 * what was counted for it must come back: its seat, its address's, its bytes, its scan.
 */
#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>

#include "tests/lib/chance.h"
#include "tests/lib/count.h"
#include "tests/lib/daemon.h"
#include "tests/lib/rounds.h"

#define KIB ((size_t)1024)

/* More than there are seats. */
#define PEERS 48
#define SEATS 40
#define SEATS_TEXT "40"

static struct daemon *server;
static struct chance chance;

static void prepare(void)
{
    server = daemon_new();
    chance.state = rounds_seed();
    rounds_tell("seed %llu", (unsigned long long)chance.state);
}

static void finish(void)
{
    daemon_free(server);
}

TestSuite(storm, .init = prepare, .fini = finish, .timeout = 550);

static void start(void)
{
    daemon_start(server, "--max-buffered", "4M", "--max-connections-per-address", SEATS_TEXT,
                 "--workers", "2", "--min-free", "0", "--write-buffer", "256K", "--max-scans", "5",
                 NULL);
}

/* Peers ---------------------------------------------------------------------- */

/* What a peer begins with, and whether a value of up to 512 KiB comes behind it, and with what it
 * ends. Most ask for more than they will read. */
static const struct {
    const char *before;
    bool value;
    const char *after;
} habits[] = {
    {"", false, ""},
    {"PUT unfinished ", true, ""},
    {"*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$16777216\r\n", true, ""},
    {"PUT whole ", true, "\nGET whole\nGET whole\nGET whole\nGET whole\n"},
    {"BEGIN\nPUT batch ", true, "\n"},
    {"BEGIN\nPUT batch ", true, "\nCOMMIT\nGET batch\n"},
    {"*1\r\n$5\r\nMULTI\r\n*2\r\n$3\r\nGET\r\n$5\r\nwhole\r\n", false, ""},
    {"*2\r\n$5\r\nWATCH\r\n$5\r\nwhole\r\n*1\r\n$5\r\nMULTI\r\n*2\r\n$3\r\nGET\r\n$5\r\nwhole\r\n"
     "*2\r\n$3\r\nGET\r\n$5\r\nwhole\r\n*1\r\n$4\r\nEXEC\r\n",
     false, ""},
    {"SCAN row\n", false, ""},
    {"SCAN\nSCAN\nSCAN\nSCAN\nSCAN\nSCAN\n", false, ""},
    {"FOLLOW ''\n", false, ""},
    {"COMPACT row:1\n", false, ""},
    {"DELPREFIX row:9\nPUT row:9 ", true, "\n"},
    {"SNAPSHOT TTL 1\nMGET whole whole whole whole batch batch\nMGET whole batch\n", false, ""},
    {"SYNC\nPUT last ", true, "\nSYNC\n"},
};

static struct wire *come(void)
{
    size_t habit = chance_below(&chance, sizeof(habits) / sizeof(habits[0]));
    struct wire *wire = daemon_connect(server);
    struct buffer said = {0};
    buffer_append_string(&said, habits[habit].before);
    if (habits[habit].value) {
        size_t count = 1 + chance_below(&chance, 512 * KIB);
        cr_assert(buffer_reserve(&said, count));
        memset(said.data + said.len, 'v', count);
        said.len += count;
    }
    buffer_append_string(&said, habits[habit].after);
    (void)wire_push(wire, buffer_slice(&said), 5);
    buffer_fini(&said);
    return wire;
}

static void go(struct wire *wire)
{
    if (chance_below(&chance, 2) == 0)
        wire_reset(wire);
    else
        wire_close(wire);
}

/* Somebody is closed by another's word, when nobody knows which number he has; but not the witness,
 * who came first. */
static void kill_some(struct wire *witness, uint64_t newest)
{
    char request[64];
    uint64_t others = newest - 1 < PEERS ? newest - 1 : PEERS;
    if (others == 0)
        return;
    snprintf(request, sizeof(request), "KILL %llu\n",
             (unsigned long long)(newest - chance_below(&chance, others)));
    wire_say(witness, request);
    (void)wire_reply(witness);
}

static void fill(struct wire *witness)
{
    char request[KIB];
    for (unsigned i = 0; i < 2000; i++) {
        snprintf(request, sizeof(request), "PUT row:%u %0500u\n", i, i);
        wire_ask(witness, request, "OK\n");
    }
}

/* The storm ------------------------------------------------------------------ */

/* Each comes to where another went. */
static void rage(struct wire **peers, struct wire *witness)
{
    for (unsigned i = 0; i < 4 * PEERS; i++) {
        size_t at = chance_below(&chance, PEERS);
        if (peers[at] != NULL)
            go(peers[at]);
        peers[at] = come();
        if (i % 16 == 0)
            kill_some(witness, count_ask(witness, "connections_total"));
    }
}

static void calm(struct wire **peers)
{
    for (unsigned i = 0; i < PEERS; i++) {
        if (peers[i] != NULL)
            go(peers[i]);
        peers[i] = NULL;
    }
}

/* All that was counted is given back, at the latest when a compaction that somebody began ends; and
 * there is a seat for each, and for no more. */
static void check(struct wire *witness)
{
    struct wire *guests[SEATS];
    count_await(witness, "connections", 1);
    count_await(witness, "buffered", 0);
    count_await(witness, "scans", 0);
    count_await(witness, "followers", 0);
    for (unsigned i = 1; i < SEATS; i++) {
        guests[i] = daemon_connect(server);
        wire_ask(guests[i], "PING\n", "OK \"PONG\"\n");
    }
    struct wire *refused = daemon_connect(server);
    wire_say(refused, "PING\n");
    wire_expect(refused, "ERR LIMIT \"your address has all " SEATS_TEXT
                         " connections of --max-connections-per-address; close one\"\n");
    wire_close(refused);
    for (unsigned i = 1; i < SEATS; i++)
        wire_close(guests[i]);
    count_await(witness, "connections", 1);
}

Test(storm, leaves_nothing_that_is_held)
{
    struct wire *peers[PEERS] = {0};
    uint64_t rounds = rounds_choose(10, 500);
    start();
    struct wire *witness = daemon_connect(server);
    fill(witness);
    for (uint64_t i = 0; i < rounds; i++) {
        rage(peers, witness);
        calm(peers);
        check(witness);
    }
    uint64_t cut = count_ask(witness, "cut_for_memory");
    uint64_t refused = count_ask(witness, "connections_refused");
    rounds_tell("%llu storms of %d peers: %llu cut off for memory, %llu refused, 0 left behind",
                (unsigned long long)rounds, 5 * PEERS, (unsigned long long)cut,
                (unsigned long long)refused);
    cr_assert(cut > 0 && refused > rounds, "a storm without victims proves nothing");
    wire_close(witness);
    daemon_stop(server);
}

/* A stop in the middle of it: the daemon ends by itself, and what it counts comes back to nothing
 * there too, or an assert of its own ends it. */
Test(storm, does_not_hold_a_stop)
{
    struct wire *peers[PEERS] = {0};
    uint64_t rounds = rounds_choose(5, 200);
    for (uint64_t i = 0; i < rounds; i++) {
        start();
        struct wire *witness = daemon_connect(server);
        wire_ask(witness, "PING\n", "OK \"PONG\"\n"); /* so it has the first number */
        rage(peers, witness);
        daemon_signal(server, SIGTERM);
        calm(peers);
        cr_assert_eq(daemon_wait(server), 0, "%s", daemon_log(server));
        wire_close(witness);
    }
}
