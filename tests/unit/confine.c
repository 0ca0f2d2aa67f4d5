/*
 * Confinement, held against a filter: random users and random ranges over every short key of a
 * small alphabet, in a store of their own.
 */
#include "commands/confine.h"

#include <criterion/criterion.h>
#include <semaphore.h>
#include <stdlib.h>

#include "tests/lib/chance.h"
#include "tests/lib/report.h"
#include "tests/lib/scratch.h"

/* The last one has no successor as a byte, the first is what stands for nothing in C. */
static const char letters[] = {'\0', 'a', 'b', '\xff'};
#define LETTERS sizeof(letters)
#define LONGEST 3
#define KEYS 85 /* of up to so many letters */

#define MOST_PREFIXES 5

struct text {
    char bytes[LONGEST];
    size_t len;
};

static struct text keys[KEYS]; /* in their order */
static char *directory;
static struct store *store;

static struct slice slice_of_text(const struct text *text)
{
    return slice_of(text->bytes, text->len);
}

static int compare_texts(const void *a, const void *b)
{
    return slice_compare(slice_of_text(a), slice_of_text(b));
}

static void make_keys(void)
{
    size_t count = 1; /* the empty key is there */
    for (size_t from = 0; keys[from].len < LONGEST; from++)
        for (size_t i = 0; i < LETTERS; i++) {
            keys[count] = keys[from];
            keys[count].bytes[keys[count].len++] = letters[i];
            count++;
            if (count == KEYS)
                break;
        }
    cr_assert_eq(count, KEYS);
    qsort(keys, KEYS, sizeof(keys[0]), compare_texts);
}

/* The store --------------------------------------------------------------------- */

static sem_t committed;

static void tell_committed(struct submission *submission, void *arg)
{
    (void)submission;
    (void)arg;
    sem_post(&committed);
}

/* One key of three is missing, so that some parts of users have no rows. */
static bool is_stored(size_t n)
{
    return n % 3 != 1;
}

static void fill(void)
{
    struct submission *submission = submission_new();
    cr_assert(submission != NULL && submission_reserve(submission));
    submission_begin(submission, WRITE_ANSWERS_OK);
    for (size_t i = 0; i < KEYS; i++)
        if (is_stored(i))
            submission_put(submission, slice_of_text(&keys[i]), SLICE("value"));
    submission_end(submission);
    submission->done = tell_committed;
    store_commit(store, submission);
    while (sem_wait(&committed) != 0)
        continue;
    cr_assert_eq(submission->writes[0].status, STATUS_OK);
    submission_free(submission);
}

static void start(void)
{
    struct store_error error;
    directory = scratch_new();
    sem_init(&committed, 0, 0);
    make_keys();
    struct store_options options = {
        .path = directory,
        .create_if_missing = true,
        .sync_within = STORE_SYNC_NEVER,
        .write_buffer = 65536,
        .cache = 1 << 20,
        .max_open_files = 100,
        .block_size = 4096,
        .block_restart_interval = 16,
        .max_file_size = 1 << 20,
    };
    cr_assert(store_open(&store, &options, &error), "%s", error.text);
    fill();
}

static void stop(void)
{
    store_begin_close(store);
    store_close(store);
    scratch_remove(directory);
}

TestSuite(confine, .init = start, .fini = stop, .timeout = 60);

/* Users and ranges --------------------------------------------------------------- */

struct someone {
    struct user user;
    struct text texts[MOST_PREFIXES];
    struct slice prefixes[MOST_PREFIXES];
};

static struct text any_text(struct chance *chance, size_t longest)
{
    struct text text = {.len = chance_below(chance, longest + 1)};
    for (size_t i = 0; i < text.len; i++)
        text.bytes[i] = letters[chance_below(chance, LETTERS)];
    return text;
}

/* As the users file has them: in order, and none begins with another. */
static void make_someone(struct someone *someone, struct chance *chance)
{
    size_t wanted = chance_below(chance, MOST_PREFIXES + 1);
    *someone = (struct someone){.user = {.name = "hare", .prefixes = someone->prefixes}};
    for (size_t i = 0; i < wanted; i++)
        someone->texts[i] = any_text(chance, LONGEST);
    qsort(someone->texts, wanted, sizeof(someone->texts[0]), compare_texts);
    for (size_t i = 0; i < wanted; i++) {
        struct slice prefix = slice_of_text(&someone->texts[i]);
        size_t count = someone->user.prefix_count;
        if (count == 0 || !slice_has_prefix(prefix, someone->prefixes[count - 1]))
            someone->prefixes[someone->user.prefix_count++] = prefix;
    }
}

/* Told one by one, and not by a search. */
static bool may_have(const struct someone *someone, struct slice key)
{
    for (size_t i = 0; i < someone->user.prefix_count; i++)
        if (slice_has_prefix(key, someone->prefixes[i]))
            return true;
    return someone->user.prefix_count == 0;
}

/* The words of a request. */
struct wish {
    struct text prefix;
    bool has_low;
    bool open;
    struct text low;
    bool has_high;
    bool closed;
    struct text high;
};

static struct wish any_wish(struct chance *chance)
{
    return (struct wish){
        .prefix = any_text(chance, chance_below(chance, LONGEST + 1)),
        .has_low = chance_below(chance, 2) == 0,
        .open = chance_below(chance, 2) == 0,
        .low = any_text(chance, LONGEST),
        .has_high = chance_below(chance, 2) == 0,
        .closed = chance_below(chance, 2) == 0,
        .high = any_text(chance, LONGEST),
    };
}

