#include "store/history.h"

#include <criterion/criterion.h>

#include "protocol/quote.h"
#include "tests/lib/chance.h"
#include "tests/lib/report.h"

/* What a change takes besides its key and value. */
#define HEAD 24

static struct history history;

static void fini(void)
{
    history_fini(&history);
}

TestSuite(history, .fini = fini);

static void start(uint64_t capacity)
{
    cr_assert(history_init(&history, capacity));
}

/* A write of one change. */
static void put(const char *key, const char *value)
{
    struct slice k = slice_from_string(key);
    struct slice v = value == NULL ? slice_of(NULL, 0) : slice_from_string(value);
    history_begin(&history, history_size(k, v));
    history_add(&history, k, v);
}

/* A line for each change: its write's number, key, value, and a full stop where the write ends. */
static void say(struct slice bytes, struct buffer *said)
{
    struct history_change change;
    while (history_read(&bytes, &change)) {
        buffer_append_u64(said, change.number);
        buffer_append_byte(said, ' ');
        quote_append(said, change.key);
        if (change.value.data != NULL)
            quote_append(said, change.value);
        buffer_append_string(said, change.ends ? ".\n" : "\n");
    }
    cr_assert_eq(bytes.len, 0, "half a change is left");
}

static void expect_from(uint64_t number, const char *expected)
{
    struct buffer copy = {0};
    struct buffer said = {0};
    uint64_t offset = 0;
    cr_assert(history_find(&history, number, &offset), "write %llu is gone",
              (unsigned long long)number);
    history_copy(&history, offset, UINT64_MAX, &copy);
    say(buffer_slice(&copy), &said);
    report_equal("changes", buffer_slice(&said), slice_from_string(expected));
    buffer_fini(&copy);
    buffer_fini(&said);
}

static void expect_gone(uint64_t number)
{
    uint64_t offset = 0;
    cr_assert_not(history_find(&history, number, &offset));
}

Test(history, holds_puts_and_deletions_in_order)
{
    start(4096);
    put("a", "1");
    put("a", "");
    put("", NULL);
    expect_from(1, "1 \"a\"\"1\".\n2 \"a\"\"\".\n3 \"\".\n");
    expect_from(0, "1 \"a\"\"1\".\n2 \"a\"\"\".\n3 \"\".\n");
    expect_from(3, "3 \"\".\n");
    expect_from(4, "");
    cr_assert_eq(history.last, 3);
}

Test(history, that_is_empty_has_nothing_to_tell)
{
    start(4096);
    expect_from(0, "");
    expect_from(1, "");
}

Test(history, drops_the_oldest_write_when_the_ring_is_full)
{
    start(2 * (HEAD + 2));
    put("a", "1");
    put("b", "2");
    expect_from(0, "1 \"a\"\"1\".\n2 \"b\"\"2\".\n");
    put("c", "3");
    cr_assert_eq(history.dropped, 1);
    expect_gone(0);
    expect_gone(1);
    expect_from(2, "2 \"b\"\"2\".\n3 \"c\"\"3\".\n");
}

Test(history, drops_a_write_as_a_whole)
{
    start(3 * (HEAD + 2));
    history_begin(&history, 2 * (HEAD + 2));
    history_add(&history, SLICE("a"), SLICE("1"));
    history_add(&history, SLICE("b"), SLICE("2"));
    put("c", "3");
    expect_from(1, "1 \"a\"\"1\"\n1 \"b\"\"2\".\n2 \"c\"\"3\".\n");
    put("d", NULL); /* a byte less than the first change alone would give */
    expect_gone(1);
    expect_from(2, "2 \"c\"\"3\".\n3 \"d\".\n");
}

Test(history, is_emptied_by_a_write_larger_than_the_ring)
{
    start(2 * (HEAD + 2));
    put("a", "1");
    history_begin(&history, 2 * (HEAD + 2) + 1);
    history_add(&history, SLICE("b"), SLICE("2"));
    history_add(&history, SLICE("c"), SLICE("33"));
    expect_gone(0);
    expect_gone(1);
    expect_gone(2);
    put("d", "4");
    expect_from(3, "3 \"d\"\"4\".\n");
}

