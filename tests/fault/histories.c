/*
 * The checkers of histories and of scans: they let good ones pass, and find what is wrong with bad
 * ones. Histories are made by a register that works, whose clients overlap; then one thing is made
 * wrong.
 */
#include <criterion/criterion.h>
#include <inttypes.h>

#include "tests/fault/history.h"
#include "tests/fault/ladder.h"
#include "tests/lib/chance.h"
#include "tests/lib/rounds.h"

static struct history history;

static void add(struct history_operation operation)
{
    history_add(&history, &operation);
}

static void add_read(uint64_t begin, uint64_t end, uint32_t value)
{
    add((struct history_operation){
        .begin = begin, .end = end, .needs = HISTORY_IS, .value = value});
}

static void add_write(uint64_t begin, uint64_t end, uint32_t value)
{
    add((struct history_operation){.begin = begin, .end = end, .sets = true, .to = value});
}

/* One that may have happened, until `end`. */
static void add_maybe(uint64_t begin, uint64_t end, uint32_t value)
{
    add((struct history_operation){
        .begin = begin, .end = end, .sets = true, .to = value, .maybe = true});
}

static void add_change(uint64_t begin, uint64_t end, uint32_t from, uint32_t to)
{
    add((struct history_operation){
        .begin = begin, .end = end, .needs = HISTORY_IS, .value = from, .sets = true, .to = to});
}

static void add_conflict(uint64_t begin, uint64_t end, uint32_t from)
{
    add((struct history_operation){
        .begin = begin, .end = end, .needs = HISTORY_IS_NOT, .value = from});
}

static void expect(enum history_verdict verdict)
{
    cr_assert_eq(history_judge(&history), verdict);
    history_begin(&history, 0);
}

Test(histories, of_overlapping_operations_may_come_out_in_any_order)
{
    add_write(1, 10, 1);
    add_write(2, 9, 2);
    add_read(3, 4, 2);
    add_read(5, 6, 1);
    expect(HISTORY_LINEAR);
    add_write(1, 10, 1);
    add_read(2, 3, 0);
    add_read(4, 5, 1);
    expect(HISTORY_LINEAR);
}

Test(histories, show_a_stale_read)
{
    add_write(1, 2, 1);
    add_write(3, 4, 2);
    add_read(5, 6, 1);
    expect(HISTORY_BROKEN);
    add_write(1, 2, 1);
    add_read(3, 4, 0);
    expect(HISTORY_BROKEN);
}

Test(histories, show_a_lost_update)
{
    add_write(1, 2, 1);
    add_change(3, 6, 1, 2);
    add_change(4, 7, 1, 3);
    expect(HISTORY_BROKEN);
    add_write(1, 2, 1);
    add_change(3, 6, 1, 2);
    add_conflict(4, 7, 1);
    add_read(8, 9, 2);
    expect(HISTORY_LINEAR);
}

/* A reply that was lost: the write is there from some moment on, and not here and there. */
Test(histories, show_a_write_that_came_back)
{
    add_maybe(1, HISTORY_OPEN, 1);
    add_read(2, 3, 1);
    add_read(4, 5, 0);
    expect(HISTORY_BROKEN);
    add_maybe(1, HISTORY_OPEN, 1);
    add_read(2, 3, 0);
    add_read(4, 5, 1);
    expect(HISTORY_LINEAR);
}

/* Who was killed does nothing any more. */
Test(histories, show_a_write_of_the_dead)
{
    add_maybe(1, HISTORY_OPEN, 1);
    history_seal(&history, 4);
    add_read(5, 6, 0);
    add_read(7, 8, 1);
    expect(HISTORY_BROKEN);
    add_maybe(1, HISTORY_OPEN, 1);
    history_seal(&history, 4);
    add_read(5, 6, 1);
    add_read(7, 8, 1);
    expect(HISTORY_LINEAR);
    add_maybe(1, HISTORY_OPEN, 1);
    history_seal(&history, 4);
    add_read(5, 6, 0);
    expect(HISTORY_LINEAR);
}

Test(histories, show_a_conflict_without_a_cause)
{
    add_write(1, 2, 1);
    add_conflict(3, 4, 1);
    expect(HISTORY_BROKEN);
    add_write(1, 2, 1);
    add_write(3, 6, 2);
    add_conflict(4, 5, 1);
    add_read(7, 8, 2);
    expect(HISTORY_LINEAR);
}

Test(histories, show_a_write_that_was_done_twice)
{
    add_write(1, 2, 1);
    add_write(3, 4, 2);
    add_read(5, 6, 2);
    add_read(7, 8, 1);
    expect(HISTORY_BROKEN);
}

Test(histories, show_a_change_that_was_done_although_it_conflicted)
{
    add_write(1, 2, 1);
    add_conflict(3, 4, 9);
    add_read(5, 6, 7);
    expect(HISTORY_BROKEN);
}

/* Seeded histories ----------------------------------------------------------- */

#define CLIENTS 16
#define OPERATIONS 120

/* A register that works: each client's operation begins, happens and ends, in turns of chance. */
struct scene {
    struct chance chance;
    uint64_t clock;
    uint32_t holds;
    uint32_t last;
    struct history_operation going[CLIENTS]; /* begin 0: none */
    bool happened[CLIENTS];
};

static void begin(struct scene *scene, size_t client)
{
    struct history_operation *going = &scene->going[client];
    *going = (struct history_operation){.begin = ++scene->clock, .end = HISTORY_OPEN};
    scene->happened[client] = false;
    switch (chance_below(&scene->chance, 3)) {
    case 0:
        going->needs = HISTORY_IS; /* of what it will find */
        break;
    case 1:
        going->sets = true;
        going->to = ++scene->last;
        break;
    case 2:
        going->needs = HISTORY_IS;
        going->value = scene->holds;
        going->sets = true;
        going->to = ++scene->last;
        break;
    }
}

