/*
 * The committer over an engine made up for it: a list of keys, each with the length of its value,
 * that notes how much it was given at once and what it was told of.
 */
#include "store/committer.h"

#include <criterion/criterion.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/lib/report.h"

#define MIB ((size_t)1024 * 1024)
#define MOST_KEYS 256

struct row {
    char key[8];
    size_t length;
};

struct engine {
    struct row staged[MOST_KEYS];
    struct row written[MOST_KEYS];
    size_t staged_count;
    size_t written_count;
    size_t staged_bytes;
    size_t largest; /* of what was written at once, in bytes */
    unsigned writes;
    bool full;         /* the committer was, at the last write */
    unsigned fails_at; /* this write fails; 0: none does */
    uint64_t free;     /* bytes that there is room for */
    struct buffer told;
};

static struct engine engine;
static struct committer *committer;
static struct submission *run;
static sem_t done;

static bool engine_look(void *arg, struct slice key, bool *present, struct buffer *value,
                        struct store_error *error)
{
    (void)arg;
    (void)error;
    *present = false;
    for (size_t i = 0; i < engine.written_count; i++)
        if (slice_equal(key, slice_from_string(engine.written[i].key))) {
            *present = true;
            buffer_clear(value);
            buffer_append_u64(value, engine.written[i].length);
        }
    return true;
}

static void engine_put(void *arg, struct slice key, struct slice value)
{
    struct row *row = &engine.staged[engine.staged_count++];
    (void)arg;
    cr_assert_leq(engine.staged_count, MOST_KEYS);
    snprintf(row->key, sizeof(row->key), "%.*s", (int)key.len, key.data);
    row->length = value.len;
    engine.staged_bytes += value.len;
}

static void engine_del(void *arg, struct slice key)
{
    (void)arg;
    cr_assert_fail("nothing is deleted here: %s", report_show(key));
}

static bool engine_write(void *arg, bool barrier, struct store_error *error)
{
    (void)arg;
    (void)barrier;
    engine.full = committer_is_full(committer);
    if (++engine.writes == engine.fails_at) {
        *error = (struct store_error){.status = STATUS_UNKNOWN, .text = "the disk is broken"};
        return false;
    }
    if (engine.staged_bytes > engine.largest)
        engine.largest = engine.staged_bytes;
    for (size_t i = 0; i < engine.staged_count; i++)
        engine.written[engine.written_count++] = engine.staged[i];
    engine.staged_count = 0;
    engine.staged_bytes = 0;
    return true;
}

/* The keys that it is told of, in order. */
static void engine_wrote(void *arg, const struct submission *submission, size_t first, size_t end)
{
    (void)arg;
    for (size_t i = first; i < end; i++) {
        struct changes changes = submission_changes(submission, &submission->writes[i]);
        struct slice key;
        struct slice value;
        if (submission->writes[i].status != STATUS_OK)
            continue;
        while (changes_next(&changes, &key, &value)) {
            buffer_append_slice(&engine.told, key);
            buffer_append_byte(&engine.told, ' ');
        }
    }
}

static enum space_room engine_room(void *arg, uint64_t more)
{
    (void)arg;
    return engine.staged_bytes + more <= engine.free ? SPACE_FOR_ALL : SPACE_FOR_DELETIONS;
}

static void start(void)
{
    static const struct committer_engine made_up = {
        .look = engine_look,
        .put = engine_put,
        .del = engine_del,
        .room = engine_room,
        .write = engine_write,
        .wrote = engine_wrote,
    };
    engine = (struct engine){.free = UINT64_MAX};
    committer = committer_new(&made_up);
    cr_assert_not_null(committer);
    run = submission_new();
    sem_init(&done, 0, 0);
}

static void stop(void)
{
    committer_stop(committer);
    committer_free(committer);
    submission_free(run);
    buffer_fini(&engine.told);
}

TestSuite(committer, .init = start, .fini = stop, .timeout = 60);

/* Puts a value of 1 MiB. */
static void put_much(struct program *program, const struct slice *argv, size_t argc,
                     unsigned flavour)
{
    char *bytes = calloc(1, MIB);
    (void)flavour;
    cr_assert(bytes != NULL && argc == 1);
    program_put(program, argv[0], slice_of(bytes, MIB));
    free(bytes);
}

/* Says the value of a key. */
static void say(struct program *program, const struct slice *argv, size_t argc, unsigned flavour)
{
    struct slice value;
    (void)argc;
    (void)flavour;
    if (program_get(program, argv[0], &value))
        buffer_append_slice(program_reply(program), value);
}

static void add(program_fn *program, const char *key)
{
    struct slice argv = slice_from_string(key);
    cr_assert(submission_reserve(run));
    submission_begin(run, WRITE_ANSWERS_SAID);
    submission_run(run, program, 0, &argv, 1);
    submission_end(run);
}

static void add_small_put(const char *key)
{
    cr_assert(submission_reserve(run));
    submission_begin(run, WRITE_ANSWERS_OK);
    submission_put(run, slice_from_string(key), SLICE("v"));
    submission_end(run);
}

static void came_back(struct submission *submission, void *arg)
{
    (void)submission;
    (void)arg;
    sem_post(&done);
}

static void commit(void)
{
    run->done = came_back;
    committer_take(committer, run);
    while (sem_wait(&done) != 0)
        continue;
}

#define MUCH 150

/* 150 MiB that programs make, with small writes between. */
static void add_much(struct buffer *keys)
{
    for (int i = 0; i < MUCH; i++) {
        char key[8];
        snprintf(key, sizeof(key), "%d", i);
        if (i % 10 == 5)
            add_small_put(key);
        else
            add(put_much, key);
        buffer_append_string(keys, key);
        buffer_append_byte(keys, ' ');
    }
}

