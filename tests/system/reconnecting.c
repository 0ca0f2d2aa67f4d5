/* libleveret when its connections come and go. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "tests/system/library.h"

static const struct leveret_range everything = {.flags = LEVERET_KEYS};

static struct leveret *db;

static void start(void)
{
    library_open(NULL, NULL);
    db = library_db;
}

TestSuite(reconnecting, .init = start, .fini = library_close, .timeout = 90);

Test(reconnecting, connects_again_after_the_server_came_back)
{
    OK(leveret_put(db, leveret_text("a"), leveret_text("1")));
    char address[32];
    snprintf(address, sizeof(address), "127.0.0.1:%d", daemon_port(library_server));
    daemon_stop(library_server);
    enum leveret_status status = leveret_ping(db);
    cr_assert(status == LEVERET_LOST || status == LEVERET_UNREACHABLE, "%d", (int)status);
    cr_assert(strlen(leveret_error_text(db)) > 0);
    cr_assert_eq(leveret_ping(db), LEVERET_UNREACHABLE);
    cr_assert_not(leveret_connected(db));
    daemon_start(library_server, "--listen", address, NULL);
    struct leveret_bytes value;
    OK(leveret_get(db, leveret_text("a"), &value));
    library_expect_text(value, "1");
    cr_assert(leveret_connected(db));
}

Test(reconnecting, lets_no_write_of_a_lost_batch_slip_out)
{
    struct leveret_bytes key = leveret_text("k");
    bool there = true;
    OK(leveret_begin(db));
    OK(leveret_check_absent(db, key));
    library_restart();
    cr_assert_eq(leveret_put(db, key, key), LEVERET_LOST);
    cr_assert_eq(leveret_put(db, key, key), LEVERET_LOST);
    cr_assert_eq(leveret_commit(db), LEVERET_LOST);
    OK(leveret_exists(db, key, &there));
    cr_assert_not(there);
    OK(leveret_begin(db));
    OK(leveret_put(db, key, key));
    OK(leveret_commit(db));
    OK(leveret_exists(db, key, &there));
    cr_assert(there);
}

Test(reconnecting, stays_inside_a_prefix_when_it_connects_again)
{
    struct leveret_bytes value;
    OK(leveret_use(db, leveret_text("mine:")));
    OK(leveret_put(db, leveret_text("a"), leveret_text("1")));
    library_restart();
    OK(leveret_put(db, leveret_text("b"), leveret_text("2")));
    library_restart();
    library_expect_keys(&everything, "a", "b", NULL);
    OK(leveret_use(db, leveret_text("")));
    library_restart();
    library_expect_keys(&everything, "mine:a", "mine:b", NULL);
    OK(leveret_get(db, leveret_text("mine:b"), &value));
    library_expect_text(value, "2");
}

Test(reconnecting, fails_where_a_prefix_is_refused)
{
    static char large[1026];
    memset(large, 'p', sizeof(large) - 1);
    OK(leveret_use(db, leveret_text("mine:")));
    cr_assert_eq(leveret_use(db, leveret_text(large)), LEVERET_ERROR);
    cr_assert_str_eq(leveret_error_code(db), "LIMIT");
    OK(leveret_put(db, leveret_text("a"), leveret_text("1")));
    OK(leveret_begin(db));
    cr_assert_eq(leveret_use(db, leveret_text("other:")), LEVERET_ERROR);
    cr_assert_str_eq(leveret_error_code(db), "BATCH");
    OK(leveret_abort(db));
    library_expect_text(leveret_prefix(db), "mine:");
    OK(leveret_use(db, leveret_text("")));
    library_expect_keys(&everything, "mine:a", NULL);
}
