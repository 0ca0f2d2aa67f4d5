#include "tests/bench/lib/contest.h"

#include <stdio.h>
#include <unistd.h>

/* One sign of life a turn, for a person at a terminal. */
static void show(int round, int rounds, const struct contestant *contestant)
{
    if (isatty(STDERR_FILENO))
        fprintf(stderr, "\r  round %d of %d: %s\033[K", round, rounds, contestant->name);
}

static void take_turn(struct contestant *contestant, bool counts)
{
    struct turn turn = {.server_cpu = -1, .client_cpu = -1};
    contestant->take(contestant->how, &turn);
    if (!counts)
        return;
    samples_add(&contestant->figures, turn.figure);
    samples_add(&contestant->server_cpu, turn.server_cpu);
    samples_add(&contestant->client_cpu, turn.client_cpu);
}

void contest_run(struct contestant *contestants, size_t count, int rounds)
{
    for (int round = 0; round <= rounds; round++) {
        for (size_t i = 0; i < count; i++) {
            show(round, rounds, &contestants[i]);
            take_turn(&contestants[i], round > 0);
        }
    }
    if (isatty(STDERR_FILENO))
        fprintf(stderr, "\r\033[K");
}

void contest_fini(struct contestant *contestants, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        samples_fini(&contestants[i].figures);
        samples_fini(&contestants[i].server_cpu);
        samples_fini(&contestants[i].client_cpu);
    }
}

/* Leaves the order of the rounds as it is. */
static double median_of(const struct samples *samples)
{
    struct samples copy = {0};
    for (size_t i = 0; i < samples->count; i++)
        samples_add(&copy, samples->items[i]);
    double median = samples_median(&copy);
    samples_fini(&copy);
    return median;
}

static struct result_side side_of(const struct contestant *contestant)
{
    return (struct result_side){contestant->name, median_of(&contestant->figures),
                                median_of(&contestant->server_cpu),
                                median_of(&contestant->client_cpu)};
}

void contest_compare(const struct contest_claim *claim, const struct contestant *ours,
                     const struct contestant *theirs)
{
    struct samples ratios = {0};
    for (size_t i = 0; i < ours->figures.count; i++)
        samples_add(&ratios, ours->figures.items[i] / theirs->figures.items[i]);
    results_add(&(struct result){.work = claim->work,
                                 .against = claim->against,
                                 .relation = claim->relation,
                                 .target = claim->target,
                                 .unit = "",
                                 .values = &ratios,
                                 .ours = side_of(ours),
                                 .theirs = side_of(theirs),
                                 .figure_unit = claim->figure_unit});
    samples_fini(&ratios);
}