static void happen(struct scene *scene, size_t client)
{
    struct history_operation *going = &scene->going[client];
    scene->happened[client] = true;
    if (!going->sets)
        going->value = scene->holds;
    else if (going->needs == HISTORY_IS && going->value != scene->holds)
        *going = (struct history_operation){
            .begin = going->begin, .needs = HISTORY_IS_NOT, .value = going->value};
    else
        scene->holds = going->to;
}

/* One in sixteen changes loses its reply. */
static void end(struct scene *scene, size_t client)
{
    struct history_operation *going = &scene->going[client];
    going->maybe = going->sets && chance_below(&scene->chance, 16) == 0;
    going->end = going->maybe ? HISTORY_OPEN : ++scene->clock;
    history_add(&history, going);
    going->begin = 0;
}

static void play(uint64_t seed)
{
    struct scene scene = {.chance = {seed}};
    history_begin(&history, 0);
    while (history.count < OPERATIONS) {
        size_t client = chance_below(&scene.chance, CLIENTS);
        if (scene.going[client].begin == 0)
            begin(&scene, client);
        else if (!scene.happened[client])
            happen(&scene, client);
        else
            end(&scene, client);
    }
    /* The others go on for ever; what they did may be seen. */
    for (size_t i = 0; i < CLIENTS; i++) {
        if (scene.going[i].begin == 0 || !scene.going[i].sets)
            continue;
        scene.going[i].maybe = true;
        scene.going[i].end = HISTORY_OPEN;
        history_add(&history, &scene.going[i]);
    }
}

Test(histories, of_a_register_that_works_are_all_found_good, .timeout = 300)
{
    uint64_t seed = rounds_seed();
    uint64_t rounds = rounds_choose(500, 20000);
    rounds_tell("seed %" PRIu64, seed);
    for (uint64_t i = 0; i < rounds; i++) {
        play(seed + i);
        cr_assert_eq(history_judge(&history), HISTORY_LINEAR, "seed %" PRIu64, seed + i);
    }
}

/* A read that ended before the value it saw was asked for, or a read of what was never there. */
static bool spoil(struct chance *chance)
{
    struct history_operation *victim = &history.operations[chance_below(chance, history.count)];
    if (victim->sets || victim->needs != HISTORY_IS)
        return false;
    uint32_t value = UINT32_MAX;
    for (size_t i = 0; i < history.count; i++)
        if (history.operations[i].sets && history.operations[i].begin > victim->end)
            value = history.operations[i].to;
    victim->value = value;
    return true;
}

Test(histories, with_one_read_made_wrong_are_all_found_bad, .timeout = 300)
{
    uint64_t seed = rounds_seed();
    uint64_t rounds = rounds_choose(500, 20000);
    struct chance chance = {seed};
    rounds_tell("seed %" PRIu64, seed);
    for (uint64_t i = 0; i < rounds; i++) {
        play(seed + i);
        while (!spoil(&chance))
            continue;
        cr_assert_eq(history_judge(&history), HISTORY_BROKEN, "seed %" PRIu64, seed + i);
    }
    rounds_tell("%" PRIu64 " histories with one wrong read, all found", rounds);
}

/* Scans ---------------------------------------------------------------------- */

static struct ladder ladder;

static void stop(void)
{
    ladder_fini(&ladder);
}

TestSuite(ladders, .fini = stop);

/* Writers 0 and 1 have both counted to two, and only the first count was acknowledged. */
static void count_to_two(void)
{
    for (unsigned i = 0; i < 2; i++) {
        ladder_acknowledge(&ladder, i, ladder_ask(&ladder, i));
        ladder_ask(&ladder, i);
    }
}

static void scan(uint64_t begin, uint64_t end, uint32_t first, uint32_t second)
{
    struct ladder_scan scan;
    ladder_begin_scan(&ladder, &scan, begin);
    scan.seen[0] = first;
    scan.seen[1] = second;
    ladder_end_scan(&ladder, &scan, end);
}

Test(ladders, take_scans_that_rise)
{
    count_to_two();
    scan(1, 2, 1, 1);
    scan(3, 8, 2, 1);
    scan(4, 7, 2, 1);
    scan(5, 6, 1, 1);
    scan(9, 10, 2, 2);
    cr_assert_null(ladder_judge(&ladder));
}

Test(ladders, find_scans_that_cross)
{
    count_to_two();
    scan(1, 3, 2, 1);
    scan(2, 4, 1, 2);
    cr_assert_str_eq(ladder_judge(&ladder), "two scans are no two moments of one order");
}

Test(ladders, find_a_scan_that_is_late)
{
    count_to_two();
    scan(1, 2, 2, 1);
    scan(3, 4, 1, 1);
    cr_assert_str_eq(ladder_judge(&ladder), "a scan saw less than one that ended before it began");
}

Test(ladders, find_a_scan_that_missed_an_acknowledged_write)
{
    count_to_two();
    scan(1, 2, 0, 1);
    cr_assert_str_eq(ladder_judge(&ladder), "a scan missed what was acknowledged before it began");
}

Test(ladders, find_a_scan_that_knows_the_future)
{
    count_to_two();
    scan(1, 2, 3, 1);
    cr_assert_str_eq(ladder_judge(&ladder), "a scan saw what nobody had asked for yet");
}
