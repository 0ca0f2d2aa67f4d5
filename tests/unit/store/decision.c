/*
 * Decisions over a store of one row, "a" -> "1", that counts how often it is asked.
 */
#include "store/decision.h"

#include <criterion/criterion.h>
#include <stdio.h>

#include "tests/lib/report.h"

struct shelf {
    unsigned looks;
    bool broken;
};

static bool look(void *engine, struct slice key, bool *present, struct buffer *value,
                 struct store_error *error)
{
    struct shelf *shelf = engine;
    shelf->looks++;
    if (shelf->broken) {
        *error = (struct store_error){.status = STATUS_IO, .text = "the shelf is broken"};
        return false;
    }
    *present = slice_equal(key, SLICE("a"));
    if (*present)
        buffer_append_string(value, "1");
    return true;
}

static struct shelf shelf;
static struct decision decision;
static struct submission *run;

static void start(void)
{
    shelf = (struct shelf){0};
    decision = (struct decision){.look = look, .engine = &shelf, .overlay = {.key = {1, 2}}};
    run = submission_new();
}

static void stop(void)
{
    submission_free(run);
    decision_fini(&decision);
}

TestSuite(decision, .init = start, .fini = stop);

static void begin(enum write_answer answer)
{
    cr_assert(submission_reserve(run));
    submission_begin(run, answer);
}

static void add_put(const char *key, const char *value)
{
    begin(WRITE_ANSWERS_OK);
    submission_put(run, slice_from_string(key), slice_from_string(value));
    submission_end(run);
}

/* A put under a condition. */
static void add_put_if(enum mutation_kind check, const char *key, const char *old,
                       const char *value)
{
    begin(WRITE_ANSWERS_OK);
    submission_check(run, check, slice_from_string(key), slice_from_string(old));
    submission_put(run, slice_from_string(key), slice_from_string(value));
    submission_end(run);
}

static void add_incr(const char *key, int64_t delta)
{
    begin(WRITE_ANSWERS_VALUE);
    submission_add(run, slice_from_string(key), delta);
    submission_end(run);
}

/* A deletion of up to two keys that answers how many were there. */
static void add_delete(const char *key, const char *other)
{
    begin(WRITE_ANSWERS_DELETED);
    submission_delete(run, slice_from_string(key));
    if (other != NULL)
        submission_delete(run, slice_from_string(other));
    submission_end(run);
}

/* Decides the whole round; `fates` has a letter for each write: y when it may happen. */
static void expect(const char *fates)
{
    decision_begin(&decision, run);
    cr_assert_eq(run->count, strlen(fates));
    for (size_t i = 0; i < run->count; i++)
        cr_assert_eq(decision_make(&decision, run, &run->writes[i]), fates[i] == 'y',
                     "write %zu: %s", i, status_word(run->writes[i].status));
}

static void expect_status(size_t number, enum status status)
{
    cr_assert_eq(run->writes[number].status, status, "write %zu: %s", number,
                 status_word(run->writes[number].status));
}

Test(decision, asks_nobody_about_writes_that_look_at_nothing)
{
    add_put("a", "2");
    add_put("b", "2");
    expect("yy");
    cr_assert_eq(shelf.looks, 0);
    cr_assert_eq(decision.overlay.count, 0, "and notes nothing, for none comes that looks");
}

Test(decision, holds_conditions_against_the_store)
{
    add_put_if(CHECK_VALUE, "a", "1", "x");
    expect("y");
    add_put_if(CHECK_VALUE, "a", "2", "x");
    add_put_if(CHECK_ABSENT, "a", "", "x");
    add_put_if(CHECK_PRESENT, "b", "", "x");
    add_put_if(CHECK_VALUE, "b", "", "x");
    expect("ynnnn");
    for (size_t i = 1; i < 5; i++)
        expect_status(i, STATUS_CONFLICT);
    report_equal("the key", run->writes[1].conflict, SLICE("a"));
    report_equal("the key", run->writes[4].conflict, SLICE("b"));
}

