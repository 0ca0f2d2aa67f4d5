/*
 * A directory whose entries cannot all be read: what was found so far is not all there is.
 */
#include <criterion/criterion.h>
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "store/entries.h"
#include "store/inventory.h"
#include "store/salvage.h"
#include "tests/lib/scratch.h"

static unsigned reads_left; /* readdir fails behind so many */

/* In place of the C library's, for the code under test alone. */
struct dirent *readdir(DIR *directory)
{
    static struct dirent entry = {.d_name = "000001.log"};
    (void)directory;
    if (reads_left == 0) {
        errno = EIO;
        return NULL;
    }
    reads_left--;
    return &entry;
}

static void remove_directory(char *path)
{
    cr_assert(rmdir(path) == 0);
    free(path);
}

static bool count(void *arg, int directory, const char *name)
{
    unsigned *seen = arg;
    cr_assert(directory >= 0);
    cr_assert_str_eq(name, "000001.log");
    return ++*seen < 5;
}

Test(entries, that_cannot_be_read_are_no_end)
{
    char *path = scratch_new();
    unsigned seen = 0;
    reads_left = 3;
    cr_assert_not(entries_visit(path, count, &seen));
    cr_assert_eq(errno, EIO);
    cr_assert_eq(seen, 3);
    remove_directory(path);
}

Test(entries, are_told_until_there_were_enough)
{
    char *path = scratch_new();
    unsigned seen = 0;
    reads_left = 10;
    cr_assert(entries_visit(path, count, &seen));
    cr_assert_eq(seen, 5);
    remove_directory(path);
}

Test(entries, that_cannot_be_read_fail_an_inventory_and_a_salvage)
{
    struct inventory inventory;
    struct store_error error = {.status = STATUS_OK};
    size_t damaged = 0;
    char *path = scratch_new();
    reads_left = 0;
    cr_assert_not(inventory_take(&inventory, path, &error));
    cr_assert_eq(error.status, STATUS_IO);
    error.status = STATUS_OK;
    cr_assert_not(salvage_logs(path, &damaged, &error));
    cr_assert_eq(error.status, STATUS_IO);
    remove_directory(path);
}
