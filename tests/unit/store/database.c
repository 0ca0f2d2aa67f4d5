/*
 * The gate before LevelDB: who comes in, who waits, and what becomes of what is kept outside, while
 * it is closed and opened again.
 */
#include "store/database.h"

#include <criterion/criterion.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>

#include "ops/clock.h"
#include "tests/lib/deadline.h"
#include "tests/lib/rounds.h"
#include "tests/lib/scratch.h"

static char *directory;
static leveldb_options_t *options;
static struct database *database;
static struct store_error error;

static void start(void)
{
    directory = scratch_new();
    options = leveldb_options_create();
    leveldb_options_set_create_if_missing(options, 1);
    database = database_new(directory, options);
    cr_assert_not_null(database);
    cr_assert(database_open(database, &error), "%s", error.text);
}

static void stop(void)
{
    database_free(database);
    leveldb_options_destroy(options);
    scratch_remove(directory);
}

TestSuite(database, .init = start, .fini = stop, .timeout = 60);

static void reopen(void)
{
    database_close(database);
    cr_assert(database_open(database, &error), "%s", error.text);
    database_admit(database);
}

static bool may_enter(void)
{
    leveldb_t *db = database_enter(database, &error);
    if (db == NULL)
        return false;
    cr_assert_eq(db, database_own(database));
    database_leave(database);
    return true;
}

Test(database, lets_nobody_in_before_it_admits)
{
    cr_assert_null(database_try(database));
    database_admit(database);
    cr_assert(may_enter());
}

Test(database, tells_why_it_is_refused_until_it_is_opened)
{
    database_admit(database);
    database_close(database);
    database_refuse(database, &(struct store_error){STATUS_IO, "CURRENT is gone"});
    cr_assert_not(may_enter());
    cr_assert(error.status == STATUS_IO && strcmp(error.text, "CURRENT is gone") == 0);
    cr_assert_null(database_try(database));
    database_retry(database);
    cr_assert(database_open(database, &error));
    database_admit(database);
    cr_assert(may_enter());
}

/* A disk that hangs: nobody opens it. Whoever came first waits, and nobody after that. */
Test(database, has_nobody_wait_twice_for_one_opening)
{
    database_admit(database);
    database_close(database);
    int64_t begun = clock_ms();
    for (int i = 0; i < 5; i++)
        cr_assert_not(may_enter());
    cr_assert_str_eq(error.text, "the store is still being reopened");
    database_retry(database); /* and hangs again */
    cr_assert_not(may_enter());
    cr_assert(clock_ms() - begun < 19000, "each waits for itself");
}

/* Who is inside --------------------------------------------------------------- */

static atomic_bool closed;

static void *close_it(void *arg)
{
    database_close(database);
    atomic_store(&closed, true);
    return arg;
}

Test(database, waits_for_who_is_inside_and_may_enter_once_more)
{
    pthread_t closer;
    database_admit(database);
    leveldb_t *db = database_enter(database, &error);
    pthread_create(&closer, NULL, close_it, NULL);
    poll(NULL, 0, 100); /* most likely it waits by now */
    cr_assert_eq(database_enter(database, &error), db);
    cr_assert_eq(database_try(database), db);
    database_leave(database);
    database_leave(database);
    cr_assert_not(atomic_load(&closed));
    database_leave(database);
    pthread_join(closer, NULL);
    cr_assert_null(database_own(database));
    cr_assert_null(database_try(database));
}

/* Holds ------------------------------------------------------------------------- */

struct kept {
    struct database_hold hold;
    leveldb_iterator_t *iterator;
    unsigned times; /* let go */
};

static leveldb_readoptions_t *reading;

static void let_go(struct database_hold *hold, leveldb_t *db)
{
    struct kept *kept = (struct kept *)hold;
    cr_assert_not_null(db);
    leveldb_iter_destroy(kept->iterator);
    kept->times++;
}

static bool keep(struct kept *kept)
{
    leveldb_t *db = database_enter(database, &error);
    *kept = (struct kept){.hold.let_go = let_go};
    if (db == NULL)
        return false;
    kept->iterator = leveldb_create_iterator(db, reading);
    database_keep(database, &kept->hold);
    database_leave(database);
    return true;
}

static bool is_gone(const struct kept *kept)
{
    leveldb_t *db = database_try(database);
    bool gone = db == NULL || kept->hold.gone;
    if (db != NULL)
        database_leave(database);
    return gone;
}

Test(database, lets_go_of_each_hold_once)
{
    struct kept kept[3];
    reading = leveldb_readoptions_create();
    database_admit(database);
    for (int i = 0; i < 3; i++)
        cr_assert(keep(&kept[i]) && !is_gone(&kept[i]));
    database_drop(database, &kept[1].hold);
    cr_assert(is_gone(&kept[1]) && !is_gone(&kept[0]) && !is_gone(&kept[2]));
    database_close(database);
    database_drop(database, &kept[0].hold); /* its owner goes while there is no database */
    cr_assert(database_open(database, &error));
    database_admit(database);
    cr_assert(is_gone(&kept[2]));
    database_drop(database, &kept[2].hold);
    for (int i = 0; i < 3; i++)
        cr_assert_eq(kept[i].times, 1);
    leveldb_readoptions_destroy(reading);
}

/* Everything at once ------------------------------------------------------------- */

#define THREADS 4

static atomic_bool enough;
static atomic_uint visits;

/* Enters, keeps something, and goes on or finds it gone. */
static void *visit(void *arg)
{
    struct kept kept;
    while (!atomic_load(&enough)) {
        cr_assert(keep(&kept), "%s", error.text);
        for (int i = 0; i < 3 && database_try(database) != NULL; i++) {
            if (!kept.hold.gone)
                leveldb_iter_seek_to_first(kept.iterator);
            database_leave(database);
        }
        database_drop(database, &kept.hold);
        cr_assert_eq(kept.times, 1);
        atomic_fetch_add(&visits, 1);
    }
    return arg;
}

Test(database, is_reopened_under_busy_readers)
{
    pthread_t threads[THREADS];
    uint64_t rounds = rounds_choose(50, 2000);
    reading = leveldb_readoptions_create();
    leveldb_options_set_info_log(options, NULL);
    database_admit(database);
    for (size_t i = 0; i < THREADS; i++)
        pthread_create(&threads[i], NULL, visit, NULL);
    for (uint64_t i = 0; i < rounds; i++) {
        unsigned before = atomic_load(&visits);
        int64_t deadline = deadline_in(DEADLINE_SECONDS);
        reopen();
        while (atomic_load(&visits) == before)
            cr_assert(deadline_left(deadline) > 0, "nobody comes in");
    }
    atomic_store(&enough, true);
    for (size_t i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    leveldb_readoptions_destroy(reading);
}
