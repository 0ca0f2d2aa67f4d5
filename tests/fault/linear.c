/*
 * Linearizability under kill -9 and lost connections: sixteen clients on both faces read, write,
 * delete and change the same eight keys, three twins that are only written together, and counters,
 * while the daemon is killed and restarted and connections are cut. Every reply must fit into one
 * order of all that happened, and every scan must show one moment of it.
 */
#include <criterion/criterion.h>
#include <inttypes.h>

#include "tests/fault/crowd.h"
#include "tests/fault/match.h"
#include "tests/fault/player.h"
#include "tests/lib/daemon.h"
#include "tests/lib/deadline.h"
#include "tests/lib/rounds.h"
#include "tests/lib/shell.h"

/* Requests of each client in a match. */
#define MOVES 40

/* Matches on the same directory; then on a new one. */
#define MATCHES_OF_A_STORE 10

struct table {
    struct match match;
    struct crowd *crowd;
    struct player players[CROWD_SIZE];
    unsigned left[CROWD_SIZE]; /* requests */
    bool closing;              /* nobody asks anything more, and connections may end */
    uint64_t moves;
    uint64_t cuts;
    uint64_t kills;
};

static struct daemon *server;
static struct table *table;
static struct chance chance;

/* Players ------------------------------------------------------------------ */

static void ask(unsigned client)
{
    struct buffer requests = {0};
    if (table->closing || table->left[client] == 0 || !crowd_has(table->crowd, client))
        return;
    table->left[client]--;
    table->moves++;
    player_ask(&table->players[client], &requests);
    crowd_say(table->crowd, client, buffer_slice(&requests));
    buffer_fini(&requests);
}

static void on_line(void *arg, unsigned client, struct slice line)
{
    (void)arg;
    if (player_hear(&table->players[client], line))
        ask(client);
}

static void on_end(void *arg, unsigned client)
{
    (void)arg;
    player_lose(&table->players[client]);
    if (!table->closing)
        table->match.problem = "the daemon ended a connection";
}

static void join_all(void)
{
    table->closing = false;
    for (unsigned i = 0; i < CROWD_SIZE; i++) {
        player_renew(&table->players[i]);
        crowd_join(table->crowd, i, daemon_port(server));
        ask(i);
    }
}

/* Cuts a connection in the middle of whatever it does. */
static void cut_one(void)
{
    unsigned client = (unsigned)chance_below(&chance, CROWD_SIZE);
    crowd_leave(table->crowd, client);
    player_lose(&table->players[client]);
    crowd_join(table->crowd, client, daemon_port(server));
    table->cuts++;
    ask(client);
}

/* The daemon -------------------------------------------------------------- */

static void start(void)
{
    const char *sync = chance_below(&chance, 2) == 0 ? "always" : "never";
    daemon_start(server, "--write-buffer", "64K", "--max-file-size", "1M", "--sync", sync,
                 "--workers", "2", NULL);
}

static void kill_server(void)
{
    table->closing = true;
    daemon_kill(server);
    crowd_run(table->crowd, DEADLINE_SECONDS * 1000);
    cr_assert(crowd_count(table->crowd) == 0, "a connection outlives its daemon");
    match_seal(&table->match);
    table->kills++;
}

static void scan_all(struct match_view *view)
{
    struct wire *wire = daemon_connect(server);
    *view = (struct match_view){0};
    wire_say(wire, "SCAN ''\n");
    struct slice line = wire_line(wire);
    for (; line.data[0] == '"'; line = wire_line(wire))
        cr_assert(match_read_row(slice_of(line.data, line.len - 1), view), "%.*s", (int)line.len,
                  line.data);
    cr_assert(slice_has_prefix(line, SLICE("OK ")), "%.*s", (int)line.len, line.data);
    wire_close(wire);
}

static void fill(void)
{
    struct buffer requests = {0};
    struct wire *wire = daemon_connect(server);
    player_fill(&requests);
    wire_send(wire, buffer_slice(&requests));
    for (unsigned i = 0; i < PLAYER_FILLERS; i++)
        wire_expect(wire, "OK\n");
    wire_close(wire);
    buffer_fini(&requests);
}

