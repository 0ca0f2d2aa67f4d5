/*
 * Cursors: what is kept, what goes first, and that a number is never two places.
 */
#include "server/commands/redis/cursor.h"

#include <criterion/criterion.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/lib/report.h"

static struct cursors *cursors;
static struct buffer key;

static void start(void)
{
    cursors = cursors_new();
    cr_assert(cursors != NULL);
}

static void stop(void)
{
    cursors_free(cursors);
    buffer_fini(&key);
}

TestSuite(cursor, .init = start, .fini = stop, .timeout = 60);

static uint32_t add(const char *text)
{
    uint32_t number = cursors_add(cursors, SLICE(""), slice_from_string(text));
    cr_assert(number > 0 && number < (uint32_t)1 << 31, "%u", number);
    return number;
}

static void expect_key(uint32_t number, struct slice expected)
{
    cr_assert(cursors_use(cursors, number, SLICE(""), &key), "%u is unknown", number);
    report_equal("key", buffer_slice(&key), expected);
}

static void expect_unknown(uint64_t number)
{
    cr_assert_not(cursors_use(cursors, number, SLICE(""), &key), "%llu is known",
                  (unsigned long long)number);
}

Test(cursor, leads_to_its_key_however_often_it_is_used)
{
    uint32_t one = add("one");
    uint32_t two = add("two");
    cr_assert_neq(one, two);
    expect_key(one, SLICE("one"));
    expect_key(two, SLICE("two"));
    expect_key(one, SLICE("one"));
}

Test(cursor, is_unknown_to_all_but_its_owner)
{
    uint32_t number = cursors_add(cursors, SLICE("hare"), SLICE("key"));
    cr_assert_not(cursors_use(cursors, number, SLICE("tortoise"), &key));
    cr_assert_not(cursors_use(cursors, number, SLICE(""), &key));
    cr_assert_not(cursors_use(cursors, number, SLICE("harekey"), &key));
    cr_assert(cursors_use(cursors, number, SLICE("hare"), &key));
    report_equal("key", buffer_slice(&key), SLICE("key"));
}

Test(cursor, may_stand_behind_any_bytes)
{
    uint32_t empty = cursors_add(cursors, SLICE(""), slice_of(NULL, 0));
    uint32_t odd = cursors_add(cursors, SLICE(""), SLICE("\0\xff\r\n"));
    expect_key(odd, SLICE("\0\xff\r\n"));
    expect_key(empty, SLICE(""));
}

Test(cursor, that_was_never_given_out_is_unknown)
{
    uint32_t one = add("one");
    expect_unknown(0);
    expect_unknown(one + 1);
    expect_unknown((uint64_t)one + CURSORS_MOST);
    expect_unknown((uint64_t)one + ((uint64_t)1 << 31));
    expect_unknown((uint64_t)one + ((uint64_t)1 << 32));
    expect_unknown(UINT64_MAX);
}

/* What goes ------------------------------------------------------------------------ */

static void add_many(size_t count)
{
    for (size_t i = 0; i < count; i++)
        add("more");
}

Test(cursor, goes_when_it_is_the_oldest_and_there_is_no_room)
{
    uint32_t one = add("one");
    uint32_t two = add("two");
    add_many(CURSORS_MOST - 2);
    add("one too many");
    expect_unknown(one);
    expect_key(two, SLICE("two"));
}

Test(cursor, that_was_used_goes_before_any_that_was_not)
{
    uint32_t waiting = add("waiting");
    uint32_t used = add("used");
    expect_key(used, SLICE("used"));
    add_many(CURSORS_MOST - 2);
    expect_key(used, SLICE("used"));
    add("one too many");
    expect_unknown(used);
    expect_key(waiting, SLICE("waiting"));
}

Test(cursor, that_was_used_last_goes_after_those_used_before_it)
{
    uint32_t one = add("one");
    uint32_t two = add("two");
    add_many(CURSORS_MOST - 2);
    expect_key(two, SLICE("two"));
    expect_key(one, SLICE("one"));
    add("one too many");
    expect_unknown(two);
    expect_key(one, SLICE("one"));
}

/* Each page uses a cursor and gives out the next. */
Test(cursor, of_a_slow_scan_outlives_any_number_of_pages_of_a_fast_one)
{
    uint32_t slow = add("slow");
    uint32_t fast = add("fast");
    for (size_t i = 0; i < 5 * CURSORS_MOST; i++) {
        expect_key(fast, SLICE("fast"));
        fast = add("fast");
    }
    expect_key(slow, SLICE("slow"));
}

