/*
 * Hot values: what is found is what the engine would answer. Races are played by hand, step by
 * step, and once by threads.
 */
#include "store/hot.h"

#include <criterion/criterion.h>
#include <pthread.h>

#define BYTES ((size_t)1024 * 1024)

static struct hot *hot;
static char value[SHELF_LONGEST];

static void start(void)
{
    hot = hot_new(BYTES);
    cr_assert(hot != NULL);
}

static void stop(void)
{
    hot_free(hot);
}

TestSuite(hot, .init = start, .fini = stop, .timeout = 60);

/* What is found under the key; no data when nothing is. */
static struct slice find(struct slice key)
{
    struct hot_ticket ticket;
    size_t len = 0;
    return hot_find(hot, key, value, &len, &ticket) ? slice_of(value, len) : slice_of(NULL, 0);
}

static bool is_kept(struct slice key)
{
    return find(key).data != NULL;
}

/* The ticket of a reader who misses the key, which was missed before. */
static struct hot_ticket ticket_for(struct slice key)
{
    struct hot_ticket ticket;
    size_t len = 0;
    cr_assert_not(is_kept(key));
    cr_assert_not(hot_find(hot, key, value, &len, &ticket));
    cr_assert(ticket.wanted);
    return ticket;
}

static void keep(struct slice key, struct slice what)
{
    struct hot_ticket ticket = ticket_for(key);
    hot_keep(hot, &ticket, key, what);
}

Test(hot, finds_what_was_kept)
{
    keep(SLICE("a"), SLICE("1"));
    keep(SLICE("b"), SLICE(""));
    cr_assert(slice_equal(find(SLICE("a")), SLICE("1")));
    cr_assert(is_kept(SLICE("b")) && find(SLICE("b")).len == 0);
    cr_assert_not(is_kept(SLICE("c")));
}

Test(hot, keeps_nothing_at_the_first_miss)
{
    struct hot_ticket ticket;
    size_t len;
    cr_assert_not(hot_find(hot, SLICE("a"), value, &len, &ticket));
    hot_keep(hot, &ticket, SLICE("a"), SLICE("1"));
    cr_assert_not(is_kept(SLICE("a")));
}

Test(hot, forgets_a_key_that_is_about_to_change)
{
    keep(SLICE("a"), SLICE("old"));
    keep(SLICE("b"), SLICE("another"));
    hot_shut(hot, SLICE("a"));
    cr_assert_not(is_kept(SLICE("a")));
    cr_assert(is_kept(SLICE("b")));
    hot_open(hot);
    keep(SLICE("a"), SLICE("new"));
    cr_assert(slice_equal(find(SLICE("a")), SLICE("new")));
}

/* What was asked for is wanted back at the first miss. */
Test(hot, takes_a_changed_value_back_at_once)
{
    struct hot_ticket ticket;
    size_t len;
    keep(SLICE("a"), SLICE("old"));
    hot_shut(hot, SLICE("a"));
    hot_open(hot);
    cr_assert_not(hot_find(hot, SLICE("a"), value, &len, &ticket));
    cr_assert(ticket.wanted);
}

/* The reader asked, the commit came and went, and then the reader has the old value in hand. */
Test(hot, refuses_what_was_read_before_a_commit)
{
    struct hot_ticket ticket = ticket_for(SLICE("a"));
    hot_shut(hot, SLICE("a"));
    hot_open(hot);
    hot_keep(hot, &ticket, SLICE("a"), SLICE("old"));
    cr_assert_not(is_kept(SLICE("a")));
}

/* The old value is kept just before the commit, and the new one is never hidden by it. */
Test(hot, forgets_what_was_kept_just_before_a_commit)
{
    struct hot_ticket ticket = ticket_for(SLICE("a"));
    hot_keep(hot, &ticket, SLICE("a"), SLICE("old"));
    hot_shut(hot, SLICE("a"));
    hot_open(hot);
    cr_assert_not(is_kept(SLICE("a")));
}

