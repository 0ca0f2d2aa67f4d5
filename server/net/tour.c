#include "net/tour.h"

#include <stdlib.h>

struct tour {
    struct message message;
    struct census *census;
    struct worker *const *workers;
    size_t count;
    size_t next;
};

/* From the worker that posted it on, the tour belongs to the next one: nothing of it is touched
 * behind a post. */
static void go_on(struct tour *tour)
{
    while (tour->next < tour->count)
        if (worker_offer(tour->workers[tour->next++], &tour->message))
            return;
    struct census *census = tour->census;
    free(tour);
    census->over(census);
}

static void arrive(struct message *message, void *owner)
{
    struct tour *tour = (struct tour *)message;
    worker_visit(owner, tour->census);
    go_on(tour);
}

bool tour_start(struct worker *const *workers, size_t count, struct census *census)
{
    struct tour *tour = malloc(sizeof(*tour));
    if (tour == NULL)
        return false;
    *tour = (struct tour){
        .message = {.run = arrive}, .census = census, .workers = workers, .count = count};
    go_on(tour);
    return true;
}
