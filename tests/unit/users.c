#include "server/ops/users.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <sys/stat.h>

#include "tests/lib/login.h"
#include "tests/lib/report.h"
#include "tests/lib/scratch.h"

static char *directory;
static char *path;

static void prepare(void)
{
    directory = scratch_new();
    path = scratch_path(directory, "users");
}

static void clean(void)
{
    scratch_remove(directory);
    free(path);
}

TestSuite(users, .init = prepare, .fini = clean, .timeout = 60);

static struct users *load(struct users_error *error)
{
    struct users_options options = {.path = path, .anonymous = ROLE_NOBODY};
    return users_load(&options, error);
}

static void install(void)
{
    struct users_error error = {.text = ""};
    struct users *users = load(&error);
    cr_assert(users != NULL, "%s", error.text);
    users_install(users);
}

static void write_private(const char *text)
{
    scratch_write(path, slice_from_string(text));
    cr_assert_eq(chmod(path, 0600), 0);
}

/* A file with this in it is refused with that sentence, behind its path. */
static void expect_wrong(const char *text, const char *problem)
{
    char expected[600];
    struct users_error error = {.text = ""};
    write_private(text);
    struct users *users = load(&error);
    cr_assert(users == NULL, "%s is taken", text);
    snprintf(expected, sizeof(expected), "%s%s", path, problem);
    report_equal("the complaint", slice_from_string(error.text), slice_from_string(expected));
}

Test(users, everybody_is_anyone_until_there_is_a_table)
{
    cr_assert_eq(users_anonymous(), &user_anyone);
    cr_assert_eq(users_find(SLICE("ann")), NULL);
    cr_assert_eq(users_verify(SLICE("ann"), SLICE("secret")), NULL);
}

Test(users, log_in_with_their_own_password)
{
    login_add(path, "ann", "write", "secret", "");
    login_add(path, "bob", "read", "hidden", "");
    install();
    const struct user *ann = users_verify(SLICE("ann"), SLICE("secret"));
    cr_assert(ann != NULL && ann->role == ROLE_WRITES && ann->prefix_count == 0);
    cr_assert_str_eq(ann->name, "ann");
    users_release(ann);
    cr_assert_eq(users_verify(SLICE("ann"), SLICE("hidden")), NULL);
    cr_assert_eq(users_verify(SLICE("ann"), SLICE("")), NULL);
    cr_assert_eq(users_verify(SLICE("bo"), SLICE("hidden")), NULL);
    cr_assert_eq(users_verify(SLICE("bobb"), SLICE("hidden")), NULL);
}

Test(users, without_a_password_are_found_and_never_verified)
{
    login_add(path, "ann", "read", "secret", "");
    FILE *file = fopen(path, "a");
    fputs("machine admin -\r\n\n# a remark\n", file);
    fclose(file);
    install();
    const struct user *machine = users_find(SLICE("machine"));
    cr_assert(machine != NULL && machine->role == ROLE_ADMIN);
    users_release(machine);
    cr_assert_eq(users_verify(SLICE("machine"), SLICE("-")), NULL);
    cr_assert_eq(users_verify(SLICE("machine"), SLICE("secret")), NULL);
}

Test(users, have_their_prefixes_in_order_and_none_twice)
{
    write_private("ann read - b:x \"a\\x00\" b: b: c\n");
    install();
    const struct user *ann = users_find(SLICE("ann"));
    cr_assert_eq(ann->prefix_count, 3);
    report_equal("first", ann->prefixes[0], SLICE("a\0"));
    report_equal("second", ann->prefixes[1], SLICE("b:"));
    report_equal("third", ann->prefixes[2], SLICE("c"));
    users_release(ann);
}

Test(users, with_an_empty_prefix_have_every_key)
{
    write_private("ann read - b \"\"\n");
    install();
    const struct user *ann = users_find(SLICE("ann"));
    cr_assert_eq(ann->prefix_count, 0);
    users_release(ann);
}

Test(users, that_are_held_outlive_their_table)
{
    write_private("ann read - mine:\n");
    install();
    unsigned before = users_generation();
    const struct user *ann = users_find(SLICE("ann"));
    write_private("bob read -\n");
    install();
    cr_assert_neq(users_generation(), before);
    cr_assert_eq(users_find(SLICE("ann")), NULL);
    cr_assert_str_eq(ann->name, "ann");
    report_equal("its prefix", ann->prefixes[0], SLICE("mine:"));
    users_release(ann);
}

