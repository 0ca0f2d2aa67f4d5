/* What was typed at the prompt is kept, but for what may hold a password. */
#include "client/cli/memory.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "tests/lib/scratch.h"

Test(memory, keeps_no_line_that_may_hold_a_password)
{
    static const char *const secrets[] = {
        "AUTH alice hunter2", "auth hunter2",         "  Auth alice \"hunter2",
        "\"AUTH\" a b",       "'auth' a b",           "AUTHalice hunter2",
        "\tAUTH a b",         "LEVERET.AUTH a b",     "HELLO 3 AUTH a b",
        "hello 2 auth a b",   "leveret.hello 3 auth", "HELLO 3 SETNAME x AUTH a b"};
    for (size_t i = 0; i < sizeof(secrets) / sizeof(secrets[0]); i++)
        cr_assert_not(memory_keeps(secrets[i]), "%s", secrets[i]);
}

Test(memory, keeps_what_only_looks_like_one)
{
    static const char *const plain[] = {
        "GET auth", "PUT author AUTH", "HELLO 3", "SCAN AUTH", "A", "AUT", "", "USE auth:"};
    for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++)
        cr_assert(memory_keeps(plain[i]), "%s", plain[i]);
}

Test(memory, is_a_file_for_its_owner_only_even_where_it_was_not)
{
    char *directory = scratch_new();
    char *folder = scratch_path(directory, "leveret");
    char *path = scratch_path(folder, "history");
    struct memory memory;
    struct stat status;
    setenv("XDG_STATE_HOME", directory, 1);
    cr_assert(memory_open(&memory)); /* makes the folder */
    scratch_write(path, SLICE("_HiStOrY_V2_\nGET\\040a\n"));
    cr_assert_eq(chmod(path, 0644), 0);
    memory_add(&memory, "GET name\n");
    memory_add(&memory, "AUTH alice hunter2\n");
    memory_add(&memory, "GET last\n");
    memory_close(&memory);
    cr_assert_eq(stat(path, &status), 0);
    cr_assert_eq(status.st_mode & 0777, 0600, "%o", status.st_mode);
    struct buffer text = scratch_read(path);
    buffer_append_byte(&text, '\0');
    cr_assert(strstr(text.data, "name") != NULL && strstr(text.data, "last") != NULL);
    cr_assert_null(strstr(text.data, "hunter2"), "%s", text.data);
    buffer_fini(&text);
    free(path);
    free(folder);
    scratch_remove(directory);
}
