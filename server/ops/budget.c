#include "ops/budget.h"

#include <stdint.h>

/* One part of so many is made free at once: what comes next shall not start it all over. */
#define ROOM_PART 16

static struct {
    atomic_size_t most;
    budget_over_fn *over;
    void *arg;
    atomic_size_t held;
    atomic_size_t promised;
    atomic_bool tight;
} budget = {.most = SIZE_MAX};

void budget_open(budget_over_fn *over, void *arg)
{
    budget.over = over;
    budget.arg = arg;
}

/* Of so many bytes held, those that are not promised. What was told of them may have shrunk since.
 */
static size_t count_firm(size_t held)
{
    size_t promised = atomic_load_explicit(&budget.promised, memory_order_relaxed);
    return held > promised ? held - promised : 0;
}

/* True when that is more than allowed, and nobody was told yet. */
static bool is_news(size_t held)
{
    size_t most = atomic_load_explicit(&budget.most, memory_order_relaxed);
    return count_firm(held) > most && !atomic_exchange(&budget.tight, true);
}

void budget_allow(size_t most)
{
    atomic_store(&budget.most, most);
    if (is_news(atomic_load(&budget.held)))
        budget.over(budget.arg);
}

void budget_hold(struct budget_share *share, size_t bytes)
{
    size_t before = atomic_load_explicit(&share->bytes, memory_order_relaxed);
    if (bytes == before)
        return;
    atomic_store_explicit(&share->bytes, bytes, memory_order_relaxed);
    size_t more = bytes - before; /* less wraps around, and so does the sum */
    size_t held = atomic_fetch_add(&budget.held, more) + more;
    if (bytes > before && is_news(held))
        budget.over(budget.arg);
}

size_t budget_share(struct budget_share *share)
{
    return atomic_load_explicit(&share->bytes, memory_order_relaxed);
}

size_t budget_held(void)
{
    return atomic_load(&budget.held);
}

void budget_promise(size_t bytes)
{
    atomic_fetch_add(&budget.promised, bytes);
}

void budget_redeem(size_t bytes)
{
    atomic_fetch_sub(&budget.promised, bytes);
}

size_t budget_excess(void)
{
    size_t firm = count_firm(budget_held());
    size_t most = atomic_load(&budget.most);
    size_t wanted = most - most / ROOM_PART;
    return firm > wanted ? firm - wanted : 0;
}

bool budget_is_tight(void)
{
    return atomic_load_explicit(&budget.tight, memory_order_relaxed);
}

void budget_settle(void)
{
    atomic_store(&budget.tight, false);
}
