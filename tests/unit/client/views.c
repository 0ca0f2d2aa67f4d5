/* Snapshots and views, and the calls about whole ranges: the words that are sent for each. */
#include <criterion/criterion.h>

#include "client/leveret.h"
#include "tests/lib/report.h"
#include "tests/unit/client/peer.h"

Test(views, a_snapshot_is_taken_named_and_released)
{
    uint64_t snapshot = 0;
    struct peer *peer =
        PEER_PLAYS({PEER_HEAR, "SNAPSHOT\n"}, {PEER_SAY, "OK \"18446744073709551615\"\n"},
                   {PEER_HEAR, "SNAPSHOT \"TTL\" \"300\"\n"}, {PEER_SAY, "OK \"7\"\n"},
                   {PEER_HEAR, "RELEASE \"7\"\n"}, {PEER_SAY, "OK\n"},
                   {PEER_HEAR, "RELEASE \"7\"\n"}, {PEER_SAY, "ERR SNAPSHOT \"released\"\n"});
    struct leveret *db = peer_client(peer);
    cr_assert_eq(leveret_snapshot(db, 0, &snapshot), LEVERET_OK);
    cr_assert_eq(snapshot, UINT64_MAX);
    cr_assert_eq(leveret_snapshot(db, 300, &snapshot), LEVERET_OK);
    cr_assert_eq(snapshot, 7);
    cr_assert_eq(leveret_release(db, snapshot), LEVERET_OK);
    cr_assert_eq(leveret_release(db, snapshot), LEVERET_ERROR);
    cr_assert_str_eq(leveret_error_code(db), "SNAPSHOT");
    leveret_free(db);
    peer_close(peer);
}

/* 0 stands for "as it is now" wherever a snapshot may be given. */
Test(views, a_snapshot_that_is_no_number_or_zero_is_none)
{
    static const char *const replies[] = {"OK\n", "OK 7\n", "OK \"\"\n", "OK \"0\"\n",
                                          "OK \"x7\"\n"};
    for (size_t i = 0; i < sizeof(replies) / sizeof(replies[0]); i++) {
        uint64_t snapshot = 5;
        struct peer *peer = PEER_PLAYS({PEER_HEAR, "SNAPSHOT\n"}, {PEER_SAY, replies[i]});
        struct leveret *db = peer_client(peer);
        cr_assert_eq(leveret_snapshot(db, 0, &snapshot), LEVERET_PROTOCOL, "%s", replies[i]);
        cr_assert_eq(snapshot, 5);
        leveret_free(db);
        peer_close(peer);
    }
}

Test(views, one_key_is_read_at_a_snapshot_and_with_care)
{
    struct leveret_bytes key = leveret_text("k");
    struct leveret_bytes value;
    struct peer *peer =
        PEER_PLAYS({PEER_HEAR, "GET \"k\" \"AT\" \"7\"\n"}, {PEER_SAY, "OK \"1\"\n"},
                   {PEER_HEAR, "GET \"k\" \"VERIFY\" \"NOCACHE\"\n"}, {PEER_SAY, "NOT_FOUND\n"},
                   {PEER_PART, NULL});
    struct leveret *db = peer_client(peer);
    cr_assert_eq(leveret_get_at(db, key, 7, 0, &value), LEVERET_OK);
    report_equal("value", slice_of(value.data, value.len), SLICE("1"));
    cr_assert_eq(leveret_get_at(db, key, 0, LEVERET_VERIFY | LEVERET_NOCACHE, &value),
                 LEVERET_NOT_FOUND);
    cr_assert_eq(leveret_get_at(db, key, 7, LEVERET_REVERSE, &value), LEVERET_MISUSE);
    leveret_free(db);
    peer_close(peer);
}

Test(views, a_scan_and_a_count_have_them_too)
{
    struct leveret_scan *scan = NULL;
    struct leveret_range range = {.prefix = leveret_text("p"),
                                  .bytes = 1000,
                                  .snapshot = 7,
                                  .flags = LEVERET_KEYS | LEVERET_VERIFY | LEVERET_NOCACHE};
    struct peer *peer = PEER_PLAYS(
        {PEER_HEAR, "SCAN \"p\" \"KEYS\" \"BYTES\" \"1000\" \"AT\" \"7\" \"VERIFY\" \"NOCACHE\"\n"},
        {PEER_SAY, "OK 0\n"}, {PEER_HEAR, "COUNT \"p\" \"AT\" \"7\" \"VERIFY\" \"NOCACHE\"\n"},
        {PEER_SAY, "OK 0\n"});
    struct leveret *db = peer_client(peer);
    cr_assert_eq(leveret_scan_open(db, &range, &scan), LEVERET_OK);
    cr_assert_eq(leveret_scan_next(scan, NULL, NULL), LEVERET_END);
    leveret_scan_close(scan);
    cr_assert_eq(leveret_count(db, &range, NULL), LEVERET_OK);
    leveret_free(db);
    peer_close(peer);
}