Test(users, of_a_hundred_lines_are_all_found)
{
    char name[16];
    struct buffer text = {0};
    for (unsigned i = 0; i < 100; i++) {
        snprintf(name, sizeof(name), "u%u", i * 7 % 100);
        buffer_append_string(&text, name);
        buffer_append_string(&text, " read -\n");
    }
    buffer_append_byte(&text, '\0');
    write_private(text.data);
    buffer_fini(&text);
    install();
    for (unsigned i = 0; i < 100; i++) {
        snprintf(name, sizeof(name), "u%u", i);
        const struct user *user = users_find(slice_from_string(name));
        cr_assert(user != NULL, "no %s", name);
        cr_assert_str_eq(user->name, name);
        users_release(user);
    }
}

Test(users, who_did_not_log_in_have_what_the_options_grant)
{
    static const char *const prefixes[] = {"public:", "a"};
    struct users_options options = {
        .anonymous = ROLE_READS, .prefixes = prefixes, .prefix_count = 2};
    struct users_error error;
    struct users *users = users_load(&options, &error);
    cr_assert(users != NULL);
    users_install(users);
    const struct user *user = users_anonymous();
    cr_assert_eq(user->role, ROLE_READS);
    cr_assert_eq(user->prefix_count, 2);
    report_equal("first", user->prefixes[0], SLICE("a"));
    users_release(user);
}

Test(users, in_a_wrong_line_are_named_with_file_and_line)
{
    expect_wrong("ann read\n", ":1: a user is `name role hash [prefix]...`");
    expect_wrong("# x\n\nann reads -\n", ":3: the role is read, write or admin");
    expect_wrong("ann none -\n", ":1: the role is read, write or admin");
    expect_wrong("\"a b\" read -\n", ":1: a name is up to 64 visible characters of ASCII");
    expect_wrong("\"\" read -\n", ":1: a name is up to 64 visible characters of ASCII");
    expect_wrong("ann read secret\n",
                 ":1: the hash is none of argon2id; `leveret passwd` makes them");
    expect_wrong("ann read $argon2id$v=19$m=8,t=1,p=1$x\n",
                 ":1: the hash is none of argon2id; `leveret passwd` makes them");
    expect_wrong("ann read \"open\n", ":1: a quote is not closed");
    expect_wrong("bob read -\nann read -\nbob read -\n", ":3: line 1 has a user bob already");
    expect_wrong("bob read -\nbob admin -\nann read -\n", ":2: line 1 has a user bob already");
}

Test(users, of_a_hash_that_costs_too_much_are_refused)
{
    expect_wrong("ann read $argon2id$v=19$m=1048576,t=2,p=1$"
                 "c29tZXNhbHRzb21lc2FsdA$"
                 "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n",
                 ":1: the hash costs more than 256 MiB or 16 passes");
}

Test(users, in_a_file_that_others_can_read_are_refused)
{
    struct users_error error;
    char expected[600];
    write_private("ann read -\n");
    for (mode_t bit = 1; bit <= 040; bit <<= 1) {
        cr_assert_eq(chmod(path, 0600 | bit), 0);
        cr_assert(load(&error) == NULL, "mode %o is taken", 0600 | bit);
        snprintf(expected, sizeof(expected),
                 "%s: others than its owner have rights on it; chmod 600 it", path);
        cr_assert_str_eq(error.text, expected);
    }
}

Test(users, in_no_file_are_refused)
{
    struct users_error error;
    cr_assert(load(&error) == NULL);
    cr_assert(strstr(error.text, "users: No such file or directory") != NULL, "%s", error.text);
}

/* Nobody writes into it, and it is not waited for. */
Test(users, in_a_pipe_are_refused)
{
    struct users_error error;
    char expected[600];
    cr_assert_eq(mkfifo(path, 0600), 0);
    cr_assert(load(&error) == NULL);
    snprintf(expected, sizeof(expected), "%s: it is no file", path);
    cr_assert_str_eq(error.text, expected);
}
