/*
 * The options that LevelDB is opened with reach it: what lies on disk afterwards shows it.
 */
#include <criterion/criterion.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "tests/lib/chance.h"
#include "tests/lib/daemon.h"
#include "tests/lib/scratch.h"

static struct daemon *server;

static void prepare(void)
{
    server = daemon_new();
}

static void stop(void)
{
    daemon_free(server);
}

TestSuite(tuning, .init = prepare, .fini = stop, .timeout = 120);

/* The tables of the directory: all of them together, and the largest, in bytes. */
struct tables {
    size_t total;
    size_t largest;
};

static int is_table(const struct dirent *entry)
{
    const char *ending = strrchr(entry->d_name, '.');
    return ending != NULL && strcmp(ending, ".ldb") == 0;
}

static struct tables look_at_tables(void)
{
    struct tables tables = {0};
    struct dirent **names = NULL;
    int count = scandir(daemon_data(server), &names, is_table, alphasort);
    cr_assert(count > 0, "there are no tables");
    for (int i = 0; i < count; i++) {
        char *path = scratch_path(daemon_data(server), names[i]->d_name);
        struct stat about;
        cr_assert(stat(path, &about) == 0);
        tables.total += (size_t)about.st_size;
        if ((size_t)about.st_size > tables.largest)
            tables.largest = (size_t)about.st_size;
        free(path);
        free(names[i]);
    }
    free(names);
    return tables;
}

/* Writes so many values of 1,000 equal bytes under keys in no order. */
static void fill(unsigned rows)
{
    struct chance chance = {3};
    struct buffer requests = {0};
    struct slice ending;
    char value[1000];
    char text[1100];
    memset(value, 'v', sizeof(value));
    for (unsigned i = 0; i < rows; i++) {
        int len =
            snprintf(text, sizeof(text), "PUT %08x%08x %.*s\n",
                     (unsigned)chance_below(&chance, UINT32_MAX), i, (int)sizeof(value), value);
        buffer_append(&requests, text, (size_t)len);
    }
    struct wire *wire = daemon_connect(server);
    wire_send(wire, buffer_slice(&requests));
    for (unsigned i = 0; i < rows; i++)
        wire_skip_reply(wire, &ending);
    wire_close(wire);
    buffer_fini(&requests);
}

/* The tables of a new directory after a start with the option, `rows` writes, a stop, and another
 * start, which makes a table of what was in no table yet. */
static struct tables fill_with(const char *option, const char *value, unsigned rows)
{
    daemon_free(server);
    server = daemon_new();
    daemon_start(server, "--write-buffer", "64K", "--sync", "never", option, value, NULL);
    fill(rows);
    daemon_stop(server);
    daemon_start(server, option, value, NULL);
    daemon_stop(server);
    return look_at_tables();
}

Test(tuning, compression_makes_tables_smaller)
{
    size_t pressed = fill_with("--compression", "snappy", 500).total;
    size_t plain = fill_with("--compression", "none", 500).total;
    cr_assert(plain > 500 * 1000, "%zu bytes for %u values", plain, 500);
    cr_assert(pressed < plain / 4, "%zu bytes pressed, %zu plain", pressed, plain);
}

/* Each block has a line in its table's index: one row a block against sixty. */
Test(tuning, larger_blocks_make_smaller_tables)
{
    size_t small = fill_with("--block-size", "1K", 500).total;
    size_t large = fill_with("--block-size", "64K", 500).total;
    cr_assert(large < small - small / 5, "%zu bytes in small blocks, %zu in large", small, large);
}

/* A key that is stored whole costs its length; one stored as a change of the last, less. */
Test(tuning, a_long_restart_interval_makes_smaller_tables)
{
    size_t whole = fill_with("--block-restart-interval", "1", 500).total;
    size_t changes = fill_with("--block-restart-interval", "64", 500).total;
    cr_assert(changes < whole, "%zu bytes with changes, %zu with whole keys", changes, whole);
}

Test(tuning, the_largest_file_is_as_large_as_it_may_be)
{
    const size_t mib = 1024 * 1024;
    daemon_start(server, "--write-buffer", "64K", "--sync", "never", "--compression", "none",
                 "--max-file-size", "1M", NULL);
    fill(6000);
    daemon_stop(server);
    size_t largest = look_at_tables().largest;
    cr_assert(largest > mib / 2 && largest < mib + mib / 8, "%zu bytes", largest);

    daemon_free(server);
    server = daemon_new();
    daemon_start(server, "--write-buffer", "64K", "--sync", "never", "--compression", "none",
                 "--max-file-size", "64M", NULL);
    fill(6000);
    daemon_stop(server);
    largest = look_at_tables().largest;
    cr_assert(largest > 2 * mib, "%zu bytes", largest);
}

/* The middle of a log is damaged: without the checks what can be read is served. */
Test(tuning, paranoid_checks_refuse_what_is_damaged)
{
    daemon_start(server, NULL);
    struct wire *wire = daemon_connect(server);
    wire_ask(wire, "PUT a 1\nPUT b 2\n", "OK\nOK\n");
    wire_ask(wire, "PUT c 3\n", "OK\n");
    wire_close(wire);
    daemon_stop(server);
    char *path = scratch_path(daemon_data(server), "000003.log");
    struct buffer log = scratch_read(path);
    cr_assert(log.len > 10);
    log.data[8] ^= 1; /* in the first record, behind its header of 7 bytes */
    scratch_write(path, buffer_slice(&log));
    buffer_fini(&log);
    free(path);

    daemon_spawn(server, NULL);
    cr_assert_eq(daemon_wait(server), 1);
    cr_assert(strstr(daemon_log(server), "000003.log is damaged") != NULL, "%s",
              daemon_log(server));

    daemon_start(server, "--paranoid-checks", "no", NULL);
    daemon_await_log(server, "opened all the same, because paranoid-checks is no: ");
    wire = daemon_connect(server);
    wire_ask(wire, "GET a\n", "NOT_FOUND\n");
    wire_close(wire);
    daemon_stop(server);
}
