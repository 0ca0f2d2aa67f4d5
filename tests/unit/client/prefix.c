/* The prefix of leveret_use: no request may ever run outside of it. */
#include <criterion/criterion.h>
#include <poll.h>

#include "client/leveret.h"
#include "tests/lib/report.h"
#include "tests/unit/client/peer.h"

static void expect_prefix(const struct leveret *db, const char *expected)
{
    struct leveret_bytes prefix = leveret_prefix(db);
    report_equal("prefix", slice_of(prefix.data, prefix.len), slice_from_string(expected));
}

static void await_end(struct leveret *db)
{
    struct pollfd ended = {.fd = leveret_poll_fd(db), .events = POLLIN};
    cr_assert_eq(poll(&ended, 1, 5000), 1);
}

static enum leveret_status use(struct leveret *db, const char *prefix)
{
    return leveret_use(db, leveret_text(prefix));
}

static enum leveret_status put(struct leveret *db)
{
    return leveret_put(db, leveret_text("k"), leveret_text("v"));
}

Test(prefix, is_told_again_to_a_new_connection_before_anything_else)
{
    struct peer *peer =
        PEER_PLAYS({PEER_HEAR, "USE \"a b:\"\n"}, {PEER_SAY, "OK \"a b:\"\n"},
                   {PEER_HEAR, "PUT \"k\" \"v\"\n"}, {PEER_SAY, "OK\n"}, {PEER_HANG_UP, NULL},
                   {PEER_HEAR, "USE \"a b:\"\n"}, {PEER_DRIBBLE, "# a remark\nOK \"a b:\"\n"},
                   {PEER_HEAR, "PUT \"k\" \"v\"\n"}, {PEER_SAY, "OK\n"}, {PEER_PART, NULL});
    struct leveret *db = peer_client(peer);
    expect_prefix(db, "");
    cr_assert_eq(use(db, "a b:"), LEVERET_OK);
    cr_assert_eq(put(db), LEVERET_OK);
    await_end(db);
    cr_assert_eq(put(db), LEVERET_OK, "%s", leveret_error_text(db));
    expect_prefix(db, "a b:");
    leveret_free(db);
    peer_close(peer);
}

/* Each way to send something, on a connection of its own. */
Test(prefix, is_told_before_lines_words_scans_and_batches)
{
    struct leveret_bytes ping = leveret_text("PING");
    const struct leveret_answer *answer = NULL;
    struct leveret_scan *scan = NULL;
    struct peer *peer = PEER_PLAYS(
        {PEER_HEAR, "USE \"p\"\n"}, {PEER_SAY, "OK \"p\"\n"}, {PEER_PART, NULL},
        {PEER_HEAR, "USE \"p\"\n"}, {PEER_SAY, "OK \"p\"\n"}, {PEER_HEAR, "get a\n"},
        {PEER_SAY, "NOT_FOUND\n"}, {PEER_PART, NULL}, {PEER_HEAR, "USE \"p\"\n"},
        {PEER_SAY, "OK \"p\"\n"}, {PEER_HEAR, "PING\n"}, {PEER_SAY, "OK\n"}, {PEER_PART, NULL},
        {PEER_HEAR, "USE \"p\"\n"}, {PEER_SAY, "OK \"p\"\n"}, {PEER_HEAR, "SCAN \"\"\n"},
        {PEER_SAY, "OK 0\n"}, {PEER_PART, NULL}, {PEER_HEAR, "USE \"p\"\n"},
        {PEER_SAY, "OK \"p\"\n"}, {PEER_HEAR, "BEGIN\n"}, {PEER_SAY, "OK\n"}, {PEER_PART, NULL});
    struct leveret *db = peer_client(peer);
    cr_assert_eq(use(db, "p"), LEVERET_OK);
    leveret_disconnect(db);
    cr_assert_eq(leveret_line(db, leveret_text("get a")), LEVERET_OK);
    cr_assert_eq(leveret_pending(db), 1, "the reply to USE is none of the caller's");
    cr_assert_eq(leveret_next(db, &answer), LEVERET_OK);
    cr_assert_eq(leveret_answer_status(answer), LEVERET_NOT_FOUND);
    leveret_disconnect(db);
    cr_assert_eq(leveret_request(db, &ping, 1), LEVERET_OK);
    cr_assert_eq(leveret_next(db, &answer), LEVERET_OK);
    leveret_disconnect(db);
    cr_assert_eq(leveret_scan_open(db, &(struct leveret_range){0}, &scan), LEVERET_OK);
    cr_assert_eq(leveret_scan_next(scan, NULL, NULL), LEVERET_END);
    leveret_scan_close(scan);
    leveret_disconnect(db);
    cr_assert_eq(leveret_begin(db), LEVERET_OK);
    leveret_free(db);
    peer_close(peer);
}

