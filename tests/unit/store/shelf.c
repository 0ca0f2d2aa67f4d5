/*
 * The shelf: what was put there is found until the room is needed, and what is asked for stays.
 */
#include "store/shelf.h"

#include <criterion/criterion.h>
#include <stdio.h>

#include "store/hash.h"

#define BUCKETS 64
#define WORDS 4096

static struct shelf_bucket buckets[BUCKETS];
static _Atomic uint64_t ring[WORDS];
static struct shelf shelf;
static char value[SHELF_LONGEST];

static void start(void)
{
    shelf = (struct shelf){
        .buckets = buckets,
        .mask = BUCKETS - 1,
        .ring = ring,
        .words = WORDS,
    };
}

TestSuite(shelf, .init = start, .timeout = 60);

static void add(struct slice key, struct slice what)
{
    shelf_add(&shelf, hash_quick(key), key, what);
}

static bool has(struct slice key, struct slice what)
{
    size_t len;
    return shelf_find(&shelf, hash_quick(key), key, value, &len) &&
           slice_equal(slice_of(value, len), what);
}

static bool is_there(struct slice key)
{
    size_t len;
    return shelf_find(&shelf, hash_quick(key), key, value, &len);
}

static bool drop(struct slice key)
{
    return shelf_drop(&shelf, hash_quick(key), key);
}

/* A value of some length that is told from others. */
static struct slice numbered(char text[SHELF_LONGEST], size_t len, unsigned number)
{
    for (size_t i = 0; i < len; i++)
        text[i] = (char)(number + i);
    return slice_of(text, len);
}

static struct slice name(char text[32], unsigned number)
{
    return slice_of(text, (size_t)snprintf(text, 32, "key:%u", number));
}

Test(shelf, tells_keys_and_lengths_apart)
{
    add(SLICE(""), SLICE("of no key"));
    add(SLICE("a"), SLICE("1"));
    add(SLICE("a\0"), SLICE("12345678"));
    add(SLICE("abcdefgh"), SLICE("123456789"));
    add(SLICE("abcdefghi"), SLICE(""));
    cr_assert(has(SLICE(""), SLICE("of no key")));
    cr_assert(has(SLICE("a"), SLICE("1")));
    cr_assert(has(SLICE("a\0"), SLICE("12345678")));
    cr_assert(has(SLICE("abcdefgh"), SLICE("123456789")));
    cr_assert(has(SLICE("abcdefghi"), SLICE("")));
    cr_assert_not(is_there(SLICE("A")));
}

/* Keys of one hash: they share bucket and tag, and nothing else. */
Test(shelf, tells_keys_of_one_hash_apart)
{
    size_t len;
    shelf_add(&shelf, 7, SLICE("a"), SLICE("1"));
    shelf_add(&shelf, 7, SLICE("b"), SLICE("2"));
    cr_assert(shelf_find(&shelf, 7, SLICE("b"), value, &len));
    cr_assert_eq(value[0], '2');
    cr_assert(shelf_drop(&shelf, 7, SLICE("b")));
    cr_assert(shelf_find(&shelf, 7, SLICE("a"), value, &len));
    cr_assert_eq(value[0], '1');
}

Test(shelf, leaves_what_is_there_already)
{
    add(SLICE("a"), SLICE("1"));
    size_t used = shelf.used;
    add(SLICE("a"), SLICE("2"));
    cr_assert(has(SLICE("a"), SLICE("1")));
    cr_assert_eq(shelf.used, used);
}

Test(shelf, drops_a_key_and_no_other)
{
    add(SLICE("a"), SLICE("1"));
    add(SLICE("b"), SLICE("2"));
    cr_assert(drop(SLICE("a")));
    cr_assert_not(drop(SLICE("a")));
    cr_assert_not(is_there(SLICE("a")));
    cr_assert(has(SLICE("b"), SLICE("2")));
}

Test(shelf, has_no_place_for_what_is_long)
{
    static char bytes[SHELF_LONGEST + 1];
    add(SLICE("fits"), slice_of(bytes, 4000));
    add(SLICE("long"), slice_of(bytes, 4096));
    shelf.words = 1000;
    cr_assert(is_there(SLICE("fits")) == false, "it is a great part of a ring of 1,000 words");
    cr_assert_not(is_there(SLICE("long")));
    cr_assert_not(shelf_fits(&shelf, slice_of(bytes, sizeof(bytes)), SLICE("")));
    cr_assert_not(shelf_fits(&shelf, SLICE(""), slice_of(bytes, sizeof(bytes))));
}

/* Entries of every length go around the end of the ring many times; what is there is right. */
Test(shelf, is_right_around_its_end)
{
    char text[32];
    char bytes[SHELF_LONGEST];
    unsigned there = 0;
    for (unsigned i = 0; i < 20000; i++) {
        size_t len = i * 7 % 600;
        add(name(text, i), numbered(bytes, len, i));
        cr_assert(has(name(text, i), numbered(bytes, len, i)), "%u", i);
        cr_assert_leq(shelf.used, (size_t)WORDS);
        unsigned before = i - i % 97;
        if (is_there(name(text, before))) {
            cr_assert(has(name(text, before), numbered(bytes, before * 7 % 600, before)));
            there += before != i;
        }
    }
    cr_assert(there > 1000, "only %u were there later", there);
}

/* Who has just had another turn may still lose its slot to one of its bucket. */
Test(shelf, lets_the_oldest_go_that_nobody_asked_for)
{
    char text[32];
    unsigned lost = 0;
    add(SLICE("favourite"), SLICE("asked for all the time"));
    add(SLICE("forgotten"), SLICE("asked for by nobody"));
    for (unsigned i = 0; i < 10000; i++) {
        add(name(text, i), SLICE("a value of about fifty bytes, to fill the room"));
        lost += !has(SLICE("favourite"), SLICE("asked for all the time"));
        add(SLICE("favourite"), SLICE("asked for all the time"));
    }
    cr_assert(lost <= 2, "lost %u times while the ring went around 20 times", lost);
    cr_assert_not(is_there(SLICE("forgotten")));
    cr_assert(shelf.used > WORDS * 9 / 10);
}

Test(shelf, notes_the_last_misses_of_a_bucket)
{
    struct shelf_bucket *bucket = &buckets[0];
    uint64_t tag = (uint64_t)1 << 49;
    for (uint64_t i = 1; i <= 4; i++)
        cr_assert_not(shelf_note_miss(bucket, i * tag));
    cr_assert(shelf_note_miss(bucket, 1 * tag));
    cr_assert_not(shelf_note_miss(bucket, 5 * tag));
    cr_assert_not(shelf_note_miss(bucket, 1 * tag), "four others came since");
    cr_assert(shelf_note_miss(bucket, 5 * tag));
}

Test(shelf, is_empty_when_it_is_cleared)
{
    char text[32];
    for (unsigned i = 0; i < 50; i++)
        add(name(text, i), SLICE("value"));
    shelf_clear(&shelf);
    for (unsigned i = 0; i < 50; i++)
        cr_assert_not(is_there(name(text, i)));
    cr_assert_eq(shelf.used, 0);
    add(SLICE("a"), SLICE("1"));
    cr_assert(has(SLICE("a"), SLICE("1")));
}
