/*
 * Programs in a round over a store of one row, "a" -> "1", in which the key "!" cannot be read.
 */
#include "store/program.h"

#include <criterion/criterion.h>
#include <stdlib.h>

#include "store/decision.h"
#include "store/watch.h"
#include "tests/lib/report.h"

#define MIB ((size_t)1024 * 1024)

static unsigned looks;
static struct decision decision;
static struct submission *run;

static bool look(void *engine, struct slice key, bool *present, struct buffer *value,
                 struct store_error *error)
{
    (void)engine;
    looks++;
    *present = slice_equal(key, SLICE("a"));
    if (*present)
        buffer_append_string(value, "1");
    *error = (struct store_error){.status = STATUS_IO, .text = "the key cannot be read"};
    return !slice_equal(key, SLICE("!"));
}

static void start(void)
{
    looks = 0;
    decision = (struct decision){.look = look, .overlay = {.key = {1, 2}}};
    run = submission_new();
}

static void stop(void)
{
    submission_free(run);
    decision_fini(&decision);
}

TestSuite(program, .init = start, .fini = stop);

/* Programs ------------------------------------------------------------------------- */

/* Says what each key of its arguments holds. */
static void say(struct program *program, const struct slice *argv, size_t argc, unsigned flavour)
{
    struct buffer *reply = program_reply(program);
    (void)flavour;
    for (size_t i = 0; i < argc; i++) {
        struct slice value;
        bool found = program_get(program, argv[i], &value);
        buffer_append_slice(reply, argv[i]);
        buffer_append_string(reply, found ? "=" : " is not there");
        buffer_append_slice(reply, value);
        buffer_append_byte(reply, ';');
    }
}

/* Puts pairs. */
static void put(struct program *program, const struct slice *argv, size_t argc, unsigned flavour)
{
    (void)flavour;
    for (size_t i = 0; i + 1 < argc; i += 2)
        program_put(program, argv[i], argv[i + 1]);
}

static void del(struct program *program, const struct slice *argv, size_t argc, unsigned flavour)
{
    (void)flavour;
    for (size_t i = 0; i < argc; i++)
        program_delete(program, argv[i]);
}

/* Puts, says or asks for so many times the value of 1 MiB. */
enum much { PUT_MUCH, SAY_MUCH, READ_MUCH };

static void do_much(struct program *program, const struct slice *argv, size_t argc,
                    unsigned flavour)
{
    char *bytes = calloc(1, MIB);
    struct slice value = slice_of(bytes, MIB);
    cr_assert(bytes != NULL && argc == 1);
    program_put(program, SLICE("much"), value);
    for (unsigned i = 1; i < flavour >> 2; i++) {
        if ((flavour & 3) == PUT_MUCH)
            program_put(program, argv[0], slice_of(bytes, MIB));
        else if ((flavour & 3) == SAY_MUCH)
            buffer_append_slice(program_reply(program), slice_of(bytes, MIB));
        else
            (void)!program_get(program, SLICE("much"), &value);
    }
    free(bytes);
}

/* Writes ----------------------------------------------------------------------------- */

static void begin(void)
{
    cr_assert(submission_reserve(run));
    submission_begin(run, WRITE_ANSWERS_SAID);
}

/* Adds a program with arguments of one letter each. */
static void add(program_fn *program, const char *letters)
{
    struct slice argv[16];
    size_t argc = strlen(letters);
    cr_assert_leq(argc, 16);
    for (size_t i = 0; i < argc; i++)
        argv[i] = slice_of(letters + i, 1);
    submission_run(run, program, 0, argv, argc);
}