static bool wishes(const struct wish *wish, struct slice key)
{
    int low = slice_compare(key, slice_of_text(&wish->low));
    int high = slice_compare(key, slice_of_text(&wish->high));
    return slice_has_prefix(key, slice_of_text(&wish->prefix)) &&
           (!wish->has_low || low > 0 || (low == 0 && !wish->open)) &&
           (!wish->has_high || high < 0 || (high == 0 && wish->closed));
}

static void make_range(const struct someone *someone, const struct wish *wish, struct range *range)
{
    cr_assert(confine_range(&someone->user, slice_of_text(&wish->prefix), range));
    cr_assert(!wish->has_low || range_raise(range, slice_of_text(&wish->low), wish->open));
    cr_assert(!wish->has_high || range_lower(range, slice_of_text(&wish->high), wish->closed));
}

/* Reading ------------------------------------------------------------------------- */

struct reading {
    const struct someone *someone;
    const struct wish *wish;
    bool reverse;
    size_t at;    /* of the keys: behind the last that was delivered, or before it */
    size_t pause; /* after so many rows */
    bool over;
};

/* The next key that the filter lets pass; KEYS when there is none. */
static size_t next_expected(const struct reading *reading)
{
    for (size_t i = reading->at; i < KEYS; i++) {
        size_t n = reading->reverse ? KEYS - 1 - i : i;
        struct slice key = slice_of_text(&keys[n]);
        if (is_stored(n) && wishes(reading->wish, key) && may_have(reading->someone, key))
            return i;
    }
    return KEYS;
}

static bool take_row(void *arg, struct slice key, struct slice value)
{
    struct reading *reading = arg;
    size_t i = next_expected(reading);
    (void)value;
    cr_assert_neq(i, KEYS, "a key too many: %s", report_show(key));
    report_equal("the next row", key, slice_of_text(&keys[reading->reverse ? KEYS - 1 - i : i]));
    reading->at = i + 1;
    return reading->at % reading->pause != 0;
}

static void turned(void *arg, enum store_scan_state state, const struct store_error *error)
{
    struct reading *reading = arg;
    cr_assert_neq(state, STORE_SCAN_FAILED, "%s", error->text);
    reading->over = state == STORE_SCAN_END;
}

static void scan(const struct someone *someone, const struct wish *wish, bool reverse, size_t pause)
{
    struct reading reading = {someone, wish, reverse, 0, pause, false};
    struct range range;
    struct store_error error;
    make_range(someone, wish, &range);
    struct store_scan *rows =
        store_scan_open(store, &range, (struct store_view){0}, reverse, &error);
    cr_assert(rows != NULL);
    while (!reading.over)
        store_scan_next(rows, take_row, turned, &reading);
    store_scan_close(rows);
    cr_assert_eq(next_expected(&reading), KEYS, "a key is missing");
}

/* Tests --------------------------------------------------------------------------- */

Test(confine, leaves_scans_the_rows_that_a_filter_leaves_in_both_directions)
{
    struct chance chance = {1};
    for (size_t round = 0; round < 20000; round++) {
        struct someone someone;
        struct wish wish = any_wish(&chance);
        make_someone(&someone, &chance);
        scan(&someone, &wish, chance_below(&chance, 2) == 0, 1 + chance_below(&chance, 9));
    }
}

Test(confine, says_of_each_key_what_the_filter_says)
{
    struct chance chance = {2};
    for (size_t round = 0; round < 5000; round++) {
        struct someone someone;
        struct wish wish = any_wish(&chance);
        struct range range;
        make_someone(&someone, &chance);
        make_range(&someone, &wish, &range);
        for (size_t i = 0; i < KEYS; i++) {
            struct slice key = slice_of_text(&keys[i]);
            cr_assert_eq(confine_allows(&someone.user, key), may_have(&someone, key));
            cr_assert_eq(range_holds(&range, key), wishes(&wish, key) && may_have(&someone, key),
                         "%s", report_show(key));
        }
        range_fini(&range);
    }
}

Test(confine, gives_a_range_parts_that_hold_each_of_its_keys_once)
{
    struct chance chance = {3};
    for (size_t round = 0; round < 5000; round++) {
        struct someone someone;
        struct wish wish = any_wish(&chance);
        struct range range;
        size_t held[KEYS] = {0};
        make_someone(&someone, &chance);
        make_range(&someone, &wish, &range);
        for (size_t n = 0; n < range_part_count(&range); n++) {
            struct range part;
            cr_assert(range_part(&range, n, &part));
            for (size_t i = 0; i < KEYS; i++)
                held[i] += range_holds(&part, slice_of_text(&keys[i]));
            range_fini(&part);
        }
        for (size_t i = 0; i < KEYS; i++)
            cr_assert_eq(held[i], range_holds(&range, slice_of_text(&keys[i])));
        range_fini(&range);
    }
}

/* What a call keeps over its turns does not look at the user again. */
Test(confine, makes_ranges_that_outlive_the_user)
{
    struct slice *prefixes = malloc(2 * sizeof(*prefixes));
    prefixes[0] = SLICE("a");
    prefixes[1] = SLICE("b");
    struct user user = {.name = "hare", .prefixes = prefixes, .prefix_count = 2};
    struct range range;
    struct range copy;
    cr_assert(confine_range(&user, SLICE(""), &range));
    free(prefixes);
    cr_assert(range_copy(&copy, &range));
    range_fini(&range);
    cr_assert(range_holds(&copy, SLICE("b1")));
    cr_assert_not(range_holds(&copy, SLICE("c1")));
    range_fini(&copy);
}