Test(committer, writes_a_round_of_small_changes_at_once)
{
    add_small_put("a");
    add(put_much, "b");
    add(say, "b");
    add_small_put("c");
    commit();
    cr_assert_eq(engine.writes, 1);
    report_equal("what was told", buffer_slice(&engine.told), SLICE("a b c "));
    cr_assert_eq(run->said.len, MIB, "it was seen before it was written");
}

Test(committer, writes_a_round_of_large_changes_in_parts)
{
    struct buffer keys = {0};
    add_much(&keys);
    add(say, "1"); /* which was written by then: the store is asked */
    commit();
    cr_assert_eq(engine.writes, 3, "%u", engine.writes);
    cr_assert_leq(engine.largest, 66 * MIB);
    cr_assert_eq(engine.written_count, MUCH);
    for (size_t i = 0; i < run->count; i++)
        cr_assert_eq(run->writes[i].status, STATUS_OK, "write %zu", i);
    report_equal("the order", buffer_slice(&engine.told), buffer_slice(&keys));
    report_equal("what was said", buffer_slice(&run->said), SLICE("1048576"));
    buffer_fini(&keys);
}

/* Not as it is counts the disk, but as it would be. */
Test(committer, refuses_what_there_will_be_no_room_for)
{
    static char value[3000];
    engine.free = sizeof(value);
    cr_assert(submission_reserve(run));
    submission_begin(run, WRITE_ANSWERS_OK);
    submission_put(run, SLICE("a"), slice_of(value, sizeof(value)));
    submission_end(run);
    commit();
    cr_assert_eq(run->writes[0].status, STATUS_FULL);
    engine.free = 2 * sizeof(value);
    run->writes[0].status = STATUS_OK;
    commit();
    cr_assert_eq(run->writes[0].status, STATUS_OK);
    cr_assert_eq(engine.written_count, 1);
}

/* What was written before stays; of the part that failed nobody knows; the rest was not tried. */
Test(committer, tells_each_part_of_a_round_its_own_fate)
{
    struct buffer keys = {0};
    enum status expected = STATUS_OK;
    size_t fates[3] = {0};
    engine.fails_at = 2;
    add_much(&keys);
    commit();
    cr_assert_eq(engine.writes, 2);
    for (size_t i = 0; i < run->count; i++) {
        enum status status = run->writes[i].status;
        if (status != expected)
            expected = expected == STATUS_OK ? STATUS_UNKNOWN : STATUS_READONLY;
        cr_assert_eq(status, expected, "write %zu: %s", i, status_word(status));
        fates[expected == STATUS_OK ? 0 : expected == STATUS_UNKNOWN ? 1 : 2]++;
    }
    cr_assert_eq(fates[0], engine.written_count);
    cr_assert(fates[0] > 64 && fates[1] > 64 && fates[2] > 0);
    cr_assert_not(committer_is_writable(committer));
    buffer_fini(&keys);
}

/* What is said ------------------------------------------------------------------------ */

static sem_t gate;

static void wait_at_gate(struct program *program, const struct slice *argv, size_t argc,
                         unsigned flavour)
{
    (void)program;
    (void)argv;
    (void)argc;
    (void)flavour;
    while (sem_wait(&gate) != 0)
        continue;
}

/* Says so many MiB, and puts a small value. */
static void say_much(struct program *program, const struct slice *argv, size_t argc,
                     unsigned flavour)
{
    struct buffer *reply = program_reply(program);
    (void)argc;
    cr_assert(buffer_reserve(reply, flavour * MIB));
    memset(reply->data + reply->len, 's', flavour * MIB);
    reply->len += flavour * MIB;
    program_put(program, argv[0], SLICE("v"));
}

static struct submission *one_of(program_fn *program, const char *key, unsigned flavour)
{
    struct slice argv = slice_from_string(key);
    struct submission *one = submission_new();
    cr_assert(submission_reserve(one));
    submission_begin(one, WRITE_ANSWERS_SAID);
    submission_run(one, program, flavour, &argv, 1);
    submission_end(one);
    one->done = came_back;
    return one;
}

static void await(size_t count)
{
    for (size_t i = 0; i < count; i++)
        while (sem_wait(&done) != 0)
            continue;
}

/* All wait together, and say 20 MiB: two rounds, in their order. */
Test(committer, ends_a_round_in_which_much_was_said)
{
    struct submission *all[] = {one_of(wait_at_gate, "", 0), one_of(say_much, "1", 5),
                                one_of(say_much, "2", 5), one_of(say_much, "3", 5),
                                one_of(say_much, "4", 5)};
    sem_init(&gate, 0, 0);
    for (size_t i = 0; i < 5; i++)
        committer_take(committer, all[i]);
    sem_post(&gate);
    await(5);
    cr_assert_eq(engine.writes, 2, "%u", engine.writes);
    report_equal("the order", buffer_slice(&engine.told), SLICE("1 2 3 4 "));
    for (size_t i = 0; i < 5; i++)
        submission_free(all[i]);
}

Test(committer, is_full_of_what_was_said)
{
    struct submission *large = one_of(say_much, "1", 70);
    struct submission *small = one_of(say_much, "2", 1);
    committer_take(committer, large);
    await(1);
    cr_assert(engine.full);
    committer_take(committer, small);
    await(1);
    cr_assert_not(engine.full, "what was said and taken counts on");
    submission_free(large);
    submission_free(small);
}
