#include "store/feed.h"

#include <criterion/criterion.h>
#include <stdlib.h>

#include "protocol/quote.h"
#include "tests/lib/report.h"

#define START 1700000000000

static struct feed *feed;

static void fini(void)
{
    feed_free(feed);
}

TestSuite(feed, .fini = fini);

static void start(uint64_t capacity)
{
    feed = feed_new(capacity, START);
    cr_assert(feed != NULL);
}

/* A follower, what it was told, and how often it was woken. */
struct ear {
    struct feed_follower *follower;
    struct buffer said;
    unsigned wakes;
    size_t patience; /* changes that it takes at once */
    size_t taken;
};

static void wake(void *arg)
{
    struct ear *ear = arg;
    ear->wakes++;
}

static enum feed_opening try_open(struct ear *ear, const char *prefix, const struct sequence *from)
{
    *ear = (struct ear){.patience = SIZE_MAX};
    struct range range;
    cr_assert(range_init(&range, slice_from_string(prefix)));
    return feed_follow(feed, &range, from, wake, ear, &ear->follower);
}

static void open_now(struct ear *ear, const char *prefix)
{
    cr_assert_eq(try_open(ear, prefix, NULL), FEED_OPENED);
}

static void open_from(struct ear *ear, const char *prefix, uint64_t number)
{
    struct sequence from = {.start = START, .number = number};
    cr_assert_eq(try_open(ear, prefix, &from), FEED_OPENED);
}

static void leave(struct ear *ear)
{
    feed_leave(ear->follower);
    buffer_fini(&ear->said);
}

static bool take(void *arg, const struct history_change *change)
{
    struct ear *ear = arg;
    buffer_append_u64(&ear->said, change->number);
    buffer_append_byte(&ear->said, ' ');
    buffer_append_slice(&ear->said, change->key);
    if (change->value.data != NULL) {
        buffer_append_byte(&ear->said, '=');
        buffer_append_slice(&ear->said, change->value);
    }
    buffer_append_byte(&ear->said, '\n');
    return ++ear->taken < ear->patience;
}

/* Reads until there is no more; how that was said. */
static enum feed_reading read_all(struct ear *ear)
{
    enum feed_reading reading = FEED_MORE;
    buffer_clear(&ear->said);
    while (reading == FEED_MORE)
        reading = feed_read(ear->follower, take, ear);
    return reading;
}

static void expect(struct ear *ear, const char *told)
{
    cr_assert_eq(read_all(ear), FEED_CAUGHT_UP);
    report_equal("told", buffer_slice(&ear->said), slice_from_string(told));
}

/* A submission whose writes succeed, as the committer leaves it. */
static struct submission *submit(void)
{
    struct submission *submission = submission_new();
    cr_assert(submission != NULL && submission_reserve(submission));
    return submission;
}

static void append(struct submission *submission)
{
    feed_append(feed, submission, 0, submission->count);
    submission_free(submission);
}

static void put(const char *key, const char *value)
{
    struct submission *submission = submit();
    submission_begin(submission, WRITE_ANSWERS_OK);
    submission_put(submission, slice_from_string(key), slice_from_string(value));
    submission_end(submission);
    append(submission);
}

static void put_long(const char *key, size_t len)
{
    char *value = calloc(1, len + 1);
    cr_assert(value != NULL);
    memset(value, 'x', len);
    put(key, value);
    free(value);
}

static uint64_t delivered(const struct ear *ear)
{
    struct sequence sequence = feed_delivered(ear->follower);
    cr_assert_eq(sequence.start, START);
    return sequence.number;
}

Test(feed, tells_of_changes_under_the_prefix_in_order)
{
    struct ear ear;
    start(4096);
    put("a:0", "before");
    open_now(&ear, "a:");
    cr_assert_eq(delivered(&ear), 1);
    put("a:1", "x");
    put("b:1", "y");
    put("a:2", "");
    expect(&ear, "2 a:1=x\n4 a:2=\n");
    cr_assert_eq(delivered(&ear), 4);
    leave(&ear);
}

