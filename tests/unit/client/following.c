/* The change feed as the library gives it. */
#include <criterion/criterion.h>

#include "client/leveret.h"
#include "tests/lib/report.h"
#include "tests/unit/client/peer.h"

static struct leveret_follow *follow_open(struct leveret *db, const char *prefix, const char *from)
{
    struct leveret_follow *follow = NULL;
    struct leveret_bytes start = from == NULL ? leveret_bytes(NULL, 0) : leveret_text(from);
    cr_assert_eq(leveret_follow_open(db, leveret_text(prefix), start, &follow), LEVERET_OK);
    return follow;
}

static void expect_part(const char *what, struct leveret_bytes got, const char *expected)
{
    if (expected == NULL)
        cr_assert_null(got.data, "%s", what);
    else
        report_equal(what, slice_of(got.data, got.len), slice_from_string(expected));
}

static void expect_change(struct leveret_follow *follow, enum leveret_change_kind kind,
                          const char *key, const char *value, const char *sequence)
{
    struct leveret_change change;
    cr_assert_eq(leveret_follow_next(follow, &change), LEVERET_OK);
    cr_assert_eq(change.kind, kind);
    expect_part("key", change.key, key);
    expect_part("value", change.value, value);
    expect_part("sequence", change.sequence, sequence);
    expect_part("latest sequence", leveret_follow_sequence(follow), sequence);
}

static void expect_end(struct leveret_follow *follow, enum leveret_status status)
{
    struct leveret_change change;
    cr_assert_eq(leveret_follow_next(follow, &change), status);
    cr_assert_eq(leveret_follow_next(follow, &change), status, "final, and repeated");
    leveret_follow_close(follow);
}

Test(following, changes_come_with_their_sequences)
{
    struct peer *peer = PEER_PLAYS(
        {PEER_HEAR, "FOLLOW \"a b\"\n"},
        {PEER_DRIBBLE, "\"SEQ\" \"1700-0\"\n\"PUT\" \"k\\xFF\" \"\" \"1700-1\"\n# a remark\n"
                       "\"DEL\" \"SEQ\" \"1700-2\"\n\"PUT\" \"\" \"v\" \"1700-2\"\n"
                       "\"SEQ\" \"1700-9\"\n"});
    struct leveret *db = peer_client(peer);
    struct leveret_follow *follow = follow_open(db, "a b", NULL);
    expect_part("no sequence yet", leveret_follow_sequence(follow), NULL);
    expect_change(follow, LEVERET_CHANGE_NONE, NULL, NULL, "1700-0");
    expect_change(follow, LEVERET_CHANGE_PUT, "k\xff", "", "1700-1");
    expect_change(follow, LEVERET_CHANGE_DEL, "SEQ", NULL, "1700-2");
    expect_change(follow, LEVERET_CHANGE_PUT, "", "v", "1700-2");
    expect_change(follow, LEVERET_CHANGE_NONE, NULL, NULL, "1700-9");
    expect_end(follow, LEVERET_LOST); /* the peer has played its script */
    leveret_free(db);
    peer_close(peer);
}

Test(following, a_feed_is_resumed_from_the_latest_sequence_on_a_new_connection)
{
    char last[32];
    struct peer *peer = PEER_PLAYS(
        {PEER_HEAR, "USE \"p:\"\n"}, {PEER_SAY, "OK \"p:\"\n"}, {PEER_HEAR, "FOLLOW \"\"\n"},
        {PEER_SAY, "\"SEQ\" \"1700-4\"\n"}, {PEER_SAY, "\"DEL\" \"k\" \"1700-5\"\n\"PUT\" \"l\" "},
        {PEER_HANG_UP, NULL}, {PEER_HEAR, "USE \"p:\"\n"}, {PEER_SAY, "OK \"p:\"\n"},
        {PEER_HEAR, "FOLLOW \"\" \"FROM\" \"1700-5\"\n"}, {PEER_SAY, "\"SEQ\" \"1700-5\"\n"});
    struct leveret *db = peer_client(peer);
    cr_assert_eq(leveret_use(db, leveret_text("p:")), LEVERET_OK);
    struct leveret_follow *follow = follow_open(db, "", NULL);
    expect_change(follow, LEVERET_CHANGE_NONE, NULL, NULL, "1700-4");
    expect_change(follow, LEVERET_CHANGE_DEL, "k", NULL, "1700-5");
    struct leveret_bytes sequence = leveret_follow_sequence(follow);
    cr_assert_lt(sequence.len, sizeof(last));
    memcpy(last, sequence.data, sequence.len);
    last[sequence.len] = '\0';
    expect_end(follow, LEVERET_LOST);
    follow = follow_open(db, "", last);
    expect_change(follow, LEVERET_CHANGE_NONE, NULL, NULL, "1700-5");
    leveret_follow_close(follow);
    leveret_free(db);
    peer_close(peer);
}