Test(prefix, refused_on_a_new_connection_fails_the_call_and_nothing_is_sent)
{
    struct peer *peer = PEER_PLAYS(
        {PEER_HEAR, "USE \"p\"\n"}, {PEER_SAY, "OK \"p\"\n"}, {PEER_HANG_UP, NULL},
        {PEER_HEAR, "USE \"p\"\n"}, {PEER_SAY, "ERR LIMIT \"too long\"\n"}, {PEER_PART, NULL},
        {PEER_HEAR, "USE \"p\"\n"}, {PEER_SAY, "ERR UNKNOWN_COMMAND \"an older server\"\n"},
        {PEER_PART, NULL}, {PEER_HEAR, "USE \"p\"\n"}, {PEER_SAY, "OK \"p\"\n"},
        {PEER_HEAR, "PUT \"k\" \"v\"\n"}, {PEER_SAY, "OK\n"});
    struct leveret *db = peer_client(peer);
    cr_assert_eq(use(db, "p"), LEVERET_OK);
    await_end(db);
    cr_assert_eq(put(db), LEVERET_ERROR);
    cr_assert_str_eq(leveret_error_code(db), "LIMIT");
    cr_assert_eq(leveret_line(db, leveret_text("PUT k v")), LEVERET_ERROR);
    cr_assert_eq(leveret_pending(db), 0);
    cr_assert_eq(put(db), LEVERET_OK, "it is tried again each time");
    leveret_free(db);
    peer_close(peer);
}

Test(prefix, that_the_server_names_otherwise_is_not_agreed_to)
{
    static const char *const replies[] = {"OK\n",        "OK \"\"\n", "OK \"P\"\n",
                                          "OK \"pq\"\n", "OK 1\n",    "NOT_FOUND\n"};
    for (size_t i = 0; i < sizeof(replies) / sizeof(replies[0]); i++) {
        struct peer *peer =
            PEER_PLAYS({PEER_HEAR, "USE \"p\"\n"}, {PEER_SAY, replies[i]}, {PEER_PART, NULL});
        struct leveret *db = peer_client(peer);
        cr_assert_eq(use(db, "p"), LEVERET_PROTOCOL, "%s", replies[i]);
        expect_prefix(db, "");
        leveret_free(db);
        peer_close(peer);
    }
}

Test(prefix, refused_where_another_is_in_force_leaves_that_one)
{
    struct peer *peer = PEER_PLAYS(
        {PEER_HEAR, "USE \"p\"\n"}, {PEER_SAY, "OK \"p\"\n"}, {PEER_HEAR, "USE \"pq\"\n"},
        {PEER_SAY, "ERR LIMIT \"too long\"\n"}, {PEER_HEAR, "PUT \"k\" \"v\"\n"},
        {PEER_SAY, "OK\n"}, {PEER_HANG_UP, NULL}, {PEER_HEAR, "USE \"p\"\n"},
        {PEER_SAY, "OK \"p\"\n"}, {PEER_HEAR, "PUT \"k\" \"v\"\n"}, {PEER_SAY, "OK\n"});
    struct leveret *db = peer_client(peer);
    cr_assert_eq(use(db, "p"), LEVERET_OK);
    cr_assert_eq(use(db, "pq"), LEVERET_ERROR);
    expect_prefix(db, "p");
    cr_assert_eq(put(db), LEVERET_OK);
    await_end(db);
    cr_assert_eq(put(db), LEVERET_OK);
    leveret_free(db);
    peer_close(peer);
}