Test(feed, tells_what_a_write_did_and_not_what_it_asked)
{
    struct ear ear;
    start(4096);
    open_now(&ear, "");
    struct submission *submission = submit();
    submission_begin(submission, WRITE_ANSWERS_OK);
    submission_check(submission, CHECK_VALUE, SLICE("k"), SLICE("old"));
    submission_put(submission, SLICE("k"), SLICE("new"));
    submission_delete(submission, SLICE("gone"));
    submission_check(submission, CHECK_ABSENT, SLICE("z"), SLICE(""));
    submission_end(submission);
    cr_assert(submission_reserve(submission));
    submission_begin(submission, WRITE_ANSWERS_VALUE);
    submission_add(submission, SLICE("n"), 7);
    submission_end(submission);
    submission->writes[1].value = SLICE("49");
    append(submission);
    expect(&ear, "1 k=new\n1 gone\n2 n=49\n");
    leave(&ear);
}

Test(feed, passes_over_writes_that_failed_or_changed_nothing)
{
    struct ear ear;
    start(4096);
    open_now(&ear, "");
    struct submission *submission = submit();
    submission_begin(submission, WRITE_ANSWERS_OK);
    submission_put(submission, SLICE("k"), SLICE("v"));
    submission_end(submission);
    submission->writes[0].status = STATUS_CONFLICT;
    cr_assert(submission_reserve(submission));
    submission_begin(submission, WRITE_ANSWERS_OK);
    submission_check(submission, CHECK_ABSENT, SLICE("k"), SLICE(""));
    submission_end(submission);
    append(submission);
    put("a", "1");
    expect(&ear, "1 a=1\n");
    leave(&ear);
}

Test(feed, wakes_once_and_only_who_has_caught_up_and_is_concerned)
{
    struct ear ear;
    struct ear other;
    start(4096);
    open_now(&ear, "a");
    open_now(&other, "b");
    put("a", "1");
    cr_assert_eq(ear.wakes, 0, "it never said that it had caught up");
    expect(&ear, "1 a=1\n");
    expect(&other, "");
    put("a", "2");
    put("a", "3");
    cr_assert_eq(ear.wakes, 1);
    cr_assert_eq(other.wakes, 0);
    expect(&ear, "2 a=2\n3 a=3\n");
    put("a", "4");
    cr_assert_eq(ear.wakes, 2);
    leave(&ear);
    leave(&other);
}

Test(feed, wakes_nobody_who_has_left)
{
    struct ear ears[3];
    start(4096);
    for (size_t i = 0; i < 3; i++) {
        open_now(&ears[i], "");
        expect(&ears[i], "");
    }
    leave(&ears[1]);
    put("a", "1");
    cr_assert_eq(ears[0].wakes + ears[2].wakes, 2);
    cr_assert_eq(ears[1].wakes, 0);
    leave(&ears[0]); /* woken, and not read since */
    expect(&ears[2], "1 a=1\n");
    leave(&ears[2]);
    cr_assert_eq(feed_facts(feed).followers, 0);
}

Test(feed, moves_the_quiet_along_with_the_traffic_of_others)
{
    struct ear ear;
    start(200);
    open_now(&ear, "quiet");
    expect(&ear, "");
    for (unsigned i = 0; i < 1000; i++)
        put("loud", "0123456789");
    put_long("loud", 1000); /* larger than all of the history */
    cr_assert_eq(ear.wakes, 0);
    cr_assert_eq(delivered(&ear), 1001);
    put("quiet", "1");
    cr_assert_eq(delivered(&ear), 1001);
    expect(&ear, "1002 quiet=1\n");
    cr_assert_eq(delivered(&ear), 1002);
    leave(&ear);
}

