#include "client/cli/load.h"

#include <criterion/criterion.h>

#include "tests/lib/report.h"
#include "tests/unit/client/peer.h"

static struct load_outcome outcome;

/* One connection that asks for the one key there is. */
static void run(struct peer *peer, const char *work, unsigned pipeline, uint64_t requests)
{
    struct load_plan plan = {
        .target = {.address = peer_address(peer), .connect_ms = 5000, .quiet_ms = 5000},
        .work = work_find(work),
        .clients = 1,
        .pipeline = pipeline,
        .requests = requests,
        .value_size = 2,
        .keys = 1,
        .seed = 1,
    };
    load_run(&plan, &outcome);
    peer_close(peer);
}

static void expect(enum exit_status status, uint64_t replies, uint64_t not_found, uint64_t errors)
{
    cr_assert_eq(outcome.status, status, "%d", outcome.status);
    cr_assert_eq(outcome.replies, replies);
    cr_assert_eq(outcome.not_found, not_found);
    cr_assert_eq(outcome.errors, errors);
    cr_assert_eq(outcome.latency.total, replies);
}

#define GET_ONE "GET key:000000000000\n"

Test(load, waits_for_all_replies_before_it_asks_again)
{
    run(PEER_PLAYS({PEER_HEAR, GET_ONE GET_ONE}, {PEER_SAY, "OK \"a\"\nOK \"b\"\n"},
                   {PEER_HEAR, GET_ONE}, {PEER_SAY, "OK \"c\"\n"}, {PEER_PART, NULL}),
        "get", 2, 3);
    expect(EXIT_FINE, 3, 0, 0);
}

Test(load, sends_values_as_lines_can_hold_them)
{
    run(PEER_PLAYS({PEER_HEAR, "SET key:000000000000 \"VX\"\n"}, {PEER_SAY, "OK\n"},
                   {PEER_PART, NULL}),
        "set", 1, 1);
    expect(EXIT_FINE, 1, 0, 0);
}

Test(load, takes_replies_however_they_are_cut)
{
    run(PEER_PLAYS({PEER_HEAR, GET_ONE GET_ONE GET_ONE},
                   {PEER_DRIBBLE, "OK \"a # b\"\nNOT_FOUND\n# so it goes\nOK \"\"\n"},
                   {PEER_PART, NULL}),
        "get", 3, 3);
    expect(EXIT_FINE, 3, 1, 0);
}

Test(load, counts_errors_and_keeps_the_first)
{
    run(PEER_PLAYS({PEER_HEAR, GET_ONE GET_ONE GET_ONE},
                   {PEER_DRIBBLE, "ERR IO \"the first\"\nOK \"\"\nERR IO \"another\"\n"},
                   {PEER_PART, NULL}),
        "get", 3, 3);
    expect(EXIT_REFUSED, 3, 0, 2);
    cr_assert_str_eq(outcome.problem, "ERR IO \"the first\"");
}

Test(load, ends_with_what_it_has_when_the_server_goes)
{
    run(PEER_PLAYS({PEER_HEAR, GET_ONE GET_ONE}, {PEER_SAY, "OK \"a\"\n"}, {PEER_HANG_UP, NULL}),
        "get", 2, 4);
    expect(EXIT_CONNECTION, 1, 0, 0);
}

Test(load, ends_when_the_peer_speaks_something_else_or_out_of_turn)
{
    run(PEER_PLAYS({PEER_HEAR, GET_ONE}, {PEER_SAY, "HTTP/1.1 400\n"}, {PEER_PART, NULL}), "get", 1,
        1);
    expect(EXIT_CONNECTION, 0, 0, 0);
    run(PEER_PLAYS({PEER_HEAR, GET_ONE}, {PEER_SAY, "OK \"a\"\nOK \"b\"\n"}, {PEER_PART, NULL}),
        "get", 1, 2);
    expect(EXIT_CONNECTION, 1, 0, 0);
}

Test(load, ends_when_nothing_comes_in_time)
{
    struct peer *peer = PEER_PLAYS({PEER_SILENCE, NULL});
    struct load_plan plan = {
        .target = {.address = peer_address(peer), .connect_ms = 5000, .quiet_ms = 50},
        .work = work_find("ping"),
        .clients = 1,
        .pipeline = 1,
        .requests = 1};
    load_run(&plan, &outcome);
    peer_close(peer);
    expect(EXIT_CONNECTION, 0, 0, 0);
}