/* So a client that comes back with it learns that it is gone, and does not go on elsewhere. */
Test(cursor, that_went_stays_unknown_when_its_place_has_another)
{
    uint32_t one = add("one");
    add_many(3 * CURSORS_MOST);
    expect_unknown(one);
}

static struct slice long_key(size_t len)
{
    static char bytes[CURSORS_MOST_BYTES + 1];
    memset(bytes, 'x', sizeof(bytes));
    return slice_of(bytes, len);
}

Test(cursor, makes_room_for_the_bytes_of_others)
{
    uint32_t one = cursors_add(cursors, SLICE(""), long_key(CURSORS_MOST_BYTES / 2));
    uint32_t two = cursors_add(cursors, SLICE(""), long_key(CURSORS_MOST_BYTES / 2));
    expect_key(one, long_key(CURSORS_MOST_BYTES / 2));
    expect_key(two, long_key(CURSORS_MOST_BYTES / 2));
    uint32_t three = cursors_add(cursors, SLICE(""), SLICE("x"));
    expect_unknown(one);
    expect_key(two, long_key(CURSORS_MOST_BYTES / 2));
    expect_key(three, SLICE("x"));
}

Test(cursor, behind_a_key_of_any_length_is_kept_alone)
{
    uint32_t one = add("one");
    uint32_t huge = cursors_add(cursors, SLICE(""), long_key(CURSORS_MOST_BYTES + 1));
    expect_unknown(one);
    expect_key(huge, long_key(CURSORS_MOST_BYTES + 1));
    uint32_t next = add("next");
    expect_unknown(huge);
    expect_key(next, SLICE("next"));
}

/* Threads -------------------------------------------------------------------------- */

static void *scan_by_hand(void *arg)
{
    const char *name = arg;
    struct buffer found = {0};
    size_t *failures = calloc(1, sizeof(*failures));
    for (size_t i = 0; i < 20000; i++) {
        char text[32];
        int len = snprintf(text, sizeof(text), "%s:%zu", name, i);
        struct slice place = slice_of(text, (size_t)len);
        uint32_t number = cursors_add(cursors, SLICE(""), place);
        *failures += !cursors_use(cursors, number, SLICE(""), &found) ||
                     !slice_equal(buffer_slice(&found), place);
    }
    buffer_fini(&found);
    return failures;
}

Test(cursor, belongs_to_all_threads)
{
    static char names[][2] = {"a", "b", "c", "d"};
    pthread_t threads[4];
    for (size_t i = 0; i < 4; i++)
        cr_assert_eq(pthread_create(&threads[i], NULL, scan_by_hand, names[i]), 0);
    for (size_t i = 0; i < 4; i++) {
        void *failures = NULL;
        pthread_join(threads[i], &failures);
        cr_assert_eq(*(size_t *)failures, 0);
        free(failures);
    }
}

/* Text ----------------------------------------------------------------------------- */

static void expect_read(struct slice text, uint64_t expected)
{
    uint64_t number = 99;
    cr_assert(cursor_read(text, &number), "%s", report_show(text));
    cr_assert_eq(number, expected, "%s", report_show(text));
}

Test(cursor, is_read_as_redis_reads_it)
{
    expect_read(SLICE("0"), 0);
    expect_read(SLICE(""), 0);
    expect_read(slice_of(NULL, 0), 0);
    expect_read(SLICE("007"), 7);
    expect_read(SLICE("+7"), 7);
    expect_read(SLICE("-0"), 0);
    expect_read(SLICE("-1"), UINT64_MAX);
    expect_read(SLICE("7\0junk"), 7);
    expect_read(SLICE("\0007"), 0);
    expect_read(SLICE("18446744073709551615"), UINT64_MAX);
}

Test(cursor, that_redis_refuses_is_refused)
{
    static const struct slice texts[] = {
        SLICE("a"),
        SLICE("1a"),
        SLICE(" 1"),
        SLICE("1 "),
        SLICE("-"),
        SLICE("+"),
        SLICE("--1"),
        SLICE("+-1"),
        SLICE("0x10"),
        SLICE("1.5"),
        SLICE("- 1"),
        SLICE("\n1"),
        SLICE("18446744073709551616"),
        SLICE("-18446744073709551616"),
    };
    uint64_t number = 0;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        cr_assert_not(cursor_read(texts[i], &number), "%s", report_show(texts[i]));
}
