#include <criterion/criterion.h>
#include <poll.h>
#include <stdio.h>

#include "client/leveret.h"
#include "tests/lib/report.h"
#include "tests/unit/client/peer.h"

static void expect_ending(struct leveret *db, enum leveret_status expected)
{
    const struct leveret_answer *answer = NULL;
    cr_assert_eq(leveret_next(db, &answer), LEVERET_OK);
    cr_assert_eq(leveret_answer_kind(answer), LEVERET_ENDING);
    cr_assert_eq(leveret_answer_status(answer), expected);
}

static void queue_line(struct leveret *db, const char *line)
{
    cr_assert_eq(leveret_line(db, leveret_text(line)), LEVERET_OK);
}

Test(pipelining, replies_come_in_the_order_of_the_requests)
{
    struct peer *peer = PEER_PLAYS({PEER_HEAR, "GET a\nGET b\nFROB\n"},
                                   {PEER_SAY, "OK \"1\"\nNOT_FOUND\nERR UNKNOWN_COMMAND \"no\"\n"});
    struct leveret *db = peer_client(peer);
    queue_line(db, "GET a");
    queue_line(db, "GET b");
    queue_line(db, "FROB");
    cr_assert_eq(leveret_pending(db), 3);
    expect_ending(db, LEVERET_OK);
    expect_ending(db, LEVERET_NOT_FOUND);
    expect_ending(db, LEVERET_ERROR);
    cr_assert_eq(leveret_pending(db), 0);
    leveret_free(db);
    peer_close(peer);
}

Test(pipelining, lines_without_a_reply_are_not_waited_for)
{
    struct peer *peer = PEER_PLAYS({PEER_HEAR, "PING\n"}, {PEER_SAY, "OK\n"});
    struct leveret *db = peer_client(peer);
    queue_line(db, "");
    queue_line(db, "# a remark");
    queue_line(db, "   ");
    queue_line(db, "\r");
    cr_assert_eq(leveret_pending(db), 0);
    queue_line(db, "PING");
    cr_assert_eq(leveret_pending(db), 1);
    expect_ending(db, LEVERET_OK);
    leveret_free(db);
    peer_close(peer);
}

Test(pipelining, a_number_and_a_value_that_reads_like_one_are_told_apart)
{
    struct peer *peer =
        PEER_PLAYS({PEER_HEAR, "GET a\nCOUNT a\n"}, {PEER_SAY, "OK \"5\"\nOK 5 MORE \"k\"\n"});
    struct leveret *db = peer_client(peer);
    const struct leveret_answer *answer = NULL;
    struct leveret_bytes bytes;
    uint64_t count = 0;
    queue_line(db, "GET a");
    queue_line(db, "COUNT a");
    cr_assert_eq(leveret_next(db, &answer), LEVERET_OK);
    cr_assert(leveret_answer_value(answer, &bytes));
    cr_assert(!leveret_answer_count(answer, &count));
    cr_assert_eq(leveret_next(db, &answer), LEVERET_OK);
    cr_assert(!leveret_answer_value(answer, &bytes));
    cr_assert(leveret_answer_count(answer, &count));
    cr_assert_eq(count, 5);
    cr_assert(leveret_answer_more(answer, &bytes));
    report_equal("more", slice_of(bytes.data, bytes.len), SLICE("k"));
    leveret_free(db);
    peer_close(peer);
}

static void expect_part(const struct leveret_answer *answer, size_t index, const char *expected)
{
    struct leveret_bytes part;
    cr_assert(leveret_answer_part(answer, index, &part), "part %zu is missing", index);
    report_equal("part", slice_of(part.data, part.len), slice_from_string(expected));
}

Test(pipelining, gives_all_parts_of_a_row)
{
    struct peer *peer =
        PEER_PLAYS({PEER_HEAR, "FOLLOW ''\n"}, {PEER_DRIBBLE, "\"PUT\" \"k\" \"\" \"1-2\"\nOK\n"});
    struct leveret *db = peer_client(peer);
    const struct leveret_answer *answer = NULL;
    struct leveret_bytes part;
    queue_line(db, "FOLLOW ''");
    cr_assert_eq(leveret_next(db, &answer), LEVERET_OK);
    expect_part(answer, 0, "PUT");
    expect_part(answer, 1, "k");
    expect_part(answer, 2, "");
    expect_part(answer, 3, "1-2");
    cr_assert(!leveret_answer_part(answer, 4, &part));
    expect_ending(db, LEVERET_OK);
    leveret_free(db);
    peer_close(peer);
}

