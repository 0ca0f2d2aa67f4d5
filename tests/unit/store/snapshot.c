#include "store/snapshot.h"

#include <criterion/criterion.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "tests/lib/chance.h"

/* An engine that counts the views it has lent. */
struct lender {
    atomic_int lent;
    bool poor;
};

struct view {
    struct lender *lender;
};

static void *lend(void *engine)
{
    struct lender *lender = engine;
    struct view *view = lender->poor ? NULL : malloc(sizeof(*view));
    if (view == NULL)
        return NULL;
    view->lender = lender;
    atomic_fetch_add(&lender->lent, 1);
    return view;
}

static void get_back(void *engine, void *view)
{
    struct lender *lender = engine;
    cr_assert_eq(((struct view *)view)->lender, lender);
    atomic_fetch_sub(&lender->lent, 1);
    free(view);
}

static struct lender lender;
static struct snapshot_registry *registry;

static void open_for(size_t most)
{
    struct snapshot_engine engine = {.take = lend, .give_back = get_back, .engine = &lender};
    registry = snapshot_registry_new(&engine, most, 1000);
    cr_assert(registry != NULL);
}

static void prepare(void)
{
    open_for(3);
}

static void finish(void)
{
    snapshot_registry_free(registry);
    cr_assert_eq(lender.lent, 0);
}

TestSuite(snapshot, .init = prepare, .fini = finish);

static uint64_t take(int64_t now, int64_t lease)
{
    uint64_t id = 0;
    cr_assert_eq(snapshot_take(registry, now, lease, SLICE("ann"), &id), STATUS_OK);
    return id;
}

static bool is_known(uint64_t id, int64_t now)
{
    struct snapshot *snapshot = snapshot_use(registry, id, now);
    if (snapshot == NULL)
        return false;
    snapshot_done(registry, snapshot);
    return true;
}

Test(snapshot, numbers_count_up_and_never_come_twice)
{
    uint64_t first = take(0, 10);
    cr_assert_eq(first, 1000);
    cr_assert(snapshot_release(registry, first, 0));
    cr_assert_eq(take(0, 10), 1001);
    cr_assert_eq(take(0, 10), 1002);
}

Test(snapshot, that_never_was_is_unknown)
{
    uint64_t id = take(0, 10);
    cr_assert_not(is_known(0, 0));
    cr_assert_not(is_known(id - 1, 0));
    cr_assert_not(is_known(id + 1, 0));
    cr_assert_not(is_known(UINT64_MAX, 0));
    cr_assert_not(snapshot_release(registry, id + 1, 0));
    cr_assert(is_known(id, 0));
}

Test(snapshot, is_of_its_owner_alone)
{
    uint64_t id = take(0, 10);
    cr_assert(snapshot_is_of(registry, id, 9, SLICE("ann")));
    cr_assert_not(snapshot_is_of(registry, id, 9, SLICE("an")));
    cr_assert_not(snapshot_is_of(registry, id, 9, SLICE("")));
    cr_assert_not(snapshot_is_of(registry, id + 1, 9, SLICE("ann")));
    cr_assert_not(snapshot_is_of(registry, id, 10, SLICE("ann"))); /* to ask is no use of it */
}

Test(snapshot, is_released_once)
{
    uint64_t first = take(0, 10);
    uint64_t second = take(0, 10);
    cr_assert(snapshot_release(registry, first, 1));
    cr_assert_eq(lender.lent, 1);
    cr_assert_not(is_known(first, 1));
    cr_assert_not(snapshot_release(registry, first, 1));
    cr_assert(is_known(second, 1));
}

Test(snapshot, ends_when_its_lease_ran_out)
{
    uint64_t id = take(100, 10);
    snapshot_expire(registry, 109);
    cr_assert_eq(lender.lent, 1);
    snapshot_expire(registry, 110);
    cr_assert_eq(lender.lent, 0);
    cr_assert_not(is_known(id, 110));
}

Test(snapshot, whose_lease_ran_out_is_unknown_before_anybody_cleans_up)
{
    uint64_t id = take(100, 10);
    cr_assert_not(is_known(id, 110));
    cr_assert_not(snapshot_release(registry, id, 110));
    cr_assert_eq(lender.lent, 1);
}

Test(snapshot, is_renewed_by_use)
{
    uint64_t used = take(0, 10);
    uint64_t unused = take(0, 10);
    cr_assert(is_known(used, 9));
    cr_assert(is_known(used, 4)); /* another thread's clock was read a little earlier */
    snapshot_expire(registry, 18);
    cr_assert_not(is_known(unused, 18));
    cr_assert(is_known(used, 18));
    snapshot_expire(registry, 28);
    cr_assert_not(is_known(used, 28));
}

Test(snapshot, in_use_is_gone_for_others_and_stays_for_its_reader)
{
    uint64_t id = take(0, 10);
    struct snapshot *first = snapshot_use(registry, id, 0);
    struct snapshot *second = snapshot_use(registry, id, 0);
    cr_assert(first != NULL && second != NULL);
    cr_assert(snapshot_release(registry, id, 0));
    cr_assert_not(is_known(id, 0));
    cr_assert_eq(((struct view *)snapshot_view(first))->lender, &lender);
    snapshot_done(registry, first);
    cr_assert_eq(lender.lent, 1);
    snapshot_done(registry, second);
    cr_assert_eq(lender.lent, 0);
}

