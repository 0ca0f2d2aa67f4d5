#include <criterion/criterion.h>

#include "client/leveret.h"
#include "tests/lib/report.h"
#include "tests/unit/client/peer.h"

static struct leveret_scan *scan_open(struct leveret *db, struct leveret_range range)
{
    struct leveret_scan *scan = NULL;
    cr_assert_eq(leveret_scan_open(db, &range, &scan), LEVERET_OK);
    return scan;
}

static void expect_part(const char *what, struct leveret_bytes got, const char *expected)
{
    if (expected == NULL)
        cr_assert_null(got.data);
    else
        report_equal(what, slice_of(got.data, got.len), slice_from_string(expected));
}

static void expect_row(struct leveret_scan *scan, const char *key, const char *value)
{
    struct leveret_bytes got_key;
    struct leveret_bytes got_value;
    cr_assert_eq(leveret_scan_next(scan, &got_key, &got_value), LEVERET_OK);
    expect_part("key", got_key, key);
    expect_part("value", got_value, value);
}

Test(scanning, a_range_becomes_the_words_of_a_scan)
{
    struct leveret_range range = {.prefix = leveret_text("p"),
                                  .after = leveret_text("a b"),
                                  .through = leveret_text(""),
                                  .limit = 7,
                                  .flags = LEVERET_REVERSE | LEVERET_KEYS};
    struct peer *peer = PEER_PLAYS(
        {PEER_HEAR,
         "SCAN \"p\" \"AFTER\" \"a b\" \"THROUGH\" \"\" \"REVERSE\" \"KEYS\" \"LIMIT\" \"7\"\n"},
        {PEER_SAY, "\"k\"\nOK 1\n"}, {PEER_HEAR, "COUNT \"\"\n"}, {PEER_SAY, "OK 12\n"});
    struct leveret *db = peer_client(peer);
    struct leveret_scan *scan = scan_open(db, range);
    uint64_t count = 0;
    expect_row(scan, "k", NULL);
    cr_assert_eq(leveret_scan_next(scan, NULL, NULL), LEVERET_END);
    cr_assert_eq(leveret_scan_next(scan, NULL, NULL), LEVERET_END);
    leveret_scan_close(scan);
    cr_assert_eq(leveret_count(db, &(struct leveret_range){0}, &count), LEVERET_OK);
    cr_assert_eq(count, 12);
    leveret_free(db);
    peer_close(peer);
}

Test(scanning, rows_of_values_have_no_key)
{
    struct peer *peer = PEER_PLAYS({PEER_HEAR, "SCAN \"\" \"VALUES\"\n"},
                                   {PEER_DRIBBLE, "\"\"\n# a remark\n\"v\"\nOK 2\n"});
    struct leveret *db = peer_client(peer);
    struct leveret_scan *scan = scan_open(db, (struct leveret_range){.flags = LEVERET_VALUES});
    expect_row(scan, NULL, "");
    expect_row(scan, NULL, "v");
    cr_assert_eq(leveret_scan_next(scan, NULL, NULL), LEVERET_END);
    leveret_scan_close(scan);
    leveret_free(db);
    peer_close(peer);
}

Test(scanning, a_limit_leaves_the_key_to_resume_after_even_when_it_is_empty)
{
    struct leveret_bytes key;
    struct peer *peer = PEER_PLAYS({PEER_HEAR, "SCAN \"\" \"LIMIT\" \"1\"\n"},
                                   {PEER_SAY, "\"\" \"v\"\nOK 1 MORE \"\"\n"},
                                   {PEER_HEAR, "SCAN \"\" \"AFTER\" \"\"\n"}, {PEER_SAY, "OK 0\n"});
    struct leveret *db = peer_client(peer);
    struct leveret_scan *scan = scan_open(db, (struct leveret_range){.limit = 1});
    cr_assert(!leveret_scan_more(scan, &key));
    expect_row(scan, "", "v");
    cr_assert_eq(leveret_scan_next(scan, NULL, NULL), LEVERET_END);
    cr_assert(leveret_scan_more(scan, &key));
    cr_assert_not_null(key.data); /* NULL would start the next scan from the beginning */
    cr_assert_eq(key.len, 0);
    leveret_scan_close(scan);
    scan = scan_open(db, (struct leveret_range){.after = leveret_text("")});
    cr_assert_eq(leveret_scan_next(scan, NULL, NULL), LEVERET_END);
    leveret_scan_close(scan);
    leveret_free(db);
    peer_close(peer);
}