/* The model is nothing but all lines ever, and where each write starts in them. */
#define WRITES 2000

struct model {
    struct buffer said;
    size_t starts[WRITES + 2];
};

static void add_random_write(struct chance *chance, struct buffer *said)
{
    static char bytes[40000];
    size_t changes = 1 + chance_below(chance, chance_below(chance, 20) == 0 ? 200 : 3);
    size_t longest = chance_below(chance, 100) == 0 ? sizeof(bytes) : 60;
    struct slice keys[200];
    struct slice values[200];
    uint64_t size = 0;
    for (size_t i = 0; i < changes; i++) {
        keys[i] = slice_of(bytes, chance_below(chance, 30));
        values[i] = slice_of(bytes, chance_below(chance, longest));
        if (chance_below(chance, 4) == 0)
            values[i] = slice_of(NULL, 0);
        size += history_size(keys[i], values[i]);
    }
    chance_bytes(chance, bytes, 60);
    history_begin(&history, size);
    for (size_t i = 0; i < changes; i++) {
        history_add(&history, keys[i], values[i]);
        buffer_append_u64(said, history.last);
        buffer_append_byte(said, ' ');
        quote_append(said, keys[i]);
        if (values[i].data != NULL)
            quote_append(said, values[i]);
        buffer_append_string(said, i + 1 == changes ? ".\n" : "\n");
    }
}

Test(history, of_any_size_tells_of_the_newest_writes_and_of_no_other)
{
    static const uint64_t capacities[] = {1, 25, 1000, 65536, 65537, 300001, 5000000};
    static struct model model;
    struct chance chance = {7};
    for (size_t c = 0; c < sizeof(capacities) / sizeof(capacities[0]); c++) {
        if (c > 0)
            history_fini(&history);
        start(capacities[c]);
        buffer_clear(&model.said);
        for (uint64_t n = 1; n <= WRITES; n++) {
            model.starts[n] = model.said.len;
            add_random_write(&chance, &model.said);
            model.starts[n + 1] = model.said.len;
            cr_assert(history.head - history.tail <= history.capacity);
            if (n % 50 != 0)
                continue;
            uint64_t asked = n - chance_below(&chance, 50);
            if (asked <= history.dropped) {
                expect_gone(asked);
                continue;
            }
            buffer_append_byte(&model.said, '\0');
            expect_from(asked, model.said.data + model.starts[asked]);
            model.said.len--;
        }
    }
    buffer_fini(&model.said);
}

/* Pieces: where copied bytes may be cut. */

Test(history, is_cut_behind_whole_writes)
{
    uint64_t wanted = 0;
    struct buffer copy = {0};
    start(4096);
    put("a", "1");
    history_begin(&history, 2 * (HEAD + 2));
    history_add(&history, SLICE("b"), SLICE("2"));
    history_add(&history, SLICE("c"), SLICE("3"));
    history_copy(&history, 0, UINT64_MAX, &copy);
    cr_assert_eq(copy.len, 3 * (HEAD + 2));
    cr_assert_eq(history_whole(slice_of(copy.data, copy.len), &wanted), copy.len);
    for (size_t len = HEAD + 2; len < copy.len; len++)
        cr_assert_eq(history_whole(slice_of(copy.data, len), &wanted), HEAD + 2);
    for (size_t len = HEAD; len < HEAD + 2; len++) {
        wanted = 0;
        cr_assert_eq(history_whole(slice_of(copy.data, len), &wanted), 0);
        cr_assert_eq(wanted, HEAD + 2);
    }
    /* Of a write that is not all there, whole changes. */
    const char *second = copy.data + HEAD + 2;
    cr_assert_eq(history_whole(slice_of(second, 2 * (HEAD + 2) - 1), &wanted), HEAD + 2);
    buffer_fini(&copy);
}