static void add_write(program_fn *program, const char *letters)
{
    begin();
    add(program, letters);
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

static void expect_said(size_t number, const char *said)
{
    const struct write *write = &run->writes[number];
    report_equal("what was said",
                 slice_of(run->said.data + write->said, write->said_end - write->said),
                 slice_from_string(said));
}

/* Seeing ----------------------------------------------------------------------------- */

Test(program, sees_the_store_and_all_before_it)
{
    add_write(say, "ab");
    begin();
    add(put, "a2b3");
    add(say, "ab");
    add(del, "a");
    add(put, "b4");
    submission_end(run);
    add_write(say, "ab");
    expect("yyy");
    expect_said(0, "a=1;b is not there;");
    expect_said(1, "a=2;b=3;");
    expect_said(2, "a is not there;b=4;");
    cr_assert_eq(looks, 2, "the round knows what it changed");
}

Test(program, sees_and_is_seen_by_writes_of_other_kinds)
{
    begin();
    run->writes[0].answer = WRITE_ANSWERS_OK;
    submission_put(run, SLICE("b"), SLICE("2"));
    submission_end(run);
    add_write(say, "b");
    add_write(del, "ab");
    cr_assert(submission_reserve(run));
    submission_begin(run, WRITE_ANSWERS_OK);
    submission_check(run, CHECK_ABSENT, SLICE("a"), SLICE(""));
    submission_put(run, SLICE("a"), SLICE("3"));
    submission_end(run);
    add_write(say, "a");
    expect("yyyyy");
    expect_said(1, "b=2;");
    expect_said(4, "a=3;");
}

/* An empty value is a value, however it is handed in. */
Test(program, puts_empty_values)
{
    static const struct slice argv[] = {{"e", 1}, {NULL, 0}};
    begin();
    submission_run(run, put, 0, argv, 2);
    add(say, "e");
    submission_end(run);
    expect("y");
    expect_said(0, "e=;");
}

/* Failing ---------------------------------------------------------------------------- */

/* b was put before, a was deleted before, c was never touched: each is as it was. */
Test(program, that_fails_leaves_the_round_as_it_was)
{
    add_write(put, "b1");
    add_write(del, "a");
    begin();
    add(put, "b2a2c2b3");
    add(del, "bc");
    add(put, "c3a4");
    add(say, "abc");
    add(say, "!");
    add(put, "b5");
    submission_end(run);
    add_write(say, "abc");
    expect("yyny");
    expect_said(2, "");
    expect_said(3, "a is not there;b=1;c is not there;");
    cr_assert_eq(run->writes[2].status, STATUS_IO);
    cr_assert_str_eq(run->writes[2].problem, "the key cannot be read");
    cr_assert_eq(looks, 2, "! and then c, of which the round knows nothing: %u", looks);
}

Test(program, that_fails_leaves_room_for_one_that_does_not)
{
    for (unsigned i = 0; i < 3; i++) {
        begin();
        add(put, "ax");
        add(say, i == 1 ? "a" : "!");
        submission_end(run);
    }
    add_write(say, "a");
    expect("nyny");
    expect_said(1, "a=x;");
    expect_said(3, "a=x;");
}

/* Limits ----------------------------------------------------------------------------- */

static void add_much(enum much what, unsigned times)
{
    begin();
    submission_run(run, do_much, times << 2 | what, &SLICE("m"), 1);
    submission_end(run);
}

static void expect_limit(size_t number, const char *problem)
{
    cr_assert_eq(run->writes[number].status, STATUS_LIMIT);
    cr_assert_str_eq(run->writes[number].problem, problem);
}

Test(program, changes_64_MiB)
{
    add_much(PUT_MUCH, 63);
    add_much(PUT_MUCH, 65);
    add_write(say, "a");
    expect("yny");
    expect_limit(1, "more than 64 MiB are changed at once");
}

Test(program, says_128_MiB_with_all_others_of_its_run)
{
    add_much(SAY_MUCH, 65);
    add_much(SAY_MUCH, 66);
    add_write(say, "a");
    expect("yny");
    expect_limit(1, "the requests sent at once would answer more than --max-output allows");
    expect_said(2, "a=1;");
}

Test(program, reads_256_MiB)
{
    add_much(READ_MUCH, 257);
    add_much(READ_MUCH, 258);
    expect("yn");
    expect_limit(1, "more than 256 MiB are read at once");
}

static void look_often(struct program *program, const struct slice *argv, size_t argc,
                       unsigned flavour)
{
    (void)argc;
    for (unsigned i = 0; i < flavour; i++) {
        struct slice value;
        (void)!program_get(program, argv[0], &value);
    }
}

Test(program, looks_a_million_keys_up)
{
    for (unsigned more = 0; more < 2; more++) {
        begin();
        submission_run(run, look_often, 1048576 / 2, &SLICE("a"), 1);
        submission_run(run, look_often, 1048576 / 2 + more, &SLICE("z"), 1);
        submission_end(run);
    }
    expect("yn");
    expect_limit(1, "more than 1,048,576 keys are looked up at once");
}

/* Watching --------------------------------------------------------------------------- */

/* A write of the round that was undone has changed nothing. */
Test(program, is_stopped_by_writes_of_its_round_that_happened)
{
    struct watches *watches = watches_new();
    struct watcher *watcher = watcher_new(watches);
    cr_assert(watcher_add(watcher, SLICE("a")) && watcher_add(watcher, SLICE("z")));
    begin();
    add(put, "ax");
    add(say, "!");
    submission_end(run);
    for (unsigned i = 0; i < 2; i++) {
        begin();
        add(put, "ay");
        submission_watch(run, watcher);
        submission_end(run);
    }
    expect("nyn");
    cr_assert_eq(run->writes[2].status, STATUS_CONFLICT);
    watcher_free(watcher);
    watches_free(watches);
}
