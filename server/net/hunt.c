#include "net/hunt.h"

#include "ops/budget.h"

static void search(struct message *message, void *owner);
static void cut(struct message *message, void *owner);

void hunt_init(struct hunt *hunt, struct worker *const *workers, size_t count)
{
    *hunt = (struct hunt){.workers = workers, .count = count};
}

/* From here on another hunt may begin, so nothing of this one is touched any more. */
static void end(struct hunt *hunt)
{
    struct worker *const *workers = hunt->workers;
    size_t count = hunt->count;
    budget_settle();
    for (size_t i = 0; i < count; i++)
        worker_room(workers[i]);
}

/* Sends the message to the next worker; behind the last one, to that of the heaviest. Nothing of
 * the hunt is touched behind an offer that was taken. */
static void go_on(struct hunt *hunt)
{
    while (hunt->next < hunt->count)
        if (worker_offer(hunt->workers[hunt->next++], &hunt->message))
            return;
    hunt->message.run = cut;
    if (hunt->heaviest.bytes == 0 ||
        !worker_offer(hunt->workers[hunt->heaviest_at], &hunt->message))
        end(hunt);
}

static void begin_search(struct hunt *hunt)
{
    hunt->message.run = search;
    hunt->next = 0;
    hunt->heaviest = (struct worker_load){0};
    go_on(hunt);
}

static void search(struct message *message, void *owner)
{
    struct hunt *hunt = (struct hunt *)message;
    struct worker_load load = worker_heaviest(owner);
    if (load.bytes > hunt->heaviest.bytes) {
        hunt->heaviest = load;
        hunt->heaviest_at = hunt->next - 1;
    }
    go_on(hunt);
}

static void cut(struct message *message, void *owner)
{
    struct hunt *hunt = (struct hunt *)message;
    hunt->coming += worker_cut(owner, &hunt->heaviest);
    if (budget_excess(hunt->coming) > 0)
        begin_search(hunt);
    else
        end(hunt);
}

void hunt_begin(void *arg)
{
    struct hunt *hunt = arg;
    hunt->coming = 0;
    begin_search(hunt);
}