Test(prefix, is_left_and_a_new_connection_hears_nothing_of_it)
{
    struct peer *peer =
        PEER_PLAYS({PEER_HEAR, "USE \"p\"\n"}, {PEER_SAY, "OK \"p\"\n"}, {PEER_HEAR, "USE\n"},
                   {PEER_SAY, "OK \"\"\n"}, {PEER_HEAR, "PUT \"k\" \"v\"\n"}, {PEER_SAY, "OK\n"},
                   {PEER_PART, NULL}, {PEER_HEAR, "PUT \"k\" \"v\"\n"}, {PEER_SAY, "OK\n"});
    struct leveret *db = peer_client(peer);
    cr_assert_eq(use(db, "p"), LEVERET_OK);
    cr_assert_eq(leveret_use(db, leveret_bytes(NULL, 0)), LEVERET_OK);
    cr_assert_eq(put(db), LEVERET_OK);
    leveret_disconnect(db);
    cr_assert_eq(put(db), LEVERET_OK);
    leveret_free(db);
    peer_close(peer);
}

Test(prefix, given_without_a_connection_replaces_the_one_before_at_once)
{
    struct peer *peer =
        PEER_PLAYS({PEER_HEAR, "USE \"p\"\n"}, {PEER_SAY, "OK \"p\"\n"}, {PEER_PART, NULL},
                   {PEER_HEAR, "USE \"q\"\n"}, {PEER_SAY, "OK \"q\"\n"},
                   {PEER_HEAR, "PUT \"k\" \"v\"\n"}, {PEER_SAY, "OK\n"});
    struct leveret *db = peer_client(peer);
    cr_assert_eq(use(db, "p"), LEVERET_OK);
    leveret_disconnect(db);
    cr_assert_eq(use(db, "q"), LEVERET_OK);
    cr_assert_eq(put(db), LEVERET_OK);
    leveret_free(db);
    peer_close(peer);
}

/* Once while the first is told, once while the second is: both times nothing else may go out. */
Test(prefix, that_nobody_answers_fails_the_call)
{
    struct peer *peer =
        PEER_PLAYS({PEER_HEAR, "USE \"p\"\n"}, {PEER_HANG_UP, NULL}, {PEER_HEAR, "USE \"p\"\n"},
                   {PEER_SAY, "OK \"p\"\n"}, {PEER_HANG_UP, NULL}, {PEER_HEAR, "USE \"p\"\n"},
                   {PEER_PART, NULL}, {PEER_HEAR, "USE \"p\"\n"}, {PEER_SAY, "OK \"p\"\n"},
                   {PEER_HEAR, "PUT \"k\" \"v\"\n"}, {PEER_SAY, "OK\n"});
    struct leveret *db = peer_client(peer);
    cr_assert_eq(use(db, "p"), LEVERET_LOST);
    expect_prefix(db, "");
    cr_assert_eq(use(db, "p"), LEVERET_OK);
    await_end(db);
    leveret_set_timeouts(db, 5000, 30);
    cr_assert_eq(put(db), LEVERET_TIMEOUT);
    leveret_set_timeouts(db, 5000, 5000);
    cr_assert_eq(put(db), LEVERET_OK);
    leveret_free(db);
    peer_close(peer);
}