Test(feed, tells_who_falls_behind_that_changes_are_lost)
{
    struct ear ear;
    start(200);
    open_now(&ear, "");
    expect(&ear, "");
    for (unsigned i = 0; i < 20; i++)
        put("key", "0123456789");
    cr_assert_eq(read_all(&ear), FEED_LOST);
    cr_assert_eq(ear.said.len, 0);
    cr_assert_eq(read_all(&ear), FEED_LOST);
    leave(&ear);
}

Test(feed, tells_of_the_loss_of_a_write_larger_than_the_history)
{
    struct ear ear;
    start(200);
    open_now(&ear, "");
    expect(&ear, "");
    put_long("big", 1000);
    cr_assert_eq(ear.wakes, 1);
    cr_assert_eq(read_all(&ear), FEED_LOST);
    leave(&ear);
}

Test(feed, resumes_with_the_write_that_is_named)
{
    struct ear ear;
    start(4096);
    put("a", "1");
    put("a", "2");
    put("a", "3");
    open_from(&ear, "", 2);
    cr_assert_eq(delivered(&ear), 1);
    expect(&ear, "2 a=2\n3 a=3\n");
    leave(&ear);
    open_from(&ear, "", 0);
    expect(&ear, "1 a=1\n2 a=2\n3 a=3\n");
    leave(&ear);
}

Test(feed, opens_only_what_it_can_tell_without_a_gap)
{
    struct ear ear;
    struct sequence from = {.start = START, .number = 1};
    start(200);
    cr_assert_eq(try_open(&ear, "", &from), FEED_FUTURE);
    put("a", "1");
    cr_assert_eq(try_open(&ear, "", &(struct sequence){START - 1, 1}), FEED_OTHER_START);
    cr_assert_eq(try_open(&ear, "", &(struct sequence){START + 1, 1}), FEED_OTHER_START);
    for (unsigned i = 0; i < 20; i++)
        put("key", "0123456789");
    cr_assert_eq(try_open(&ear, "", &from), FEED_GONE);
    cr_assert_eq(try_open(&ear, "", &(struct sequence){START, 0}), FEED_GONE);
    cr_assert_eq(feed_facts(feed).followers, 0);
    cr_assert_eq(feed_facts(feed).last.number, 21);
    cr_assert(feed_facts(feed).held <= 200);
}

/* A write that fits in one piece is told as a whole, whatever happens meanwhile. */
Test(feed, finishes_a_small_batch_that_the_history_has_passed)
{
    struct ear ear;
    start(400);
    open_now(&ear, "");
    struct submission *batch = submit();
    submission_begin(batch, WRITE_ANSWERS_OK);
    submission_put(batch, SLICE("a"), SLICE("1"));
    submission_put(batch, SLICE("b"), SLICE("2"));
    submission_put(batch, SLICE("c"), SLICE("3"));
    submission_end(batch);
    append(batch);
    ear.patience = 1;
    cr_assert_eq(feed_read(ear.follower, take, &ear), FEED_MORE);
    cr_assert_eq(delivered(&ear), 0, "it has only a part of the first write");
    for (unsigned i = 0; i < 50; i++)
        put("key", "0123456789");
    while (feed_read(ear.follower, take, &ear) == FEED_MORE)
        ;
    report_equal("told", buffer_slice(&ear.said), SLICE("1 a=1\n1 b=2\n1 c=3\n"));
    cr_assert_eq(delivered(&ear), 1);
    leave(&ear);
}

Test(feed, tells_of_changes_larger_than_a_piece)
{
    struct ear ear;
    struct buffer expected = {0};
    start(1024 * 1024);
    open_now(&ear, "");
    put("a", "1");
    put_long("b", 300000);
    put("c", "2");
    buffer_append_string(&expected, "1 a=1\n2 b=");
    cr_assert(buffer_reserve(&expected, 300000));
    memset(expected.data + expected.len, 'x', 300000);
    expected.len += 300000;
    buffer_append(&expected, "\n3 c=2\n", 8);
    expect(&ear, expected.data);
    buffer_fini(&expected);
    leave(&ear);
}
