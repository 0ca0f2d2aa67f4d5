/*
 * libleveret against a live daemon, through nothing but its installed header.
 */
#include <criterion/criterion.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

#include "client/leveret.h"
#include "tests/lib/daemon.h"
#include "tests/lib/deadline.h"
#include "tests/system/library.h"

static struct leveret *db;

static void start(void)
{
    library_open(NULL, NULL);
    db = library_db;
}

TestSuite(libleveret, .init = start, .fini = library_close, .timeout = 90);

Test(libleveret, puts_gets_and_deletes)
{
    struct leveret_bytes value;
    bool there = false;
    OK(leveret_ping(db));
    OK(leveret_put(db, leveret_text("name"), leveret_text("goku")));
    OK(leveret_get(db, leveret_text("name"), &value));
    library_expect_text(value, "goku");
    OK(leveret_exists(db, leveret_text("name"), &there));
    cr_assert(there);
    OK(leveret_del(db, leveret_text("name"), &there));
    cr_assert(there);
    OK(leveret_del(db, leveret_text("name"), &there));
    cr_assert_not(there);
    cr_assert_eq(leveret_get(db, leveret_text("name"), &value), LEVERET_NOT_FOUND);
}

Test(libleveret, writes_under_conditions_and_counts)
{
    struct leveret_bytes key = leveret_text("k");
    struct leveret_bytes one = leveret_text("1");
    struct leveret_bytes two = leveret_text("2");
    int64_t sum = 0;
    cr_assert_eq(leveret_put_over(db, key, one), LEVERET_CONFLICT);
    OK(leveret_put_new(db, key, one));
    cr_assert_eq(leveret_put_new(db, key, two), LEVERET_CONFLICT);
    cr_assert_eq(leveret_put_if(db, key, two, two), LEVERET_CONFLICT);
    OK(leveret_put_if(db, key, two, one));
    OK(leveret_incr(db, key, -5, &sum));
    cr_assert_eq(sum, -3);
    cr_assert_eq(leveret_del_if(db, key, two), LEVERET_CONFLICT);
    OK(leveret_del_if(db, key, leveret_text("-3")));
    OK(leveret_put_new(db, key, leveret_text("word")));
    cr_assert_eq(leveret_incr(db, key, 1, &sum), LEVERET_ERROR);
    cr_assert_str_eq(leveret_error_code(db), "NOT_NUMBER");
    OK(leveret_put_over(db, key, one));
}

Test(libleveret, commits_a_batch_whole_or_not_at_all)
{
    struct leveret_bytes a = leveret_text("a");
    struct leveret_bytes b = leveret_text("ABSENT");
    struct leveret_bytes value;
    bool there = true;
    OK(leveret_put(db, a, leveret_text("1")));
    OK(leveret_begin(db));
    OK(leveret_check(db, a, leveret_text("1")));
    OK(leveret_check_absent(db, b));
    OK(leveret_put(db, b, b));
    OK(leveret_del(db, a, &there));
    cr_assert_not(there);
    OK(leveret_get(db, a, &value)); /* not yet */
    OK(leveret_commit(db));
    cr_assert_eq(leveret_get(db, a, &value), LEVERET_NOT_FOUND);

    OK(leveret_begin(db));
    OK(leveret_check(db, b, b)); /* a value that reads like the word */
    OK(leveret_check_absent(db, b));
    OK(leveret_put(db, a, leveret_text("2")));
    cr_assert_eq(leveret_commit(db), LEVERET_CONFLICT);
    cr_assert_eq(leveret_get(db, a, &value), LEVERET_NOT_FOUND);
    cr_assert_eq(leveret_commit(db), LEVERET_ERROR);
    cr_assert_str_eq(leveret_error_code(db), "BATCH");

    OK(leveret_begin(db));
    OK(leveret_put(db, a, leveret_text("3")));
    OK(leveret_abort(db));
    cr_assert_eq(leveret_get(db, a, &value), LEVERET_NOT_FOUND);
}

Test(libleveret, keeps_every_byte)
{
    char key[256];
    char value[512];
    for (unsigned i = 0; i < 512; i++)
        value[i] = (char)(unsigned char)i;
    memcpy(key, value, sizeof(key));
    struct leveret_bytes got;
    OK(leveret_put(db, leveret_bytes(key, sizeof(key)), leveret_bytes(value, sizeof(value))));
    OK(leveret_get(db, leveret_bytes(key, sizeof(key)), &got));
    library_expect_bytes(got, leveret_bytes(value, sizeof(value)));
    OK(leveret_put(db, leveret_text(""), leveret_text("")));
    OK(leveret_get(db, leveret_text(""), &got));
    cr_assert_eq(got.len, 0);
}

