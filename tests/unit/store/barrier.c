/*
 * When a barrier puts the names of a directory on disk again: whenever one may have come since.
 */
#include "store/barrier.h"

#include <criterion/criterion.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/lib/scratch.h"

static unsigned synced; /* calls of fsync */
static struct timespec now;

/* In place of the C library's, as the barrier finds them: a directory with the time of change that
 * its file system would give it. */
int fsync(int fd)
{
    (void)fd;
    synced++;
    return 0;
}

int fstat(int fd, struct stat *about)
{
    (void)fd;
    *about = (struct stat){.st_mtim = now};
    return 0;
}

static char *directory;
static struct barrier barrier;
static struct store_error error;

static void start(void)
{
    directory = scratch_new();
    cr_assert(barrier_open(&barrier, directory, &error));
}

static void stop(void)
{
    barrier_close(&barrier);
    scratch_remove(directory);
}

TestSuite(barrier, .init = start, .fini = stop);

/* Looks at the directory so many times, and after a while once more; how often it was synced. */
static unsigned count_syncs(int times)
{
    synced = 0;
    for (int i = 0; i < times; i++)
        cr_assert(barrier_sync_names(&barrier, &error));
    poll(NULL, 0, 50);
    cr_assert(barrier_sync_names(&barrier, &error));
    return synced;
}

Test(barrier, syncs_the_names_of_a_directory_that_rests_only_so_often)
{
    now = (struct timespec){1000, 123456789};
    cr_assert_geq(count_syncs(1), 2);
    cr_assert_eq(count_syncs(5), 0);
    now.tv_nsec += 4000000;
    cr_assert_geq(count_syncs(1), 2);
    cr_assert_eq(count_syncs(5), 0);
}

/* Where times have steps of seconds, as on an ext4 with small inodes, a name may come all through
 * the second in which the last one came. */
Test(barrier, goes_on_syncing_where_times_have_steps_of_seconds)
{
    now = (struct timespec){1000, 0};
    cr_assert_eq(count_syncs(5), 6);
    poll(NULL, 0, 100);
    cr_assert_eq(count_syncs(5), 6);
}