Test(prefix, does_not_bring_a_lost_batch_back)
{
    struct peer *peer =
        PEER_PLAYS({PEER_HEAR, "USE \"p\"\n"}, {PEER_SAY, "OK \"p\"\n"}, {PEER_HEAR, "BEGIN\n"},
                   {PEER_SAY, "OK\n"}, {PEER_HANG_UP, NULL}, {PEER_HEAR, "USE \"p\"\n"},
                   {PEER_SAY, "OK \"p\"\n"}, {PEER_HEAR, "PUT \"k\" \"v\"\n"}, {PEER_SAY, "OK\n"});
    struct leveret *db = peer_client(peer);
    cr_assert_eq(use(db, "p"), LEVERET_OK);
    cr_assert_eq(leveret_begin(db), LEVERET_OK);
    await_end(db);
    cr_assert_eq(use(db, "q"), LEVERET_LOST);
    cr_assert_eq(put(db), LEVERET_LOST);
    cr_assert_eq(leveret_abort(db), LEVERET_OK);
    cr_assert_eq(put(db), LEVERET_OK);
    expect_prefix(db, "p");
    leveret_free(db);
    peer_close(peer);
}

Test(prefix, cannot_change_under_requests_or_a_scan)
{
    const struct leveret_answer *answer = NULL;
    struct leveret_scan *scan = NULL;
    struct peer *peer =
        PEER_PLAYS({PEER_HEAR, "PING\n"}, {PEER_SAY, "OK\n"}, {PEER_HEAR, "SCAN \"\"\n"},
                   {PEER_SAY, "OK 0\n"}, {PEER_PART, NULL});
    struct leveret *db = peer_client(peer);
    cr_assert_eq(leveret_line(db, leveret_text("PING")), LEVERET_OK);
    cr_assert_eq(use(db, "p"), LEVERET_MISUSE);
    cr_assert_eq(leveret_next(db, &answer), LEVERET_OK);
    cr_assert_eq(leveret_scan_open(db, &(struct leveret_range){0}, &scan), LEVERET_OK);
    cr_assert_eq(use(db, "p"), LEVERET_MISUSE);
    cr_assert_eq(leveret_scan_next(scan, NULL, NULL), LEVERET_END);
    leveret_scan_close(scan);
    expect_prefix(db, "");
    leveret_free(db);
    peer_close(peer);
}

static void expect_tied(const char *heard, struct leveret_bytes name, bool as_line)
{
    const struct leveret_answer *answer = NULL;
    struct peer *peer =
        PEER_PLAYS({PEER_HEAR, heard}, {PEER_SAY, "OK \"\"\n"}, {PEER_HANG_UP, NULL},
                   {PEER_HEAR, "PUT \"k\" \"v\"\n"}, {PEER_SAY, "OK\n"});
    struct leveret *db = peer_client(peer);
    cr_assert_eq(as_line ? leveret_line(db, name) : leveret_request(db, &name, 1), LEVERET_OK);
    cr_assert_eq(leveret_next(db, &answer), LEVERET_OK);
    await_end(db);
    cr_assert_eq(put(db), LEVERET_LOST, "%s", heard);
    cr_assert_eq(leveret_line(db, leveret_text("PUT k v")), LEVERET_LOST);
    cr_assert_eq(leveret_connect(db), LEVERET_LOST);
    leveret_disconnect(db);
    cr_assert_eq(put(db), LEVERET_OK);
    leveret_free(db);
    peer_close(peer);
}

/* The library cannot tell a new connection what it did not understand itself. */
Test(prefix, set_by_a_request_of_ones_own_is_never_lost_in_silence)
{
    expect_tied("use\n", leveret_text("use"), false);
    expect_tied("BEGIN\n", leveret_text("BEGIN"), false);
    expect_tied("  Use p\n", leveret_text("  Use p"), true);
    expect_tied("begin\r\n", leveret_text("begin\r"), true);
    expect_tied("\"USE\" p\n", leveret_text("\"USE\" p"), true);
    expect_tied("'USE' p\n", leveret_text("'USE' p"), true);
}

/* No limit for replies is none for the making of a connection. */
Test(prefix, is_waited_for_as_long_as_a_connection_is)
{
    struct peer *peer = PEER_PLAYS({PEER_HEAR, "USE \"p\"\n"}, {PEER_PART, NULL});
    struct leveret *db = peer_client(peer);
    leveret_set_timeouts(db, 30, 0);
    cr_assert_eq(use(db, "p"), LEVERET_TIMEOUT);
    leveret_free(db);
    peer_close(peer);
}