Test(libleveret, carries_values_of_megabytes)
{
    size_t len = (size_t)16 * 1024 * 1024;
    char *large = malloc(len + 1);
    cr_assert(large != NULL);
    memset(large, 0xff, len + 1);
    struct leveret_bytes got;
    OK(leveret_put(db, leveret_text("large"), leveret_bytes(large, len)));
    OK(leveret_get(db, leveret_text("large"), &got));
    library_expect_bytes(got, leveret_bytes(large, len));
    cr_assert_eq(leveret_put(db, leveret_text("larger"), leveret_bytes(large, len + 1)),
                 LEVERET_ERROR);
    cr_assert_str_eq(leveret_error_code(db), "LIMIT");
    OK(leveret_ping(db));
    free(large);
}

static void put_numbers(unsigned count)
{
    char key[16];
    for (unsigned i = 0; i < count; i++) {
        snprintf(key, sizeof(key), "k%05u", i);
        OK(leveret_put(db, leveret_text(key), leveret_text(key + 1)));
    }
}

/* The rows of the range must be the keys `first`, first + step, ... : `count` of them. */
static void expect_scan(const struct leveret_range *range, int first, int step, unsigned count)
{
    struct leveret_scan *scan = NULL;
    struct leveret_bytes key;
    struct leveret_bytes value;
    char expected[16];
    OK(leveret_scan_open(db, range, &scan));
    for (unsigned i = 0; i < count; i++) {
        cr_assert_eq(leveret_scan_next(scan, &key, &value), LEVERET_OK, "row %u: %s", i,
                     leveret_error_text(db));
        snprintf(expected, sizeof(expected), "k%05d", first + (int)i * step);
        if (range->flags & LEVERET_VALUES)
            cr_assert(key.data == NULL);
        else
            library_expect_text(key, expected);
        if (range->flags & LEVERET_KEYS)
            cr_assert(value.data == NULL);
        else
            library_expect_text(value, expected + 1);
    }
    cr_assert_eq(leveret_scan_next(scan, &key, &value), LEVERET_END);
    cr_assert_eq(leveret_scan_next(scan, &key, &value), LEVERET_END, "final, and repeated");
    cr_assert_eq(leveret_scan_rows(scan), count);
    leveret_scan_close(scan);
}

Test(libleveret, scans_with_every_word)
{
    put_numbers(200);
    struct leveret_bytes low = leveret_text("k00050");
    struct leveret_bytes high = leveret_text("k00060");
    struct leveret_bytes all = leveret_text("k");
    expect_scan(&(struct leveret_range){.prefix = all}, 0, 1, 200);
    expect_scan(&(struct leveret_range){.prefix = leveret_text("k0001")}, 10, 1, 10);
    expect_scan(&(struct leveret_range){.prefix = all, .from = low, .to = high}, 50, 1, 10);
    expect_scan(&(struct leveret_range){.after = low, .through = high}, 51, 1, 10);
    expect_scan(&(struct leveret_range){.after = low, .through = high, .flags = LEVERET_REVERSE},
                60, -1, 10);
    expect_scan(&(struct leveret_range){.from = low, .to = high, .flags = LEVERET_KEYS}, 50, 1, 10);
    expect_scan(&(struct leveret_range){.from = low, .to = high, .flags = LEVERET_VALUES}, 50, 1,
                10);
    expect_scan(&(struct leveret_range){.prefix = leveret_text("nothing")}, 0, 1, 0);
    uint64_t count = 0;
    OK(leveret_count(db, &(struct leveret_range){.from = low, .to = high}, &count));
    cr_assert_eq(count, 10);
}

Test(libleveret, asks_for_a_size)
{
    struct leveret_range range = {
        .prefix = leveret_text("k"), .limit = 3, .flags = LEVERET_KEYS | LEVERET_REVERSE};
    uint64_t bytes = 1;
    OK(leveret_size(db, &range, &bytes));
    cr_assert_eq(bytes, 0);
}

