/*
 * The maintenance thread with an engine made up for it: one that notes what it is told to compact,
 * and that a test can hold up in the middle.
 */
#include "store/maintenance.h"

#include <criterion/criterion.h>
#include <semaphore.h>

#include "tests/lib/report.h"

#define MIB ((uint64_t)1024 * 1024)

#define MOST_PIECES 64

/* What the engine was told to compact: places of keys, from `low` through `high`. */
struct span {
    uint64_t low;
    uint64_t high;
    bool endless;
};

/* An engine with 1 MiB at each key of two bytes. */
struct engine {
    struct span pieces[MOST_PIECES];
    size_t count;
    unsigned flushes;
    bool broken; /* compactions fail */
    bool held;   /* each piece waits for `go`, and says `come` before */
    sem_t come;
    sem_t go;
};

#define NO_END UINT64_MAX

struct fixture {
    struct engine engine;
    struct maintenance *maintenance;
    sem_t done;
    struct buffer order; /* the names of the jobs as they came back */
};

static struct fixture fixture;

/* Where the key lies among all of two bytes. */
static uint64_t place(struct slice key)
{
    uint64_t high = key.len > 0 ? (unsigned char)key.data[0] : 0;
    uint64_t low = key.len > 1 ? (unsigned char)key.data[1] : 0;
    return high * 256 + low;
}

static uint64_t engine_size(void *arg, struct slice low, struct slice high)
{
    (void)arg;
    return ((high.data == NULL ? 65536 : place(high)) - place(low)) * MIB;
}

static void engine_compact(void *arg, struct slice low, struct slice high)
{
    struct engine *engine = arg;
    if (engine->held) {
        sem_post(&engine->come);
        sem_wait(&engine->go);
    }
    cr_assert(engine->count < MOST_PIECES);
    engine->pieces[engine->count++] =
        (struct span){.low = place(low), .high = place(high), .endless = high.data == NULL};
}

static void engine_flush(void *arg)
{
    struct engine *engine = arg;
    engine->flushes++;
}

static void engine_check(void *arg, struct compaction *job)
{
    const struct engine *engine = arg;
    job->status = engine->broken ? STATUS_IO : STATUS_OK;
}

static void open_fixture(void)
{
    fixture = (struct fixture){0};
    sem_init(&fixture.engine.come, 0, 0);
    sem_init(&fixture.engine.go, 0, 0);
    sem_init(&fixture.done, 0, 0);
    fixture.maintenance = maintenance_new(&(struct maintenance_engine){
        .size = engine_size,
        .compact = engine_compact,
        .flush = engine_flush,
        .check = engine_check,
        .engine = &fixture.engine,
    });
    cr_assert(fixture.maintenance != NULL);
}

static void close_fixture(void)
{
    if (fixture.maintenance != NULL)
        maintenance_free(fixture.maintenance);
    buffer_fini(&fixture.order);
}

TestSuite(maintenance, .init = open_fixture, .fini = close_fixture, .timeout = 30);

struct job {
    struct compaction compaction;
    char name;
};

static void note_done(struct compaction *compaction, void *arg)
{
    struct job *job = arg;
    cr_assert_eq(compaction, &job->compaction);
    buffer_append_byte(&fixture.order, job->name);
    sem_post(&fixture.done);
}

static void hand_in(struct job *job, char name, struct slice prefix)
{
    *job = (struct job){.name = name};
    cr_assert(range_init(&job->compaction.range, prefix));
    job->compaction.done = note_done;
    job->compaction.arg = job;
    maintenance_take(fixture.maintenance, &job->compaction);
}

/* The pieces are of the right size, and join from the first key to the last. */
static void expect_pieces(uint64_t low, uint64_t high)
{
    const struct engine *engine = &fixture.engine;
    cr_assert(engine->count > 0);
    for (size_t i = 0; i < engine->count; i++) {
        const struct span *piece = &engine->pieces[i];
        bool is_last = i + 1 == engine->count;
        cr_assert_eq(piece->low, i == 0 ? low : engine->pieces[i - 1].high);
        if (!is_last)
            cr_assert(piece->high - piece->low >= 32 && piece->high - piece->low <= 64);
        if (is_last && high != NO_END)
            cr_assert_eq(piece->high, high);
        cr_assert_eq(piece->endless, is_last && high == NO_END);
    }
}

static void expect_order(const char *expected)
{
    report_equal("the jobs in order", buffer_slice(&fixture.order), slice_from_string(expected));
}

