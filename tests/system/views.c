/* Snapshots and ranges through libleveret, against a live daemon. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "tests/system/library.h"

static struct leveret *db;

static void start(void)
{
    library_open("--max-snapshots", "2");
    db = library_db;
}

TestSuite(views, .init = start, .fini = library_close, .timeout = 90);

static void put(const char *key, const char *value)
{
    OK(leveret_put(db, leveret_text(key), leveret_text(value)));
}

static const struct leveret_bytes none = {NULL, 0};

Test(views, a_snapshot_stays_as_it_was_for_every_kind_of_read)
{
    uint64_t then = 0;
    uint64_t count = 0;
    struct leveret_bytes value;
    struct leveret_bytes a = leveret_text("a");
    put("a", "old");
    put("b:1", "old");
    OK(leveret_snapshot(db, 0, &then));
    put("a", "new");
    OK(leveret_del(db, leveret_text("b:1"), NULL));
    put("c", "new");

    OK(leveret_get_at(db, a, then, LEVERET_VERIFY | LEVERET_NOCACHE, &value));
    library_expect_text(value, "old");
    OK(leveret_get_at(db, a, 0, LEVERET_VERIFY, &value));
    library_expect_text(value, "new");
    cr_assert_eq(leveret_get_at(db, leveret_text("c"), then, 0, &value), LEVERET_NOT_FOUND);
    library_expect_keys(&(struct leveret_range){.snapshot = then}, "a", "b:1", NULL);
    library_expect_keys(&(struct leveret_range){.flags = LEVERET_VERIFY}, "a", "c", NULL);
    OK(leveret_count(db, &(struct leveret_range){.snapshot = then, .from = leveret_text("b")},
                     &count));
    cr_assert_eq(count, 1);
    OK(leveret_release(db, then));
}

Test(views, a_snapshot_outlives_its_connection_and_not_its_release)
{
    uint64_t then = 0;
    put("a", "1");
    OK(leveret_snapshot(db, 300, &then));
    leveret_disconnect(db);
    library_expect_keys(&(struct leveret_range){.snapshot = then}, "a", NULL);
    OK(leveret_release(db, then));
    cr_assert_eq(leveret_release(db, then), LEVERET_ERROR);
    cr_assert_str_eq(leveret_error_code(db), "SNAPSHOT");
    cr_assert_eq(leveret_get_at(db, leveret_text("a"), then, 0, NULL), LEVERET_ERROR);
    cr_assert_str_eq(leveret_error_code(db), "SNAPSHOT");
    cr_assert_eq(leveret_snapshot(db, 86401, &then), LEVERET_ERROR);
    cr_assert_str_eq(leveret_error_code(db), "BADARG");
    OK(leveret_snapshot(db, 86400, NULL));
    OK(leveret_snapshot(db, 0, NULL));
    cr_assert_eq(leveret_snapshot(db, 0, NULL), LEVERET_ERROR);
    cr_assert_str_eq(leveret_error_code(db), "LIMIT");
}

/* Pages of bytes, each resumed behind the last key of the one before, are the whole. */
Test(views, a_range_comes_in_pages_of_bytes)
{
    char key[8];
    char last[8];
    unsigned rows = 0;
    unsigned pages = 0;
    struct leveret_range range = {.bytes = 100};
    for (unsigned i = 0; i < 100; i++) {
        snprintf(key, sizeof(key), "k%04u", i);
        put(key, "01234");
    }
    for (bool more = true; more; pages++) {
        struct leveret_scan *scan = NULL;
        struct leveret_bytes next;
        OK(leveret_scan_open(db, &range, &scan));
        while (leveret_scan_next(scan, NULL, NULL) == LEVERET_OK)
            rows++;
        more = leveret_scan_more(scan, &next);
        if (more) {
            cr_assert_eq(next.len, 5);
            memcpy(last, next.data, next.len);
            range.after = leveret_bytes(last, next.len);
        }
        leveret_scan_close(scan);
    }
    cr_assert_eq(rows, 100);
    cr_assert_eq(pages, 10);
}

static void expect_children(const struct leveret_range *range, struct leveret_bytes delimiter,
                            const char *first, const char *second)
{
    struct leveret_scan *scan = NULL;
    struct leveret_bytes key;
    OK(leveret_list_open(db, range, delimiter, &scan));
    OK(leveret_scan_next(scan, &key, NULL));
    library_expect_text(key, first);
    OK(leveret_scan_next(scan, &key, NULL));
    library_expect_text(key, second);
    cr_assert_eq(leveret_scan_next(scan, NULL, NULL), LEVERET_END);
    leveret_scan_close(scan);
}

Test(views, children_are_listed_now_and_as_they_were)
{
    uint64_t then = 0;
    put("shop:fruit:apple", "1");
    put("shop:hours", "9-17");
    OK(leveret_snapshot(db, 0, &then));
    OK(leveret_del(db, leveret_text("shop:hours"), NULL));
    put("shop:wine:red", "3");
    expect_children(&(struct leveret_range){.prefix = leveret_text("shop:")}, none,
                    "shop:fruit:", "shop:wine:");
    expect_children(&(struct leveret_range){.prefix = leveret_text("shop:"), .snapshot = then},
                    leveret_text(":"), "shop:fruit:", "shop:hours");
    expect_children(&(struct leveret_range){0}, leveret_text("i"), "shop:frui", "shop:wi");
}

Test(views, a_prefix_in_use_holds_for_them_too)
{
    uint64_t then = 0;
    struct leveret_bytes value;
    put("mine:a", "old");
    put("other", "old");
    OK(leveret_use(db, leveret_text("mine:")));
    OK(leveret_snapshot(db, 0, &then));
    put("a", "new");
    leveret_disconnect(db);
    OK(leveret_get_at(db, leveret_text("a"), then, 0, &value));
    library_expect_text(value, "old");
    library_expect_keys(&(struct leveret_range){.snapshot = then}, "a", NULL);
}

Test(views, a_range_is_deleted_and_its_disk_given_back)
{
    uint64_t count = 0;
    struct leveret_range range = {
        .prefix = leveret_text("k"), .from = leveret_text("k3"), .to = leveret_text("k6")};
    put("j", "");
    for (char key[] = "k0"; key[1] <= '9'; key[1]++)
        put(key, "");
    OK(leveret_del_range(db, &range, true, &count));
    cr_assert_eq(count, 3);
    OK(leveret_count(db, &range, &count));
    cr_assert_eq(count, 3, "a dry run deletes nothing");
    OK(leveret_del_range(db, &range, false, &count));
    cr_assert_eq(count, 3);
    OK(leveret_compact(db, &range));
    OK(leveret_compact(db, NULL));
    library_expect_keys(&(struct leveret_range){.flags = LEVERET_KEYS}, "j", "k0", "k1", "k2", "k6",
                        "k7", "k8", "k9", NULL);
    range.limit = 1;
    cr_assert_eq(leveret_del_range(db, &range, false, NULL), LEVERET_MISUSE);
    OK(leveret_del_range(db, &(struct leveret_range){.prefix = leveret_text("k")}, false, NULL));
    library_expect_keys(&(struct leveret_range){.flags = LEVERET_KEYS}, "j", NULL);
}