Test(libleveret, resumes_a_limited_scan)
{
    put_numbers(100);
    struct leveret_range range = {.limit = 7};
    struct leveret_bytes key;
    char last[16] = "";
    unsigned rows = 0;
    bool more = true;
    while (more) {
        struct leveret_scan *scan = NULL;
        OK(leveret_scan_open(db, &range, &scan));
        while (leveret_scan_next(scan, NULL, NULL) == LEVERET_OK)
            rows++;
        more = leveret_scan_more(scan, &key);
        if (more) {
            cr_assert(key.len < sizeof(last));
            memcpy(last, key.data, key.len);
            range.after = leveret_bytes(last, key.len);
        }
        leveret_scan_close(scan);
    }
    cr_assert_eq(rows, 100);
}

Test(libleveret, tells_what_the_server_says_of_a_bad_range)
{
    struct leveret_scan *scan = NULL;
    struct leveret_range range = {.from = leveret_text("b"), .to = leveret_text("a")};
    OK(leveret_scan_open(db, &range, &scan));
    cr_assert_eq(leveret_scan_next(scan, NULL, NULL), LEVERET_ERROR);
    cr_assert_str_eq(leveret_error_code(db), "BADARG");
    leveret_scan_close(scan);
    range = (struct leveret_range){.from = leveret_text("a"), .after = leveret_text("a")};
    cr_assert_eq(leveret_scan_open(db, &range, &scan), LEVERET_MISUSE);
    OK(leveret_ping(db));
}

Test(libleveret, closes_a_scan_in_the_middle_and_goes_on)
{
    put_numbers(5000);
    for (unsigned round = 0; round < 20; round++) {
        struct leveret_scan *scan = NULL;
        OK(leveret_scan_open(db, &(struct leveret_range){.limit = 0}, &scan));
        for (unsigned i = 0; i < round; i++)
            OK(leveret_scan_next(scan, NULL, NULL));
        cr_assert_eq(leveret_ping(db), LEVERET_MISUSE, "a scan is open");
        leveret_scan_close(scan);
        OK(leveret_ping(db));
    }
}

static enum leveret_status queue(const char *first, const char *second, const char *third)
{
    struct leveret_bytes words[3] = {leveret_text(first), leveret_text(second)};
    if (third != NULL)
        words[2] = leveret_text(third);
    return leveret_request(db, words, third == NULL ? 2 : 3);
}

/* Far more than any socket buffer holds, in both directions, and no deadlock. */
Test(libleveret, pipelines_without_a_deadlock)
{
    static char large[32768];
    memset(large, 'v', sizeof(large) - 1);
    OK(leveret_put(db, leveret_text("large"), leveret_text(large)));
    const struct leveret_answer *answer = NULL;
    unsigned queued = 0;
    unsigned taken = 0;
    while (taken < 20000) {
        enum leveret_status status = LEVERET_FULL;
        if (queued < 20000) {
            status = queued % 2 == 0 ? queue("GET", "large", NULL) : queue("PUT", "k", large);
            cr_assert(status == LEVERET_OK || status == LEVERET_FULL, "%s", leveret_error_text(db));
            queued += status == LEVERET_OK;
        }
        if (status == LEVERET_OK)
            continue;
        OK(leveret_next(db, &answer));
        cr_assert_eq(leveret_answer_kind(answer), LEVERET_ENDING);
        cr_assert_eq(leveret_answer_status(answer), LEVERET_OK);
        struct leveret_bytes value;
        cr_assert_eq(leveret_answer_value(answer, &value), taken % 2 == 0, "in order");
        taken++;
    }
    cr_assert_eq(leveret_pending(db), 0);
    OK(leveret_ping(db));
}

