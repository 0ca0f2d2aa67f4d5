/*
 * The queue between those who commit and the committer. The test is both.
 */
#include "store/queue.h"

#include <criterion/criterion.h>
#include <stdlib.h>

#include "ops/clock.h"

#define MIB ((size_t)1024 * 1024)

static struct queue queue;
static unsigned given_back;
static unsigned told_room;

static void start(void)
{
    queue_init(&queue);
}

static void stop(void)
{
    queue_fini(&queue);
}

TestSuite(queue, .init = start, .fini = stop, .timeout = 30);

static void get_back(struct submission *submission, void *arg)
{
    unsigned *number = arg;
    cr_assert_eq(*number, given_back, "out of order");
    given_back++;
    submission_free(submission);
}

/* Puts one with so many bytes to write. */
static void put(unsigned *number, size_t bytes)
{
    struct submission *one = submission_new();
    char *value = calloc(1, bytes);
    cr_assert(value != NULL && submission_reserve(one));
    submission_begin(one, WRITE_ANSWERS_OK);
    submission_put(one, SLICE("k"), slice_of(value, bytes));
    submission_end(one);
    free(value);
    one->done = get_back;
    one->arg = number;
    queue_put(&queue, one);
}

static unsigned count(const struct submission *list)
{
    unsigned found = 0;
    for (; list != NULL; list = list->next)
        found++;
    return found;
}

Test(queue, is_taken_in_order_up_to_the_size_of_a_round)
{
    unsigned numbers[] = {0, 1, 2, 3, 4, 5};
    cr_assert_null(queue_take(&queue, MIB));
    put(&numbers[0], MIB / 2);
    size_t one = atomic_load(&queue.bytes);
    for (int i = 1; i < 5; i++)
        put(&numbers[i], MIB / 2);
    struct submission *round = queue_take(&queue, one + 1);
    cr_assert_eq(count(round), 2);
    queue_put_back(&queue, round); /* but for the first one */
    put(&numbers[5], 1);
    cr_assert_eq(count(round), 1);
    queue_done(&queue, round);
    round = queue_take(&queue, 100 * MIB);
    cr_assert_eq(count(round), 5);
    queue_done(&queue, round);
    cr_assert_eq(given_back, 6);
    cr_assert_null(queue_take(&queue, MIB));
}

/* All was put back into an empty queue: its end is where the next one goes. */
Test(queue, goes_on_behind_what_was_put_back)
{
    unsigned numbers[] = {0, 1, 2};
    put(&numbers[0], 1);
    put(&numbers[1], 1);
    struct submission *round = queue_take(&queue, MIB);
    queue_put_back(&queue, round);
    put(&numbers[2], 1);
    queue_done(&queue, round);
    queue_done(&queue, queue_take(&queue, MIB));
    cr_assert_eq(given_back, 3);
}

static void hear_of_room(void *arg)
{
    (void)arg;
    told_room++;
}

/* What was taken counts until it is given back. */
Test(queue, tells_once_of_room_whoever_found_it_full)
{
    unsigned numbers[] = {0, 1};
    queue_on_room(&queue, hear_of_room, NULL);
    put(&numbers[0], 40 * MIB);
    cr_assert_not(queue_is_full(&queue));
    put(&numbers[1], 40 * MIB);
    struct submission *round = queue_take(&queue, MIB);
    cr_assert(queue_is_full(&queue) && queue_is_full(&queue));
    cr_assert_eq(told_room, 0);
    queue_done(&queue, round);
    cr_assert_not(queue_is_full(&queue));
    cr_assert_eq(told_room, 1);
    queue_done(&queue, queue_take(&queue, MIB));
    cr_assert_eq(told_room, 1, "nobody had found it full since");
    cr_assert_eq(atomic_load(&queue.bytes), 0);
}

Test(queue, waits_for_work_a_call_or_the_time)
{
    unsigned number = 0;
    int64_t begun = clock_ms();
    queue_wait(&queue, begun + 50);
    cr_assert_geq(clock_ms(), begun + 50);
    queue_wake(&queue);
    queue_wait(&queue, 0);
    put(&number, 1);
    queue_wait(&queue, 0);
    queue_done(&queue, queue_take(&queue, MIB));
}