Test(following, a_gap_is_an_error_and_the_connection_goes_on)
{
    struct peer *peer =
        PEER_PLAYS({PEER_HEAR, "FOLLOW \"\" \"FROM\" \"1-1\"\n"},
                   {PEER_SAY, "ERR LOST \"not in the history\"\n"}, {PEER_HEAR, "FOLLOW \"\"\n"},
                   {PEER_SAY, "\"SEQ\" \"2-7\"\nERR LOST \"too slow\"\n"}, {PEER_HEAR, "PING\n"},
                   {PEER_SAY, "OK\n"});
    struct leveret *db = peer_client(peer);
    expect_end(follow_open(db, "", "1-1"), LEVERET_ERROR);
    cr_assert_str_eq(leveret_error_code(db), "LOST");
    struct leveret_follow *follow = follow_open(db, "", NULL);
    expect_change(follow, LEVERET_CHANGE_NONE, NULL, NULL, "2-7");
    expect_end(follow, LEVERET_ERROR);
    cr_assert_str_eq(leveret_error_code(db), "LOST");
    cr_assert_eq(leveret_ping(db), LEVERET_OK);
    leveret_free(db);
    peer_close(peer);
}

Test(following, anything_but_a_change_is_another_protocol)
{
    static const char *const rows[] = {"\"PUT\" \"k\" \"1-1\"\n",
                                       "\"DEL\" \"k\" \"v\" \"1-1\"\n",
                                       "\"SEQ\"\n",
                                       "\"SEQ\" \"k\" \"1-1\"\n",
                                       "\"put\" \"k\" \"v\" \"1-1\"\n",
                                       "\"k\" \"v\"\n",
                                       "OK 0\n"};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct peer *peer = PEER_PLAYS({PEER_HEAR, "FOLLOW \"\"\n"}, {PEER_SAY, rows[i]});
        struct leveret *db = peer_client(peer);
        expect_end(follow_open(db, "", NULL), LEVERET_PROTOCOL);
        leveret_free(db);
        peer_close(peer);
    }
}

Test(following, a_feed_has_its_connection_alone_until_it_is_closed)
{
    struct leveret_follow *second = NULL;
    struct leveret_scan *scan = NULL;
    struct leveret_bytes none = leveret_bytes(NULL, 0);
    struct peer *peer = PEER_PLAYS({PEER_HEAR, "FOLLOW \"\"\n"}, {PEER_SAY, "\"SEQ\" \"1-0\"\n"},
                                   {PEER_PART, NULL}, {PEER_HEAR, "PING\n"}, {PEER_SAY, "OK\n"});
    struct leveret *db = peer_client(peer);
    struct leveret_follow *follow = follow_open(db, "", NULL);
    expect_change(follow, LEVERET_CHANGE_NONE, NULL, NULL, "1-0");
    cr_assert_eq(leveret_ping(db), LEVERET_MISUSE);
    cr_assert_eq(leveret_line(db, leveret_text("PING")), LEVERET_MISUSE);
    cr_assert_eq(leveret_use(db, leveret_text("p")), LEVERET_MISUSE);
    cr_assert_eq(leveret_follow_open(db, none, none, &second), LEVERET_MISUSE);
    cr_assert_eq(leveret_scan_open(db, &(struct leveret_range){0}, &scan), LEVERET_MISUSE);
    leveret_follow_close(follow);
    cr_assert_eq(leveret_ping(db), LEVERET_OK);
    leveret_free(db);
    peer_close(peer);
}

/* A server that still lives says so in time; one that does not is given up. */
Test(following, silence_ends_a_feed)
{
    struct peer *peer = PEER_PLAYS({PEER_HEAR, "FOLLOW \"\"\n"}, {PEER_SAY, "\"SEQ\" \"1-0\"\n"},
                                   {PEER_SILENCE, NULL});
    struct leveret *db = peer_client(peer);
    leveret_set_timeouts(db, 5000, 30);
    struct leveret_follow *follow = follow_open(db, "", NULL);
    struct leveret_change change;
    enum leveret_status status = leveret_follow_next(follow, &change);
    if (status == LEVERET_OK) /* unless this machine was slower than 30 ms */
        status = leveret_follow_next(follow, &change);
    cr_assert_eq(status, LEVERET_TIMEOUT);
    expect_end(follow, LEVERET_TIMEOUT);
    leveret_free(db);
    peer_close(peer);
}
