/*
 * Keys half-way between two others, and ranges cut into pieces of about one size.
 */
#include "store/piece.h"

#include <criterion/criterion.h>

#include "tests/lib/chance.h"
#include "tests/lib/report.h"

/* The middle ----------------------------------------------------------------- */

static void expect_middle(struct slice low, struct slice high, struct slice expected)
{
    struct buffer middle = {0};
    bool found = piece_middle(low, high, &middle);
    cr_assert_eq(found, expected.data != NULL, "between %s and %s", report_show(low),
                 report_show(high));
    if (found)
        report_equal("the middle", buffer_slice(&middle), expected);
    buffer_fini(&middle);
}

Test(piece, is_cut_half_way_between_two_keys)
{
    expect_middle(SLICE("a"), SLICE("c"), SLICE("b"));
    expect_middle(SLICE("a"), SLICE("b"), SLICE("a\x80"));
    expect_middle(SLICE("book:1"), SLICE("book:3"), SLICE("book:2"));
    expect_middle(SLICE("book:1"), SLICE("book:2"), SLICE("book:1\x80"));
    expect_middle(SLICE("a\xff"), SLICE("b\x01"), SLICE("b"));
    expect_middle(SLICE("a"), SLICE("a\x02"), SLICE("a\x01"));
    expect_middle(SLICE(""), SLICE("\x80"), SLICE("@"));
    expect_middle(SLICE(""), PIECE_NO_END, SLICE("\x80"));
    expect_middle(SLICE("\xfe"), PIECE_NO_END, SLICE("\xff"));
    expect_middle(SLICE("\xff"), PIECE_NO_END, SLICE("\xff\x80"));
}

#define NOWHERE slice_of(NULL, 0)

Test(piece, is_not_cut_where_no_key_fits)
{
    expect_middle(SLICE("a"), SLICE("a"), NOWHERE);
    expect_middle(SLICE(""), SLICE(""), NOWHERE);
    expect_middle(SLICE("a"), SLICE("a\0"), NOWHERE);
    expect_middle(SLICE("a"), SLICE("a\0\0\0"), NOWHERE);
    expect_middle(SLICE("b"), SLICE("a"), NOWHERE);
}

static struct slice any_key(struct chance *chance, char *into, size_t most)
{
    static const char bytes[] = {'\0', '\x01', 'a', 'b', '\xfe', '\xff'};
    size_t len = chance_below(chance, most + 1);
    for (size_t i = 0; i < len; i++)
        into[i] = bytes[chance_below(chance, sizeof(bytes))];
    return slice_of(into, len);
}

/* Halving goes on until nothing lies between, and never leaves the two. */
Test(piece, is_cut_inside_its_range_however_often_it_is_halved)
{
    struct chance chance = {41};
    char low_bytes[6];
    char high_bytes[6];
    struct buffer low = {0};
    struct buffer middle = {0};
    for (unsigned round = 0; round < 5000; round++) {
        struct slice start = any_key(&chance, low_bytes, sizeof(low_bytes));
        struct slice high = any_key(&chance, high_bytes, sizeof(high_bytes));
        unsigned steps = 0;
        buffer_clear(&low);
        buffer_append_slice(&low, start);
        for (; piece_middle(buffer_slice(&low), high, &middle); steps++) {
            cr_assert(slice_compare(buffer_slice(&low), buffer_slice(&middle)) < 0);
            cr_assert(slice_compare(buffer_slice(&middle), high) < 0);
            buffer_clear(&low);
            buffer_append_slice(&low, buffer_slice(&middle));
            cr_assert(steps < 300 && middle.len < 40);
        }
        if (slice_compare(start, high) < 0 && memchr(high.data, '\0', high.len) == NULL)
            cr_assert(steps > 0, "nothing between %s and %s", report_show(start),
                      report_show(high));
    }
    buffer_fini(&low);
    buffer_fini(&middle);
}

/* The cut -------------------------------------------------------------------- */

#define ROWS 2000
#define KEY_BYTES 12

/* A made-up store: rows in order, each of some size. */
struct rows {
    char keys[ROWS][KEY_BYTES];
    uint64_t sizes[ROWS];
    size_t count;
    uint64_t all;
};

static uint64_t size_of(void *engine, struct slice low, struct slice high)
{
    const struct rows *rows = engine;
    uint64_t bytes = 0;
    for (size_t i = 0; i < rows->count; i++) {
        struct slice key = slice_of(rows->keys[i], KEY_BYTES);
        if (slice_compare(key, low) >= 0 && (high.data == NULL || slice_compare(key, high) < 0))
            bytes += rows->sizes[i];
    }
    return bytes;
}

static void fill(struct rows *rows, size_t count, uint64_t largest)
{
    struct chance chance = {42};
    rows->count = count;
    for (size_t i = 0; i < count; i++) {
        rows->sizes[i] = 1 + chance_below(&chance, (size_t)largest);
        rows->all += rows->sizes[i];
        memcpy(rows->keys[i], "book:", 5);
        chance_bytes(&chance, rows->keys[i] + 5, KEY_BYTES - 5);
    }
}

static void expect_pieces(struct rows *rows, struct slice high, uint64_t most, uint64_t largest)
{
    struct piece piece = {0};
    struct buffer low = {0};
    uint64_t passed = 0;
    do {
        piece_cut(&piece, buffer_slice(&low), high, most, size_of, rows);
        passed += piece.bytes;
        cr_assert_eq(passed + piece.rest, rows->all);
        cr_assert(piece.bytes <= most || piece.bytes <= most / 2 + largest);
        cr_assert(piece.last || piece.bytes >= most / 2);
        if (!piece.last) {
            struct slice end = buffer_slice(&piece.end);
            cr_assert(slice_compare(buffer_slice(&low), end) < 0);
            cr_assert_eq(size_of(rows, buffer_slice(&low), end), piece.bytes);
            buffer_clear(&low);
            buffer_append_slice(&low, end);
        }
    } while (!piece.last);
    cr_assert_eq(passed, rows->all);
    cr_assert_eq(piece.rest, 0);
    buffer_fini(&low);
    piece_fini(&piece);
}

Test(piece, is_about_as_large_as_wanted_and_all_together_are_the_whole)
{
    struct rows *rows = calloc(1, sizeof(*rows));
    fill(rows, ROWS, 100);
    expect_pieces(rows, PIECE_NO_END, rows->all / 20, 100);
    expect_pieces(rows, SLICE("c"), rows->all / 20, 100);
    expect_pieces(rows, SLICE("book;"), rows->all / 3, 100);
    expect_pieces(rows, PIECE_NO_END, rows->all, 100);
    free(rows);
}

/* Rows larger than a piece are pieces of their own, and the end is still reached. */
Test(piece, holds_one_row_when_that_is_too_large_already)
{
    struct rows *rows = calloc(1, sizeof(*rows));
    fill(rows, 200, 1000); /* each piece asks many times for sizes */
    expect_pieces(rows, PIECE_NO_END, 10, 1000);
    free(rows);
}

Test(piece, of_nothing_is_the_last)
{
    struct rows *rows = calloc(1, sizeof(*rows));
    struct piece piece = {0};
    piece_cut(&piece, SLICE("x"), PIECE_NO_END, 10, size_of, rows);
    cr_assert(piece.last);
    cr_assert_eq(piece.bytes, 0);
    cr_assert_eq(piece.rest, 0);
    piece_fini(&piece);
    free(rows);
}
