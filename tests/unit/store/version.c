#include "store/version.h"

#include <criterion/criterion.h>

/* Edits as LevelDB writes them: tag, then numbers of seven bits a byte, or bytes with their length.
 */
#define BEGINNING                                                                                  \
    SLICE("\x01\x1aleveldb.BytewiseComparator\x02\x03\x09\x02\x03\x04\x04\xac\x02"                 \
          "\x05\x01\x03key")
#define TWO_TABLES                                                                                 \
    SLICE("\x07\x00\x05\x90\x4e\x01"                                                               \
          "a\x01z\x07\x02\x06\x07\x01q\x02zz")
#define ONE_GONE SLICE("\x06\x00\x05")
#define ONE_MOVED SLICE("\x07\x01\x06\x07\x01q\x02zz\x06\x02\x06")

static struct version version;

static void clean(void)
{
    version_fini(&version);
}

TestSuite(version, .fini = clean, .timeout = 60);

Test(version, knows_logs_and_sequence)
{
    cr_assert_not(version_is_whole(&version));
    cr_assert(version_apply(&version, BEGINNING));
    cr_assert(version_is_whole(&version));
    cr_assert_eq(version.log, 3);
    cr_assert_eq(version.previous, 2);
    cr_assert_eq(version.sequence, 300);
    cr_assert(version_apply(&version, SLICE("\x02\x03\x04\xad\x02"))); /* the same log */
    cr_assert_eq(version.sequence, 301);
    cr_assert_eq(version.log_sequence, 300);
    cr_assert(version_apply(&version, SLICE("\x02\x04\x04\xae\x02")));
    cr_assert_eq(version.log_sequence, 302);
}

Test(version, knows_which_tables_there_are)
{
    cr_assert(version_apply(&version, TWO_TABLES));
    cr_assert_eq(version.count, 2);
    cr_assert_eq(version.tables[0].number, 5);
    cr_assert_eq(version.tables[0].size, 10000);
    cr_assert(version_apply(&version, ONE_GONE));
    cr_assert(version.tables[0].gone);
    cr_assert_not(version.tables[1].gone);
}

/* Whichever an edit tells first: what it adds is there. */
Test(version, keeps_a_table_that_moves)
{
    cr_assert(version_apply(&version, TWO_TABLES));
    cr_assert(version_apply(&version, ONE_MOVED));
    cr_assert_eq(version.count, 2);
    cr_assert_eq(version.tables[1].number, 6);
    cr_assert_eq(version.tables[1].size, 7);
    cr_assert_not(version.tables[1].gone);
}

Test(version, refuses_an_edit_that_was_cut_within_a_field)
{
    struct slice edit = TWO_TABLES;
    size_t half = SLICE("\x07\x00\x05\x90\x4e\x01"
                        "a\x01z")
                      .len;
    for (size_t len = 0; len <= edit.len; len++) {
        struct version cut = {0};
        bool whole = len == 0 || len == half || len == edit.len;
        cr_assert_eq(version_apply(&cut, slice_of(edit.data, len)), whole, "cut at %zu", len);
        version_fini(&cut);
    }
}

Test(version, refuses_what_no_edit_holds)
{
    cr_assert_not(version_apply(&version, SLICE("\x08\x01")));
    cr_assert_not(version_apply(&version, SLICE("\x00")));
    cr_assert_not(version_apply(&version, SLICE("\x01\xff\xff\xff\xff\x0fshort")));
    cr_assert_not(
        version_apply(&version, SLICE("\x02\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01")));
    cr_assert_not(version_is_start(SLICE("")));
    cr_assert_not(version_is_start(SLICE("k00001")));
    cr_assert(version_is_start(BEGINNING));
}