Test(libleveret, pipelines_lines_as_a_person_types_them)
{
    const struct leveret_answer *answer = NULL;
    uint64_t count = 0;
    struct leveret_bytes part;
    OK(leveret_line(db, leveret_text("# a remark")));
    OK(leveret_line(db, leveret_text("  ")));
    cr_assert_eq(leveret_pending(db), 0);
    OK(leveret_line(db, leveret_text("MPUT a 1 \"b c\" '2'")));
    OK(leveret_line(db, leveret_text("SCAN '' REVERSE LIMIT 1")));
    OK(leveret_line(db, leveret_text("FROB")));
    cr_assert_eq(leveret_line(db, leveret_text("PING\nPING")), LEVERET_MISUSE);
    cr_assert_eq(leveret_pending(db), 3);
    cr_assert_eq(leveret_ping(db), LEVERET_MISUSE, "replies are outstanding");
    OK(leveret_next(db, &answer));
    cr_assert_eq(leveret_answer_kind(answer), LEVERET_ENDING);
    OK(leveret_next(db, &answer));
    cr_assert_eq(leveret_answer_kind(answer), LEVERET_ROW);
    cr_assert(leveret_answer_part(answer, 0, &part));
    library_expect_text(part, "b c");
    cr_assert_not(leveret_answer_part(answer, 2, &part));
    OK(leveret_next(db, &answer));
    cr_assert(leveret_answer_count(answer, &count) && count == 1);
    cr_assert(leveret_answer_more(answer, &part));
    OK(leveret_next(db, &answer));
    cr_assert_eq(leveret_answer_status(answer), LEVERET_ERROR);
    library_expect_text(leveret_answer_code(answer), "UNKNOWN_COMMAND");
    cr_assert_eq(leveret_next(db, &answer), LEVERET_MISUSE, "nothing is pending");
}

Test(libleveret, syncs)
{
    OK(leveret_put(db, leveret_text("a"), leveret_text("1")));
    OK(leveret_sync(db));
}

Test(libleveret, keeps_a_batch_whose_commit_was_misuse)
{
    struct leveret_range range = {.prefix = leveret_text("")};
    struct leveret_scan *scan = NULL;
    struct leveret_bytes key = leveret_text("k");
    bool there = true;
    OK(leveret_begin(db));
    OK(leveret_put(db, key, key));
    OK(leveret_scan_open(db, &range, &scan));
    cr_assert_eq(leveret_commit(db), LEVERET_MISUSE);
    cr_assert_eq(leveret_abort(db), LEVERET_MISUSE);
    leveret_scan_close(scan); /* drops the connection, and so the batch */
    cr_assert_eq(leveret_put(db, key, key), LEVERET_LOST);
    OK(leveret_abort(db));
    OK(leveret_exists(db, key, &there));
    cr_assert_not(there);
}

Test(libleveret, speaks_over_a_unix_socket)
{
    char address[256];
    snprintf(address, sizeof(address), "unix:%s", daemon_socket(library_server));
    struct leveret *local = leveret_new(address);
    OK(leveret_put(db, leveret_text("a"), leveret_text("1")));
    bool there = false;
    cr_assert_eq(leveret_exists(local, leveret_text("a"), &there), LEVERET_OK);
    cr_assert(there);
    leveret_free(local);
}

Test(libleveret, knows_bad_addresses_from_silent_ones)
{
    static const struct {
        const char *address;
        enum leveret_status status;
    } cases[] = {
        {"127.0.0.1:1", LEVERET_UNREACHABLE},
        {"unix:/no/socket", LEVERET_UNREACHABLE},
        {"127.0.0.1:99999", LEVERET_MISUSE},
        {"127.0.0.1:http", LEVERET_MISUSE},
        {"[::1", LEVERET_MISUSE},
        {"", LEVERET_MISUSE},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct leveret *other = leveret_new(cases[i].address);
        enum leveret_status status = leveret_connect(other);
        cr_assert(status == cases[i].status, "%s: %s", cases[i].address,
                  leveret_status_text(status));
        cr_assert(strlen(leveret_error_text(other)) > 0);
        leveret_free(other);
    }
}

/* For programs with a loop of their own. */
Test(libleveret, can_be_polled)
{
    const struct leveret_answer *answer = NULL;
    OK(leveret_connect(db));
    for (unsigned i = 0; i < 100; i++)
        OK(queue("PING", "x", NULL));
    int64_t deadline = deadline_in(DEADLINE_SECONDS);
    for (unsigned taken = 0; taken < 100;) {
        struct pollfd entry = {.fd = leveret_poll_fd(db), .events = leveret_poll_events(db)};
        cr_assert(poll(&entry, 1, deadline_left(deadline)) > 0);
        OK(leveret_pump(db));
        enum leveret_status status = LEVERET_OK;
        while ((status = leveret_try_next(db, &answer)) == LEVERET_OK)
            taken++;
        cr_assert(status == LEVERET_AGAIN || taken == 100, "%s", leveret_error_text(db));
    }
}