Test(maintenance, compacts_a_range_in_pieces_that_join)
{
    struct job job;
    hand_in(&job, 'a', SLICE("a")); /* 256 MiB */
    sem_wait(&fixture.done);
    cr_assert_eq(job.compaction.status, STATUS_OK);
    expect_pieces('a' * 256, 'b' * 256);
    cr_assert(fixture.engine.count >= 4);
    cr_assert_eq(job.compaction.bytes_done, 256 * MIB);
    cr_assert_eq(job.compaction.bytes_total, 256 * MIB);
    range_fini(&job.compaction.range);
}

Test(maintenance, goes_on_to_the_end_when_the_range_has_none)
{
    struct job job;
    hand_in(&job, 'a', SLICE("\xff"));
    sem_wait(&fixture.done);
    expect_pieces(255 * 256, NO_END);
    cr_assert(fixture.engine.count >= 4);
    range_fini(&job.compaction.range);
}

Test(maintenance, does_not_touch_the_engine_for_a_range_without_keys)
{
    struct job job = {.name = 'a'};
    cr_assert(range_init(&job.compaction.range, SLICE("b")));
    cr_assert(range_lower(&job.compaction.range, SLICE("a"), true));
    job.compaction.done = note_done;
    job.compaction.arg = &job;
    maintenance_take(fixture.maintenance, &job.compaction);
    sem_wait(&fixture.done);
    cr_assert_eq(job.compaction.status, STATUS_OK);
    cr_assert_eq(fixture.engine.count, 0);
    range_fini(&job.compaction.range);
}

Test(maintenance, tells_when_the_engine_failed)
{
    struct job job;
    fixture.engine.broken = true;
    hand_in(&job, 'a', SLICE("a"));
    sem_wait(&fixture.done);
    cr_assert_eq(job.compaction.status, STATUS_IO);
    range_fini(&job.compaction.range);
}

Test(maintenance, writes_only_the_memory_when_that_is_wanted)
{
    struct job job = {.name = 'a', .compaction.only_memory = true};
    job.compaction.done = note_done;
    job.compaction.arg = &job;
    maintenance_take(fixture.maintenance, &job.compaction);
    sem_wait(&fixture.done);
    cr_assert_eq(fixture.engine.flushes, 1);
    cr_assert_eq(fixture.engine.count, 0);
}

Test(maintenance, takes_one_job_after_the_other_and_tells_how_far_it_is)
{
    struct job jobs[3];
    struct compaction_facts facts;
    fixture.engine.held = true;
    hand_in(&jobs[0], 'a', SLICE("a"));
    sem_wait(&fixture.engine.come);
    hand_in(&jobs[1], 'b', SLICE("bb"));
    hand_in(&jobs[2], 'c', SLICE("cc"));
    sem_post(&fixture.engine.go);
    sem_wait(&fixture.engine.come); /* at the second piece of the first job */
    maintenance_tell(fixture.maintenance, &facts);
    cr_assert(facts.running);
    cr_assert_eq(facts.waiting, 2);
    cr_assert_eq(facts.finished, 0);
    cr_assert(facts.bytes_done >= 32 * MIB && facts.bytes_done <= 64 * MIB);
    cr_assert_eq(facts.bytes_total, 256 * MIB);
    for (unsigned i = 0; i < MOST_PIECES; i++)
        sem_post(&fixture.engine.go);
    for (unsigned i = 0; i < 3; i++)
        sem_wait(&fixture.done);
    expect_order("abc");
    maintenance_tell(fixture.maintenance, &facts);
    cr_assert_not(facts.running);
    cr_assert_eq(facts.finished, 3);
    for (unsigned i = 0; i < 3; i++)
        range_fini(&jobs[i].compaction.range);
}

Test(maintenance, stops_behind_the_piece_it_is_at_and_gives_all_jobs_back)
{
    struct job jobs[3];
    fixture.engine.held = true;
    hand_in(&jobs[0], 'a', SLICE("a"));
    hand_in(&jobs[1], 'b', SLICE("b"));
    sem_wait(&fixture.engine.come);
    maintenance_stop(fixture.maintenance);
    sem_post(&fixture.engine.go);
    sem_wait(&fixture.done);
    sem_wait(&fixture.done);
    hand_in(&jobs[2], 'c', SLICE("c")); /* too late, and told so */
    sem_wait(&fixture.done);
    maintenance_free(fixture.maintenance);
    fixture.maintenance = NULL;
    cr_assert_eq(fixture.engine.count, 1);
    expect_order("abc");
    for (unsigned i = 0; i < 3; i++) {
        cr_assert_eq(jobs[i].compaction.status, STATUS_SHUTDOWN);
        range_fini(&jobs[i].compaction.range);
    }
}
