/*
 * The syncer over a disk made up for it, whose syncs wait to be let through.
 */
#include "store/syncer.h"

#include <criterion/criterion.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdio.h>

struct disk {
    atomic_uint written; /* by the test */
    atomic_uint synced;  /* of it */
    atomic_uint failures;
    atomic_bool fails;
    sem_t begun;
    sem_t may_end;
};

static struct disk disk;
static struct syncer *syncer;
static struct store_error error;

static bool sync_disk(void *arg, struct store_error *failure)
{
    unsigned covers = atomic_load(&disk.written);
    (void)arg;
    sem_post(&disk.begun);
    sem_wait(&disk.may_end);
    if (atomic_load(&disk.fails)) {
        *failure = (struct store_error){STATUS_IO, "the disk is broken"};
        return false;
    }
    atomic_store(&disk.synced, covers);
    return true;
}

static void hear_failure(void *arg, const struct store_error *failure)
{
    (void)arg;
    cr_assert_str_eq(failure->text, "the disk is broken");
    atomic_fetch_add(&disk.failures, 1);
}

static void start(void)
{
    sem_init(&disk.begun, 0, 0);
    sem_init(&disk.may_end, 0, 0);
    syncer = syncer_new(&(struct syncer_engine){sync_disk, hear_failure, NULL}, 1);
    cr_assert_not_null(syncer);
}

TestSuite(syncer, .init = start, .timeout = 30);

static bool write_one(void)
{
    atomic_fetch_add(&disk.written, 1);
    return syncer_wrote(syncer, &error);
}

static void let_through(unsigned count)
{
    while (count-- > 0)
        sem_post(&disk.may_end);
}

Test(syncer, syncs_what_was_written_without_being_asked)
{
    cr_assert(write_one());
    sem_wait(&disk.begun);
    let_through(2);
    syncer_free(syncer);
    cr_assert_eq(atomic_load(&disk.synced), 1);
}

static void *let_through_later(void *arg)
{
    poll(NULL, 0, 200); /* meanwhile the end is announced, most likely */
    let_through(2);
    return arg;
}

/* The end comes while a sync runs that does not cover the last write. */
Test(syncer, leaves_nothing_unsynced_at_the_end)
{
    pthread_t thread;
    cr_assert(write_one());
    sem_wait(&disk.begun);
    cr_assert(write_one());
    pthread_create(&thread, NULL, let_through_later, NULL);
    syncer_free(syncer);
    pthread_join(thread, NULL);
    cr_assert_eq(atomic_load(&disk.synced), 2);
}

static void *write_until_late(void *arg)
{
    atomic_bool *done = arg;
    for (unsigned i = 0; i < 2; i++) {
        cr_assert(write_one());
        poll(NULL, 0, 1100); /* longer than a write may be off the disk */
    }
    atomic_store(done, true);
    return NULL;
}

Test(syncer, has_the_writer_wait_while_the_disk_is_too_slow)
{
    pthread_t writer;
    atomic_bool done = false;
    pthread_create(&writer, NULL, write_until_late, &done);
    sem_wait(&disk.begun);
    poll(NULL, 0, 3000);
    cr_assert_not(atomic_load(&done));
    let_through(3);
    pthread_join(writer, NULL);
    syncer_free(syncer);
    cr_assert_eq(atomic_load(&disk.synced), 2);
}

/* The system tells of a page that it could not write only once: a sync behind it goes well. */
Test(syncer, remembers_a_failure_until_it_is_renewed)
{
    atomic_store(&disk.fails, true);
    cr_assert(write_one());
    sem_wait(&disk.begun);
    let_through(1);
    cr_assert_not(syncer_await(syncer, &error));
    cr_assert_str_eq(error.text, "the disk is broken");
    cr_assert_eq(atomic_load(&disk.failures), 1);
    atomic_store(&disk.fails, false);
    let_through(2);
    cr_assert_not(write_one());
    cr_assert_not(syncer_await(syncer, &error));
    syncer_renew(syncer);
    cr_assert(write_one() && syncer_await(syncer, &error));
    syncer_free(syncer);
    cr_assert_eq(atomic_load(&disk.failures), 1);
}