/* Whatever can be said of a range, all at once. */
Test(views, the_longest_range_fits)
{
    struct leveret_bytes a = leveret_text("a");
    struct leveret_scan *scan = NULL;
    struct leveret_range range = {.prefix = a,
                                  .from = a,
                                  .through = a,
                                  .limit = UINT64_MAX,
                                  .bytes = UINT64_MAX,
                                  .snapshot = UINT64_MAX,
                                  .flags = LEVERET_REVERSE | LEVERET_VALUES | LEVERET_VERIFY |
                                           LEVERET_NOCACHE};
    struct peer *peer =
        PEER_PLAYS({PEER_HEAR, "SCAN \"a\" \"FROM\" \"a\" \"THROUGH\" \"a\" \"REVERSE\" \"VALUES\" "
                               "\"LIMIT\" \"18446744073709551615\" "
                               "\"BYTES\" \"18446744073709551615\" "
                               "\"AT\" \"18446744073709551615\" \"VERIFY\" \"NOCACHE\"\n"},
                   {PEER_SAY, "OK 0\n"});
    struct leveret *db = peer_client(peer);
    cr_assert_eq(leveret_scan_open(db, &range, &scan), LEVERET_OK);
    cr_assert_eq(leveret_scan_next(scan, NULL, NULL), LEVERET_END);
    leveret_scan_close(scan);
    leveret_free(db);
    peer_close(peer);
}

Test(views, children_are_rows_of_keys)
{
    struct leveret_scan *scan = NULL;
    struct leveret_bytes key;
    struct leveret_bytes value;
    struct leveret_range range = {
        .prefix = leveret_text("p/"), .after = leveret_text("p/a/"), .limit = 1, .snapshot = 7};
    struct peer *peer = PEER_PLAYS(
        {PEER_HEAR,
         "LIST \"p/\" \"AFTER\" \"p/a/\" \"LIMIT\" \"1\" \"AT\" \"7\" \"DELIM\" \"/\"\n"},
        {PEER_SAY, "\"p/b/\"\nOK 1 MORE \"p/b/\"\n"}, {PEER_HEAR, "LIST \"\"\n"},
        {PEER_SAY, "OK 0\n"}, {PEER_PART, NULL});
    struct leveret *db = peer_client(peer);
    cr_assert_eq(leveret_list_open(db, &range, leveret_text("/"), &scan), LEVERET_OK);
    cr_assert_eq(leveret_scan_next(scan, &key, &value), LEVERET_OK);
    report_equal("child", slice_of(key.data, key.len), SLICE("p/b/"));
    cr_assert_null(value.data);
    cr_assert_eq(leveret_scan_next(scan, NULL, NULL), LEVERET_END);
    cr_assert(leveret_scan_more(scan, &key));
    leveret_scan_close(scan);
    range = (struct leveret_range){0};
    cr_assert_eq(leveret_list_open(db, &range, leveret_bytes(NULL, 0), &scan), LEVERET_OK);
    cr_assert_eq(leveret_scan_next(scan, NULL, NULL), LEVERET_END);
    leveret_scan_close(scan);
    leveret_disconnect(db);
    range.to = leveret_text("a");
    cr_assert_eq(leveret_list_open(db, &range, leveret_text(":"), &scan), LEVERET_MISUSE);
    leveret_free(db);
    peer_close(peer);
}

Test(views, a_range_is_deleted_by_its_bounds_and_never_by_more)
{
    struct leveret_bytes a = leveret_text("a");
    uint64_t count = 0;
    struct leveret_range range = {.prefix = leveret_text("p"), .after = a, .to = a};
    const struct leveret_range wrong[] = {
        {.limit = 1}, {.bytes = 1}, {.snapshot = 1}, {.flags = 1}};
    struct peer *peer = PEER_PLAYS(
        {PEER_HEAR, "DELPREFIX \"p\" \"AFTER\" \"a\" \"TO\" \"a\" \"DRYRUN\"\n"},
        {PEER_SAY, "OK 3\n"}, {PEER_HEAR, "DELPREFIX \"p\" \"AFTER\" \"a\" \"TO\" \"a\"\n"},
        {PEER_SAY, "# 1 deleted\nOK 3\n"}, {PEER_PART, NULL});
    struct leveret *db = peer_client(peer);
    cr_assert_eq(leveret_del_range(db, &range, true, &count), LEVERET_OK);
    cr_assert_eq(count, 3);
    cr_assert_eq(leveret_del_range(db, &range, false, NULL), LEVERET_OK);
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        cr_assert_eq(leveret_del_range(db, &wrong[i], false, NULL), LEVERET_MISUSE);
    leveret_free(db);
    peer_close(peer);
}

Test(views, long_work_is_no_silence_while_remarks_come)
{
    struct leveret_range range = {.prefix = leveret_text("p"), .limit = 5};
    struct peer *peer = PEER_PLAYS(
        {PEER_HEAR, "COMPACT\n"}, {PEER_REMARKS, "# it takes long\n"}, {PEER_SAY, "OK\n"},
        {PEER_HEAR, "COMPACT \"p\"\n"}, {PEER_SAY, "OK\n"}, {PEER_HEAR, "SYNC\n"},
        {PEER_SAY, "OK\n"}, {PEER_HEAR, "PROPERTY \"leveldb.stats\"\n"}, {PEER_SAY, "OK \"\"\n"});
    struct leveret *db = peer_client(peer);
    leveret_set_timeouts(db, 5000, 1000); /* the remarks take 1.5 seconds */
    cr_assert_eq(leveret_compact(db, NULL), LEVERET_OK, "%s", leveret_error_text(db));
    leveret_set_timeouts(db, 5000, 5000);
    cr_assert_eq(leveret_compact(db, &range), LEVERET_OK);
    cr_assert_eq(leveret_sync(db), LEVERET_OK);
    cr_assert_eq(leveret_property(db, "leveldb.stats", NULL), LEVERET_OK);
    leveret_free(db);
    peer_close(peer);
}
