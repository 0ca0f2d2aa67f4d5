#include "net/hunt.h"

#include "ops/budget.h"
#include "ops/clock.h"
#include "ops/log.h"

/* Who holds less than the largest by no more than one part of so many goes with it. */
#define NEARLY 8

/* Hunts are logged so often: under attack one may follow the other. */
#define TOLD_MS 1000

static void search(struct message *message, void *owner);
static void cut(struct message *message, void *owner);

void hunt_init(struct hunt *hunt, struct worker *const *workers, size_t count)
{
    *hunt = (struct hunt){.workers = workers, .count = count};
}

static void tell(struct hunt *hunt)
{
    int64_t now = clock_ms();
    if (hunt->closed == 0 || (hunt->told != 0 && now - hunt->told < TOLD_MS))
        return;
    log_error("more was held for all clients together than --max-buffered allows: closed %zu "
              "connection%s that held the most, up to %zu bytes",
              hunt->closed, hunt->closed == 1 ? "" : "s", hunt->most);
    hunt->told = now;
    hunt->closed = 0;
    hunt->most = 0;
}

/* From budget_settle on another hunt may begin, so nothing of this one is touched any more. */
static void end(struct hunt *hunt)
{
    struct worker *const *workers = hunt->workers;
    size_t count = hunt->count;
    tell(hunt);
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
    if (hunt->heaviest == 0 || !worker_offer(hunt->workers[hunt->heaviest_at], &hunt->message))
        end(hunt);
}

static void begin_search(struct hunt *hunt)
{
    hunt->message.run = search;
    hunt->next = 0;
    hunt->heaviest = 0;
    go_on(hunt);
}

static void search(struct message *message, void *owner)
{
    struct hunt *hunt = (struct hunt *)message;
    size_t heaviest = worker_heaviest(owner);
    if (heaviest > hunt->heaviest) {
        hunt->heaviest = heaviest;
        hunt->heaviest_at = hunt->next - 1;
    }
    go_on(hunt);
}

static void cut(struct message *message, void *owner)
{
    struct hunt *hunt = (struct hunt *)message;
    size_t closed = worker_cut(owner, hunt->heaviest - hunt->heaviest / NEARLY);
    if (closed > 0 && hunt->heaviest > hunt->most)
        hunt->most = hunt->heaviest;
    hunt->closed += closed;
    if (budget_excess() > 0)
        begin_search(hunt);
    else
        end(hunt);
}

void hunt_begin(void *arg)
{
    begin_search(arg);
}
