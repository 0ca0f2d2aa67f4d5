/*
 * The files that are kept for a target, one after the other, without libFuzzer: what a fuzzer once
 * found stays found, whatever the compiler.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include <criterion/criterion.h>

#include "tests/fuzz/target.h"
#include "tests/lib/paths.h"
#include "tests/lib/scratch.h"

static void take_file(const char *directory, const char *name)
{
    char *path = scratch_path(directory, name);
    struct buffer bytes = scratch_read(path);
    fprintf(stderr, "%s\n", path); /* shown when the target aborts */
    target_take(buffer_slice(&bytes));
    buffer_fini(&bytes);
    free(path);
}

Test(seeds, are_treated_as_promised, .timeout = 100)
{
    char *directory = scratch_path(paths_source(), "tests/fuzz/seeds/" TARGET);
    DIR *entries = opendir(directory);
    cr_assert(entries != NULL, "there is no %s", directory);
    size_t count = 0;
    for (struct dirent *entry = NULL; (entry = readdir(entries)) != NULL;) {
        if (entry->d_name[0] == '.')
            continue;
        take_file(directory, entry->d_name);
        count++;
    }
    cr_assert(count > 0, "there is nothing in %s", directory);
    closedir(entries);
    free(directory);
}

Test(seeds, that_are_nothing_are_no_matter)
{
    target_take(SLICE(""));
}