Test(snapshot, in_use_can_run_out_too)
{
    uint64_t id = take(0, 10);
    struct snapshot *snapshot = snapshot_use(registry, id, 0);
    cr_assert(snapshot != NULL);
    snapshot_expire(registry, 50);
    cr_assert_eq(lender.lent, 1);
    cr_assert_not(is_known(id, 50));
    snapshot_done(registry, snapshot);
    cr_assert_eq(lender.lent, 0);
}

Test(snapshot, there_are_no_more_than_may_be)
{
    uint64_t id = take(0, 10);
    take(0, 20);
    take(0, 20);
    uint64_t refused = 7;
    cr_assert_eq(snapshot_take(registry, 0, 10, SLICE("ann"), &refused), STATUS_LIMIT);
    cr_assert_eq(refused, 7);
    cr_assert_eq(lender.lent, 3);
    cr_assert(snapshot_release(registry, id, 0));
    id = take(0, 10);
    cr_assert_eq(snapshot_take(registry, 9, 10, SLICE("ann"), &refused), STATUS_LIMIT);
    cr_assert_neq(take(10, 10), id); /* in the place of the one that ran out */
}

Test(snapshot, there_may_be_none_at_all)
{
    uint64_t id = 0;
    snapshot_registry_free(registry);
    open_for(0);
    cr_assert_eq(snapshot_take(registry, 0, 10, SLICE("ann"), &id), STATUS_LIMIT);
}

Test(snapshot, that_found_no_memory_keeps_no_place)
{
    uint64_t id = 0;
    lender.poor = true;
    for (int i = 0; i < 5; i++)
        cr_assert_eq(snapshot_take(registry, 0, 10, SLICE("ann"), &id), STATUS_MEMORY);
    lender.poor = false;
    for (int i = 0; i < 3; i++)
        take(0, 10);
}

/* What a visit saw. */
struct seen {
    unsigned count;
    uint64_t ids[3];
    int64_t ages[3];
    int64_t left[3];
};

static void see(void *arg, uint64_t id, int64_t age, int64_t left)
{
    struct seen *seen = arg;
    cr_assert(seen->count < 3);
    seen->ids[seen->count] = id;
    seen->ages[seen->count] = age;
    seen->left[seen->count] = left;
    seen->count++;
}

Test(snapshot, are_told_of_with_age_and_time_left)
{
    struct seen seen = {0};
    uint64_t oldest = take(0, 100);
    uint64_t newest = take(20, 50);
    cr_assert(is_known(oldest, 25));
    snapshot_each(registry, 30, see, &seen);
    cr_assert_eq(seen.count, 2);
    cr_assert_eq(seen.ids[0], oldest);
    cr_assert_eq(seen.ages[0], 30);
    cr_assert_eq(seen.left[0], 95);
    cr_assert_eq(seen.ids[1], newest);
    cr_assert_eq(seen.ages[1], 10);
    cr_assert_eq(seen.left[1], 40);
}

Test(snapshot, are_told_of_until_the_engine_has_them_back)
{
    struct seen seen = {0};
    take(0, 10);
    snapshot_each(registry, 15, see, &seen);
    cr_assert_eq(seen.count, 1);
    cr_assert_eq(seen.ages[0], 15);
    cr_assert_eq(seen.left[0], 0);
    snapshot_expire(registry, 15);
    snapshot_each(registry, 15, see, &seen);
    cr_assert_eq(seen.count, 1);
}

/* Many hands ----------------------------------------------------------------- */

#define HANDS 4
#define ROUNDS 20000

static atomic_llong shared_clock;
static atomic_ullong latest; /* the last number that was given out, about */
static atomic_int used;
static atomic_int wrong;

static void use_one(uint64_t id, int64_t now)
{
    struct snapshot *snapshot = snapshot_use(registry, id, now);
    if (snapshot == NULL)
        return;
    atomic_fetch_add(&used, 1);
    if (((struct view *)snapshot_view(snapshot))->lender != &lender)
        atomic_fetch_add(&wrong, 1);
    snapshot_done(registry, snapshot);
}

/* Takes, uses, releases and expires at random. */
static void *be_busy(void *arg)
{
    struct chance chance = {*(unsigned *)arg};
    for (int round = 0; round < ROUNDS; round++) {
        int64_t now = atomic_fetch_add(&shared_clock, 1);
        uint64_t id = 0;
        if (snapshot_take(registry, now, 20, SLICE("ann"), &id) == STATUS_OK)
            atomic_store(&latest, id);
        id = atomic_load(&latest) - chance_below(&chance, 3);
        use_one(id, now);
        if (chance_below(&chance, 4) == 0)
            (void)!snapshot_release(registry, id, now);
        if (chance_below(&chance, 4) == 0)
            snapshot_expire(registry, now);
    }
    return NULL;
}

Test(snapshot, may_be_taken_used_and_released_by_many_threads)
{
    pthread_t threads[HANDS];
    unsigned seeds[HANDS];
    for (unsigned i = 0; i < HANDS; i++) {
        seeds[i] = i + 1;
        cr_assert_eq(pthread_create(&threads[i], NULL, be_busy, &seeds[i]), 0);
    }
    for (unsigned i = 0; i < HANDS; i++)
        pthread_join(threads[i], NULL);
    cr_assert_eq(wrong, 0);
    cr_assert(used > ROUNDS, "only %d uses found their snapshot", used);
    snapshot_expire(registry, 2 * HANDS * ROUNDS);
    cr_assert_eq(lender.lent, 0);
}
