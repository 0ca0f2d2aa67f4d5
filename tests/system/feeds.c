/* The change feed through libleveret, against a live daemon. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "tests/system/library.h"

static struct leveret *db; /* follows */
static struct leveret *writer;

static void start(void)
{
    library_open("--feed-history", "64K");
    db = library_db;
    writer = leveret_new(daemon_address(library_server));
    cr_assert(writer != NULL);
}

static void stop(void)
{
    leveret_free(writer);
    library_close();
}

TestSuite(feeds, .init = start, .fini = stop, .timeout = 90);

#define WRITES(call) cr_assert_eq((call), LEVERET_OK, "%s", leveret_error_text(writer))

static void put(const char *key, const char *value)
{
    WRITES(leveret_put(writer, leveret_text(key), leveret_text(value)));
}

/* A feed of the prefix; *from, unless it is empty, says where it begins. */
static struct leveret_follow *follow_open(const char *prefix, const char *from)
{
    struct leveret_follow *follow = NULL;
    struct leveret_bytes sequence = from[0] == '\0' ? leveret_bytes(NULL, 0) : leveret_text(from);
    struct leveret_change change;
    OK(leveret_follow_open(db, leveret_text(prefix), sequence, &follow));
    OK(leveret_follow_next(follow, &change));
    cr_assert_eq(change.kind, LEVERET_CHANGE_NONE);
    return follow;
}

/* Keeps the latest sequence as text. */
static void keep_sequence(const struct leveret_follow *follow, char text[64])
{
    struct leveret_bytes sequence = leveret_follow_sequence(follow);
    cr_assert(sequence.len > 0 && sequence.len < 64);
    memcpy(text, sequence.data, sequence.len);
    text[sequence.len] = '\0';
}

static void expect_change(struct leveret_follow *follow, enum leveret_change_kind kind,
                          const char *key, const char *value)
{
    struct leveret_change change;
    OK(leveret_follow_next(follow, &change));
    cr_assert_eq(change.kind, kind);
    library_expect_text(change.key, key);
    cr_assert_eq(change.value.data == NULL, value == NULL);
    if (value != NULL)
        library_expect_text(change.value, value);
}

Test(feeds, tell_each_change_of_their_prefix)
{
    char batch[64];
    struct leveret_follow *follow = follow_open("a:", "");
    put("a:1", "x\n\xff");
    put("b:1", "not here");
    WRITES(leveret_begin(writer));
    put("a:2", "");
    WRITES(leveret_del(writer, leveret_text("a:1"), NULL));
    WRITES(leveret_commit(writer));
    WRITES(leveret_incr(writer, leveret_text("a:n"), 5, NULL));
    expect_change(follow, LEVERET_CHANGE_PUT, "a:1", "x\n\xff");
    expect_change(follow, LEVERET_CHANGE_PUT, "a:2", "");
    keep_sequence(follow, batch);
    expect_change(follow, LEVERET_CHANGE_DEL, "a:1", NULL);
    library_expect_text(leveret_follow_sequence(follow), batch);
    expect_change(follow, LEVERET_CHANGE_PUT, "a:n", "5");
    leveret_follow_close(follow);
    OK(leveret_ping(db));
}

/* What was missed while away comes, and the last write once more. */
Test(feeds, go_on_where_they_were_left)
{
    char last[64];
    OK(leveret_use(db, leveret_text("a:")));
    struct leveret_follow *follow = follow_open("", "");
    put("a:1", "1");
    expect_change(follow, LEVERET_CHANGE_PUT, "1", "1");
    keep_sequence(follow, last);
    leveret_follow_close(follow);
    put("a:2", "2");
    put("b:2", "2");
    follow = follow_open("", last);
    expect_change(follow, LEVERET_CHANGE_PUT, "1", "1");
    expect_change(follow, LEVERET_CHANGE_PUT, "2", "2");
    put("a:3", "3");
    expect_change(follow, LEVERET_CHANGE_PUT, "3", "3");
    leveret_follow_close(follow);
}

Test(feeds, say_when_changes_are_no_longer_to_be_had)
{
    static char large[16 * 1024];
    char first[64];
    struct leveret_change change;
    struct leveret_follow *follow = follow_open("", "");
    put("a", "1");
    expect_change(follow, LEVERET_CHANGE_PUT, "a", "1");
    keep_sequence(follow, first);
    leveret_follow_close(follow);
    memset(large, 'v', sizeof(large) - 1);
    for (unsigned i = 0; i < 20; i++)
        put("b", large);
    OK(leveret_follow_open(db, leveret_text(""), leveret_text(first), &follow));
    cr_assert_eq(leveret_follow_next(follow, &change), LEVERET_ERROR);
    cr_assert_str_eq(leveret_error_code(db), "LOST");
    leveret_follow_close(follow);
    OK(leveret_ping(db));
}

Test(feeds, of_a_run_of_the_server_do_not_go_on_in_the_next)
{
    char last[64];
    struct leveret_change change;
    struct leveret_follow *follow = follow_open("", "");
    put("a", "1");
    expect_change(follow, LEVERET_CHANGE_PUT, "a", "1");
    keep_sequence(follow, last);
    library_restart();
    enum leveret_status status = leveret_follow_next(follow, &change);
    cr_assert(status == LEVERET_LOST || status == LEVERET_ERROR, "%s", leveret_status_text(status));
    leveret_follow_close(follow);
    OK(leveret_follow_open(db, leveret_text(""), leveret_text(last), &follow));
    cr_assert_eq(leveret_follow_next(follow, &change), LEVERET_ERROR);
    cr_assert_str_eq(leveret_error_code(db), "LOST");
    leveret_follow_close(follow);
    leveret_follow_close(follow_open("", ""));
}
