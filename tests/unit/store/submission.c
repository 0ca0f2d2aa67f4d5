/*
 * What a write changes, as the engine, the followers and the watchers are told of it.
 */
#include "store/submission.h"

#include <criterion/criterion.h>

#include "tests/lib/report.h"

static struct submission *run;

static void start(void)
{
    run = submission_new();
}

static void stop(void)
{
    submission_free(run);
}

TestSuite(submission, .init = start, .fini = stop);

static void nothing(struct program *program, const struct slice *argv, size_t argc,
                    unsigned flavour)
{
    (void)program;
    (void)argv;
    (void)argc;
    (void)flavour;
}

static void begin(enum write_answer answer)
{
    cr_assert(submission_reserve(run));
    submission_begin(run, answer);
}

static void expect_changes(size_t number, const char *expected)
{
    struct changes changes = submission_changes(run, &run->writes[number]);
    struct buffer told = {0};
    struct slice key;
    struct slice value;
    while (changes_next(&changes, &key, &value)) {
        buffer_append_slice(&told, key);
        buffer_append_string(&told, value.data == NULL ? "" : "=");
        buffer_append_slice(&told, value);
        buffer_append_byte(&told, ';');
    }
    report_equal("the changes", buffer_slice(&told), slice_from_string(expected));
    buffer_fini(&told);
}

Test(submission, changes_what_its_mutations_say_in_their_order)
{
    begin(WRITE_ANSWERS_OK);
    submission_check(run, CHECK_ABSENT, SLICE("not a change"), SLICE(""));
    submission_put(run, SLICE("b"), SLICE("1"));
    submission_delete(run, SLICE("a"));
    submission_put(run, SLICE("b"), SLICE(""));
    submission_put(run, SLICE(""), SLICE("2"));
    submission_end(run);
    expect_changes(0, "b=1;a;b=;=2;");
}

Test(submission, changes_only_what_is_its_own)
{
    for (int i = 0; i < 2; i++) {
        begin(WRITE_ANSWERS_OK);
        submission_put(run, SLICE("k"), i == 0 ? SLICE("first") : SLICE("second"));
        submission_end(run);
        cr_assert(submission_reserve(run));
        submission_refuse(run, STATUS_BADARG, "no");
    }
    expect_changes(0, "k=first;");
    expect_changes(2, "k=second;");
}

/* Programs are no change; what they did is. */
Test(submission, changes_what_its_programs_did)
{
    static const struct slice argv[] = {{"an", 2}, {"argument", 8}};
    begin(WRITE_ANSWERS_SAID);
    submission_run(run, nothing, 7, argv, 2);
    submission_run(run, nothing, 8, NULL, 0);
    submission_end(run);
    expect_changes(0, "");
    struct write *write = &run->writes[0];
    cr_assert_not_null(submission_change(write, SLICE("a"), SLICE("1")));
    cr_assert_not_null(submission_change(write, SLICE("gone"), slice_of(NULL, 0)));
    cr_assert_not_null(submission_change(write, SLICE(""), SLICE("")));
    expect_changes(0, "a=1;gone;=;");
    submission_forget_changes(write);
    expect_changes(0, "");
    cr_assert_not_null(submission_change(write, SLICE("b"), SLICE("2")));
    expect_changes(0, "b=2;");
}

Test(submission, brings_programs_their_arguments)
{
    static const struct slice argv[] = {{"an", 2}, {"", 0}, {"a\0b", 3}};
    begin(WRITE_ANSWERS_SAID);
    submission_run(run, nothing, 7, argv, 3);
    submission_end(run);
    size_t at = run->writes[0].first;
    struct mutation mutation = submission_read(run, &at);
    cr_assert_eq(at, run->writes[0].end);
    cr_assert_eq(mutation.kind, MUTATION_RUN);
    cr_assert(mutation.run.program == nothing && mutation.run.flavour == 7);
    cr_assert_eq(mutation.run.argc, 3);
    size_t argument = 0;
    for (size_t i = 0; i < 3; i++)
        report_equal("an argument", submission_argument(&mutation, &argument), argv[i]);
    cr_assert_eq(argument, mutation.value.len);
}

/* A transaction is built aside and then added to the run. */
Test(submission, takes_over_the_mutations_of_another)
{
    struct submission *more = submission_new();
    cr_assert(submission_reserve(more));
    submission_begin(more, WRITE_ANSWERS_OK);
    submission_put(more, SLICE("b"), SLICE("2"));
    submission_check(more, CHECK_PRESENT, SLICE("c"), SLICE(""));
    begin(WRITE_ANSWERS_OK);
    submission_put(run, SLICE("a"), SLICE("1"));
    cr_assert_not(run->writes[0].looks);
    submission_append(run, more);
    submission_end(run);
    submission_free(more);
    cr_assert(run->writes[0].looks, "it looks as the other did");
    expect_changes(0, "a=1;b=2;");
}