/* Matches ------------------------------------------------------------------ */

static void begin_match(void)
{
    struct match_view view;
    scan_all(&view);
    match_begin(&table->match, &view);
    for (unsigned i = 0; i < CROWD_SIZE; i++)
        table->left[i] = MOVES;
}

static unsigned moves_left(void)
{
    unsigned left = 0;
    for (unsigned i = 0; i < CROWD_SIZE; i++)
        left += table->left[i] + (table->players[i].move != NULL);
    return left;
}

/* Plays until so many moves are left; now and then a connection is cut. */
static void play(unsigned until)
{
    int64_t deadline = deadline_in(DEADLINE_SECONDS);
    while (moves_left() > until && table->match.problem == NULL) {
        cr_assert(deadline_left(deadline) > 0, "%u answers do not come", moves_left());
        crowd_run(table->crowd, 1);
        if (chance_below(&chance, 16) == 0)
            cut_one();
    }
}

/* The last word: what is there when all is over. */
static void look_last(void)
{
    struct ladder_scan scan;
    struct match_view view;
    ladder_begin_scan(&table->match.ladder, &scan, match_time(&table->match));
    scan_all(&view);
    match_time(&table->match);
    match_add_scan(&table->match, &scan, &view);
}

static void play_match(void)
{
    begin_match();
    for (size_t kills = 1 + chance_below(&chance, 2); kills > 0; kills--) {
        join_all();
        play((unsigned)chance_below(&chance, moves_left() + 1));
        kill_server();
        start();
    }
    join_all();
    play(0);
    kill_server();
    start();
    look_last();
}

static void begin_anew(void)
{
    daemon_free(server);
    server = daemon_new();
    start();
    fill();
}

/* Life --------------------------------------------------------------------- */

static void prepare(void)
{
    uint64_t seed = rounds_seed();
    rounds_tell("seed %" PRIu64, seed);
    chance.state = seed;
    table = calloc(1, sizeof(*table));
    cr_assert(table != NULL);
    table->crowd = crowd_new(&(struct crowd_ears){.line = on_line, .end = on_end});
    for (unsigned i = 0; i < CROWD_SIZE; i++)
        player_init(&table->players[i], &table->match, i, chance_next(&chance));
    server = daemon_new();
}

static void stop(void)
{
    crowd_free(table->crowd);
    match_fini(&table->match);
    free(table);
    daemon_free(server);
}

TestSuite(linear, .init = prepare, .fini = stop, .timeout = 36000);

Test(linear, every_reply_fits_into_one_order_of_all_that_happened)
{
    uint64_t matches = rounds_choose(50, 1000);
    uint64_t scans = 0;
    for (uint64_t i = 0; i < matches; i++) {
        if (i % MATCHES_OF_A_STORE == 0)
            begin_anew();
        play_match();
        const char *problem = match_judge(&table->match);
        cr_assert(problem == NULL, "match %" PRIu64 ": %s", i, problem);
        scans += table->match.ladder.count;
    }
    rounds_tell("%" PRIu64 " histories: %" PRIu64 " requests, %" PRIu64 " scans, %" PRIu64
                " kills, %" PRIu64 " cut connections, 0 violations",
                matches, table->moves, scans, table->kills, table->cuts);
}

/* The control: a daemon that went back in time while it was down must not pass. */
Test(linear, would_notice_a_directory_that_went_back_in_time)
{
    begin_anew();
    begin_match();
    daemon_kill(server);
    shell_expect(0, "", "cp -r %s %s.before", daemon_data(server), daemon_data(server));
    start();
    join_all();
    play(0);
    kill_server();
    shell_expect(0, "", "rm -r %s && mv %s.before %s", daemon_data(server), daemon_data(server),
                 daemon_data(server));
    start();
    look_last();
    const char *problem = match_judge(&table->match);
    cr_assert(problem != NULL, "what was lost went unnoticed");
    rounds_tell("the control that goes back in time: %s", problem);
}