Test(decision, lets_later_writes_of_a_round_see_earlier_ones)
{
    add_put("a", "2");
    add_put_if(CHECK_VALUE, "a", "1", "x");
    add_put_if(CHECK_VALUE, "a", "2", "3");
    add_delete("a", NULL);
    add_put_if(CHECK_PRESENT, "a", "", "x");
    add_put_if(CHECK_ABSENT, "a", "", "4");
    add_incr("a", 5);
    add_put_if(CHECK_VALUE, "a", "9", "end");
    expect("ynyynyyy");
    cr_assert_eq(shelf.looks, 0, "the round itself knows: %u", shelf.looks);
}

Test(decision, lets_nobody_see_what_did_not_happen)
{
    add_put_if(CHECK_ABSENT, "a", "", "never");
    add_put_if(CHECK_VALUE, "a", "1", "2");
    add_put_if(CHECK_VALUE, "a", "never", "x");
    expect("nyn");
}

Test(decision, makes_all_checks_before_any_change)
{
    begin(WRITE_ANSWERS_OK);
    submission_put(run, SLICE("b"), SLICE("1"));
    submission_delete(run, SLICE("a"));
    submission_check(run, CHECK_ABSENT, SLICE("b"), SLICE(""));
    submission_check(run, CHECK_VALUE, SLICE("a"), SLICE("1"));
    submission_end(run);
    add_put_if(CHECK_ABSENT, "a", "", "x");
    expect("yy");
}

Test(decision, counts_each_deleted_key_once)
{
    add_delete("a", "a");
    add_delete("a", "b");
    add_put("b", "1");
    add_delete("a", "b");
    expect("yyyy");
    cr_assert_eq(run->writes[0].deleted, 1);
    cr_assert_eq(run->writes[1].deleted, 0);
    cr_assert_eq(run->writes[3].deleted, 1);
}

static void expect_sum(size_t number, const char *sum)
{
    report_equal("the sum", run->writes[number].value, slice_from_string(sum));
}

Test(decision, adds_to_what_the_round_left)
{
    add_incr("a", 4);
    add_incr("a", -7);
    add_incr("new", INT64_MIN);
    add_incr("new", -1);
    add_incr("new", INT64_MAX);
    expect("yyyny");
    expect_sum(0, "5");
    expect_sum(1, "-2");
    expect_sum(2, "-9223372036854775808");
    expect_status(3, STATUS_OVERFLOW);
    expect_sum(4, "-1");
}

Test(decision, adds_to_numbers_only)
{
    add_put("a", "1x");
    add_incr("a", 1);
    add_put("a", "");
    add_incr("a", 1);
    add_put_if(CHECK_VALUE, "a", "", "2");
    expect("ynyny");
    expect_status(1, STATUS_NOT_NUMBER);
    expect_status(3, STATUS_NOT_NUMBER);
}

Test(decision, starts_every_round_from_the_store)
{
    add_delete("a", NULL);
    add_incr("a", 1);
    expect("yy");
    expect_sum(1, "1");
    submission_free(run);
    run = submission_new();
    add_incr("a", 1);
    expect("y");
    expect_sum(0, "2");
}

/* A refused request keeps its place in the run and asks for nothing. */
Test(decision, passes_over_what_was_refused)
{
    cr_assert(submission_reserve(run));
    submission_refuse(run, STATUS_BADARG, "no");
    decision_begin(&decision, run);
    cr_assert_eq(decision.looking, 0);
}

Test(decision, of_a_store_that_cannot_answer_is_an_error)
{
    shelf.broken = true;
    add_put("b", "1");
    add_put_if(CHECK_PRESENT, "a", "", "2");
    add_put_if(CHECK_PRESENT, "b", "", "2");
    expect("yny");
    expect_status(1, STATUS_IO);
    cr_assert_str_eq(run->writes[1].problem, "the shelf is broken");
}