/* While the engine writes, one reader may have seen the old value and another the new one. */
Test(hot, refuses_what_is_read_during_a_commit)
{
    hot_shut(hot, SLICE("a"));
    struct hot_ticket ticket = ticket_for(SLICE("a"));
    hot_keep(hot, &ticket, SLICE("a"), SLICE("early"));
    cr_assert_not(is_kept(SLICE("a")));
    hot_open(hot);
    hot_keep(hot, &ticket, SLICE("a"), SLICE("late"));
    cr_assert_not(is_kept(SLICE("a")), "it was read before the engine was done");
}

/* A round that ends void no ticket but those of its keys; a reader of another key keeps what it
 * read. */
Test(hot, keeps_what_was_read_while_other_keys_changed)
{
    struct hot_ticket ticket = ticket_for(SLICE("a"));
    hot_shut(hot, SLICE("another key, in another bucket"));
    hot_keep(hot, &ticket, SLICE("a"), SLICE("1"));
    hot_open(hot);
    cr_assert(is_kept(SLICE("a")));
}

/* Two who missed it at the same time bring the same value; it must not stay twice. */
Test(hot, keeps_a_key_once)
{
    struct hot_ticket one = ticket_for(SLICE("a"));
    struct hot_ticket other = ticket_for(SLICE("a"));
    hot_keep(hot, &one, SLICE("a"), SLICE("1"));
    hot_keep(hot, &other, SLICE("a"), SLICE("1"));
    hot_shut(hot, SLICE("a"));
    cr_assert_not(is_kept(SLICE("a")));
}

Test(hot, forgets_everything_when_it_is_cleared)
{
    struct hot_ticket ticket = ticket_for(SLICE("b"));
    keep(SLICE("a"), SLICE("1"));
    hot_clear(hot);
    hot_keep(hot, &ticket, SLICE("b"), SLICE("2"));
    cr_assert_not(is_kept(SLICE("a")));
    cr_assert_not(is_kept(SLICE("b")), "it was read before");
    keep(SLICE("b"), SLICE("2"));
    cr_assert(is_kept(SLICE("b")));
}

Test(hot, counts_what_it_holds_and_who_found_it)
{
    struct store_hot_facts empty;
    struct store_hot_facts facts;
    static const char large[1000];
    hot_tell(hot, &empty);
    keep(SLICE("a"), slice_of(large, sizeof(large)));
    cr_assert(is_kept(SLICE("a")));
    hot_tell(hot, &facts);
    cr_assert_geq(facts.held - empty.held, sizeof(large));
    cr_assert_lt(facts.held - empty.held, sizeof(large) + 64);
    cr_assert_eq(facts.hits, 1);
    cr_assert_eq(facts.misses, 2);
}

Test(hot, works_without_room)
{
    struct hot *tiny = hot_new(1);
    struct hot_ticket ticket;
    size_t len;
    cr_assert(tiny != NULL);
    for (unsigned i = 0; i < 3; i++) {
        cr_assert_not(hot_find(tiny, SLICE("a"), value, &len, &ticket));
        hot_keep(tiny, &ticket, SLICE("a"), SLICE("1"));
    }
    hot_shut(tiny, SLICE("a"));
    hot_open(tiny);
    hot_clear(tiny);
    hot_free(tiny);
}

/* Threads -------------------------------------------------------------------- */

/* An engine of a few numbers that only grow, one committer and some readers: nobody sees a number
 * smaller than one that was acknowledged before. Each number is said 20 times, to be torn. */
#define KEYS 8
#define COMMITS 50000
#define READERS 3
#define COPIES 20

static atomic_uint engine[KEYS];
static atomic_uint acknowledged[KEYS];
static atomic_bool over;

struct reader {
    pthread_t thread;
    unsigned found;
    unsigned old;
    unsigned torn;
};

static struct slice key_of(unsigned i, char name[1])
{
    name[0] = (char)('a' + i);
    return slice_of(name, 1);
}

