#include "net/crew.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "net/hunt.h"
#include "net/tour.h"
#include "ops/log.h"

struct crew {
    struct worker **workers;
    size_t count;
    atomic_size_t running; /* workers whose loops have not ended */
    struct hunt hunt;
    crew_ended_fn *ended;
    void *arg;
};

/* On a worker's thread, as its last act. */
static void worker_stopped(void *arg)
{
    struct crew *crew = arg;
    if (atomic_fetch_sub(&crew->running, 1) == 1)
        crew->ended(crew->arg);
}

static bool start(struct crew *crew, const struct loop_options *options, size_t count)
{
    crew->workers = calloc(count, sizeof(struct worker *));
    if (crew->workers == NULL)
        return false;
    while (crew->count < count) {
        struct worker *worker = worker_new(options, (unsigned)crew->count, worker_stopped, crew);
        if (worker == NULL)
            return false;
        crew->workers[crew->count++] = worker;
    }
    return true;
}

struct crew *crew_new(const struct loop_options *options, size_t count, crew_ended_fn *ended,
                      void *arg)
{
    struct crew *crew = calloc(1, sizeof(*crew));
    if (crew == NULL) {
        log_error("cannot start workers: there is no memory");
        return NULL;
    }
    crew->ended = ended;
    crew->arg = arg;
    crew->running = count; /* so that fewer never are all */
    if (start(crew, options, count)) {
        hunt_init(&crew->hunt, crew->workers, count);
        return crew;
    }
    log_error("cannot start worker %zu", crew->count);
    crew_stop(crew);
    crew_join(crew);
    crew_free(crew);
    return NULL;
}

struct worker *const *crew_workers(const struct crew *crew, size_t *count)
{
    *count = crew->count;
    return crew->workers;
}

void crew_room(void *arg)
{
    struct crew *crew = arg;
    for (size_t i = 0; i < crew->count; i++)
        worker_room(crew->workers[i]);
}

void crew_hunt(void *arg)
{
    struct crew *crew = arg;
    hunt_begin(&crew->hunt);
}

bool crew_take_census(void *arg, struct census *census)
{
    struct crew *crew = arg;
    return tour_start(crew->workers, crew->count, census);
}

void crew_stop(struct crew *crew)
{
    for (size_t i = 0; i < crew->count; i++)
        worker_stop(crew->workers[i]);
}

void crew_join(struct crew *crew)
{
    for (size_t i = 0; i < crew->count; i++)
        worker_join(crew->workers[i]);
}

void crew_free(struct crew *crew)
{
    if (crew == NULL)
        return;
    for (size_t i = 0; i < crew->count; i++)
        worker_free(crew->workers[i]);
    free(crew->workers);
    free(crew);
}