Test(scanning, a_scan_cut_off_by_the_server_is_an_error_that_names_the_last_key)
{
    struct leveret_bytes key;
    struct peer *peer = PEER_PLAYS({PEER_HEAR, "SCAN \"\"\n"},
                                   {PEER_SAY, "\"a\" \"1\"\nERR TIMEOUT \"too old\" MORE \"a\"\n"});
    struct leveret *db = peer_client(peer);
    struct leveret_scan *scan = scan_open(db, (struct leveret_range){0});
    expect_row(scan, "a", "1");
    cr_assert_eq(leveret_scan_next(scan, NULL, NULL), LEVERET_ERROR);
    cr_assert_str_eq(leveret_error_code(db), "TIMEOUT");
    cr_assert(leveret_scan_more(scan, &key));
    expect_part("more", key, "a");
    leveret_scan_close(scan);
    leveret_free(db);
    peer_close(peer);
}

Test(scanning, rows_that_were_lost_on_the_way_do_not_pass_as_an_end)
{
    struct peer *peer = PEER_PLAYS({PEER_HEAR, "SCAN \"\"\n"}, {PEER_SAY, "\"a\" \"1\"\nOK 2\n"});
    struct leveret *db = peer_client(peer);
    struct leveret_scan *scan = scan_open(db, (struct leveret_range){0});
    expect_row(scan, "a", "1");
    cr_assert_eq(leveret_scan_next(scan, NULL, NULL), LEVERET_PROTOCOL);
    leveret_scan_close(scan);
    leveret_free(db);
    peer_close(peer);
}

Test(scanning, a_row_of_a_feed_is_no_row_of_a_scan)
{
    struct peer *peer =
        PEER_PLAYS({PEER_HEAR, "SCAN \"\"\n"}, {PEER_SAY, "\"DEL\" \"k\" \"7-1\"\n"});
    struct leveret *db = peer_client(peer);
    struct leveret_scan *scan = scan_open(db, (struct leveret_range){0});
    cr_assert_eq(leveret_scan_next(scan, NULL, NULL), LEVERET_PROTOCOL);
    leveret_scan_close(scan);
    leveret_free(db);
    peer_close(peer);
}

Test(scanning, a_connection_that_ends_in_the_middle_is_told)
{
    struct peer *peer = PEER_PLAYS({PEER_HEAR, "SCAN \"\"\n"}, {PEER_SAY, "\"a\" \"1\"\n\"b\" "},
                                   {PEER_HANG_UP, NULL});
    struct leveret *db = peer_client(peer);
    struct leveret_scan *scan = scan_open(db, (struct leveret_range){0});
    expect_row(scan, "a", "1");
    cr_assert_eq(leveret_scan_next(scan, NULL, NULL), LEVERET_LOST);
    cr_assert_eq(leveret_scan_next(scan, NULL, NULL), LEVERET_LOST);
    leveret_scan_close(scan);
    leveret_free(db);
    peer_close(peer);
}

Test(scanning, an_early_close_drops_the_connection_and_the_next_call_makes_a_new_one)
{
    struct peer *peer =
        PEER_PLAYS({PEER_HEAR, "SCAN \"\"\n"}, {PEER_SAY, "\"a\" \"1\"\n\"b\" \"2\"\n"},
                   {PEER_SILENCE, NULL}, {PEER_HEAR, "PING\n"}, {PEER_SAY, "OK\n"});
    struct leveret *db = peer_client(peer);
    struct leveret_scan *scan = scan_open(db, (struct leveret_range){0});
    expect_row(scan, "a", "1");
    cr_assert_eq(leveret_ping(db), LEVERET_MISUSE); /* the scan has the connection */
    leveret_scan_close(scan);
    cr_assert(!leveret_connected(db));
    cr_assert_eq(leveret_ping(db), LEVERET_OK);
    leveret_free(db);
    peer_close(peer);
}

Test(scanning, contradictory_bounds_are_refused_before_anything_is_sent)
{
    struct leveret_bytes a = leveret_text("a");
    const struct leveret_range ranges[] = {
        {.from = a, .after = a}, {.to = a, .through = a}, {.flags = LEVERET_KEYS | LEVERET_VALUES}};
    struct leveret *db = leveret_new("unix:/nonexistent");
    struct leveret_scan *scan = NULL;
    for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++)
        cr_assert_eq(leveret_scan_open(db, &ranges[i], &scan), LEVERET_MISUSE);
    leveret_free(db);
}