static unsigned read_number(struct reader *reader, unsigned i)
{
    unsigned copies[SHELF_LONGEST / sizeof(unsigned)];
    char name[1];
    size_t len = 0;
    struct hot_ticket ticket;
    struct slice key = key_of(i, name);
    if (hot_find(hot, key, (char *)copies, &len, &ticket)) {
        reader->found++;
        for (unsigned at = 1; at < COPIES; at++)
            reader->torn += copies[at] != copies[0];
        reader->torn += len != COPIES * sizeof(unsigned);
        return copies[0];
    }
    copies[0] = atomic_load(&engine[i]);
    for (unsigned at = 1; at < COPIES; at++)
        copies[at] = copies[0];
    hot_keep(hot, &ticket, key, slice_of((const char *)copies, COPIES * sizeof(unsigned)));
    return copies[0];
}

static void *read_on(void *arg)
{
    struct reader *reader = arg;
    for (unsigned turn = 0; !atomic_load(&over); turn++) {
        unsigned i = turn % KEYS;
        unsigned least = atomic_load(&acknowledged[i]);
        reader->old += read_number(reader, i) < least;
    }
    return NULL;
}

static void commit(unsigned i, unsigned number)
{
    char name[1];
    hot_shut(hot, key_of(i, name));
    atomic_store(&engine[i], number);
    hot_open(hot);
    atomic_store(&acknowledged[i], number);
}

Test(hot, never_goes_back_in_time)
{
    struct reader readers[READERS] = {0};
    unsigned found = 0;
    unsigned old = 0;
    unsigned torn = 0;
    for (unsigned i = 0; i < READERS; i++)
        cr_assert_eq(pthread_create(&readers[i].thread, NULL, read_on, &readers[i]), 0);
    for (unsigned number = 1; number <= COMMITS; number++) {
        commit(number % KEYS, number);
        if (number % 1000 == 0)
            sched_yield();
    }
    atomic_store(&over, true);
    for (unsigned i = 0; i < READERS; i++) {
        pthread_join(readers[i].thread, NULL);
        found += readers[i].found;
        old += readers[i].old;
        torn += readers[i].torn;
    }
    cr_assert(found > 0);
    cr_assert_eq(old, 0, "%u reads were of the past", old);
    cr_assert_eq(torn, 0, "%u words were of another value", torn);
}

/* Values that fill a small room in a moment, so that the room of what is read is taken all the time
 * while it is read. Each consists of one byte. */
#define VALUES 200
#define LOOKS 400000

struct looker {
    pthread_t thread;
    struct hot *small;
    unsigned seed;
    unsigned found;
    unsigned torn;
};

static void look(struct looker *looker, unsigned i)
{
    char copy[SHELF_LONGEST];
    char bytes[400];
    size_t len;
    struct hot_ticket ticket;
    struct slice key = slice_of((const char *)&i, sizeof(i));
    memset(bytes, (int)i, sizeof(bytes));
    if (!hot_find(looker->small, key, copy, &len, &ticket)) {
        hot_keep(looker->small, &ticket, key, slice_of(bytes, sizeof(bytes)));
        return;
    }
    looker->found++;
    looker->torn += !slice_equal(slice_of(copy, len), slice_of(bytes, sizeof(bytes)));
}

static void *look_around(void *arg)
{
    struct looker *looker = arg;
    for (unsigned turn = 0; turn < LOOKS; turn++) {
        looker->seed = looker->seed * 1103515245 + 12345;
        look(looker, looker->seed / 65536 % VALUES);
    }
    return NULL;
}

Test(hot, gives_no_value_whose_room_was_taken_meanwhile)
{
    struct hot *small = hot_new((size_t)256 * 1024);
    struct looker lookers[READERS] = {0};
    unsigned found = 0;
    unsigned torn = 0;
    cr_assert(small != NULL);
    for (unsigned i = 0; i < READERS; i++) {
        lookers[i].small = small;
        lookers[i].seed = i;
        cr_assert_eq(pthread_create(&lookers[i].thread, NULL, look_around, &lookers[i]), 0);
    }
    for (unsigned i = 0; i < READERS; i++) {
        pthread_join(lookers[i].thread, NULL);
        found += lookers[i].found;
        torn += lookers[i].torn;
    }
    cr_assert(found > 0);
    cr_assert_eq(torn, 0, "%u values were torn", torn);
    hot_free(small);
}