Test(pipelining, replies_that_came_before_the_end_can_still_be_taken)
{
    struct peer *peer = PEER_PLAYS({PEER_HEAR, "PUT a 1\nPUT b 2\nPUT c 3\n"},
                                   {PEER_SAY, "OK\nOK\n"}, {PEER_HANG_UP, NULL});
    struct leveret *db = peer_client(peer);
    const struct leveret_answer *answer = NULL;
    queue_line(db, "PUT a 1");
    queue_line(db, "PUT b 2");
    queue_line(db, "PUT c 3");
    expect_ending(db, LEVERET_OK);
    expect_ending(db, LEVERET_OK);
    cr_assert_eq(leveret_next(db, &answer), LEVERET_LOST);
    cr_assert_eq(leveret_pending(db), 0);
    cr_assert_eq(leveret_next(db, &answer), LEVERET_MISUSE);
    leveret_free(db);
    peer_close(peer);
}

static void expect_flood_row(struct leveret *db, size_t number)
{
    const struct leveret_answer *answer = NULL;
    struct leveret_bytes row;
    char tail[32];
    int length = snprintf(tail, sizeof(tail), "x%zu", number);
    cr_assert_eq(leveret_next(db, &answer), LEVERET_OK);
    cr_assert(leveret_answer_part(answer, 0, &row));
    const char *end = (const char *)row.data + row.len;
    cr_assert(memcmp(end - length, tail, (size_t)length) == 0, "row %zu is out of order", number);
    expect_ending(db, LEVERET_OK);
}

/* 64 MiB of replies against 2 MiB of requests: neither fits in any socket's buffers. */
Test(pipelining, a_peer_that_writes_before_it_reads_on_cannot_be_deadlocked)
{
    enum { LINES = 2048 };
    static char key[1024];
    size_t taken = 0;
    size_t refused = 0;
    struct peer *peer = peer_open_flood(LINES, 32 * 1024);
    struct leveret *db = peer_client(peer);
    memset(key, 'k', sizeof(key));
    struct leveret_bytes words[] = {leveret_text("GET"), leveret_bytes(key, sizeof(key))};
    leveret_set_absorb(db, 1024 * 1024);
    for (size_t sent = 0; sent < LINES;) {
        enum leveret_status status = leveret_request(db, words, 2);
        cr_assert(status == LEVERET_OK || status == LEVERET_FULL, "%s", leveret_error_text(db));
        if (status == LEVERET_OK) {
            sent++;
        } else {
            expect_flood_row(db, taken++);
            refused++;
        }
    }
    while (leveret_pending(db) > 0)
        expect_flood_row(db, taken++);
    cr_assert_eq(taken, LINES);
    cr_assert(refused > 0, "64 MiB were absorbed where 1 MiB was allowed");
    leveret_free(db);
    peer_close(peer);
}

Test(pipelining, a_call_that_does_not_wait_says_so)
{
    struct peer *peer = PEER_PLAYS({PEER_HEAR, "PING\n"}, {PEER_SILENCE, NULL});
    struct leveret *db = peer_client(peer);
    const struct leveret_answer *answer = NULL;
    queue_line(db, "PING");
    cr_assert_eq(leveret_try_next(db, &answer), LEVERET_AGAIN);
    cr_assert_eq(leveret_ping(db), LEVERET_MISUSE);
    leveret_free(db);
    peer_close(peer);
}

Test(pipelining, a_poll_loop_of_ones_own_meets_the_quiet_time_too)
{
    struct peer *peer = PEER_PLAYS({PEER_SILENCE, NULL});
    struct leveret *db = peer_client(peer);
    const struct leveret_answer *answer = NULL;
    enum leveret_status status = LEVERET_AGAIN;
    leveret_set_timeouts(db, 5000, 30);
    cr_assert_eq(leveret_poll_timeout(db), -1);
    queue_line(db, "PING");
    while (status == LEVERET_AGAIN) {
        status = leveret_try_next(db, &answer);
        int timeout = leveret_poll_timeout(db);
        cr_assert(timeout >= -1 && timeout <= 30);
        (void)poll(NULL, 0, status == LEVERET_AGAIN ? timeout : 0);
    }
    cr_assert_eq(status, LEVERET_TIMEOUT);
    leveret_free(db);
    peer_close(peer);
}
