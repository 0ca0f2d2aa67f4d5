#include "store/latch.h"

#include <stdio.h>

#include "ops/clock.h"
#include "ops/log.h"

/* How long a fallen latch waits for a try. */
#define WAIT_MS 250

/* One that falls again so soon after it was lifted waits longer each time, up to a limit: each
 * recovery ends all scans, and a disk that gets room back must be in use again within seconds. */
#define SOON_MS 10000
#define LONGEST_WAIT_MS 2000

void latch_init(struct latch *latch)
{
    *latch = (struct latch){.facts = {.writable = true}};
    pthread_mutex_init(&latch->lock, NULL);
}

void latch_fini(struct latch *latch)
{
    pthread_mutex_destroy(&latch->lock);
}

bool latch_is_fallen(const struct latch *latch)
{
    return atomic_load(&latch->fallen);
}

void latch_tell(struct latch *latch, struct latch_facts *facts)
{
    pthread_mutex_lock(&latch->lock);
    *facts = latch->facts;
    pthread_mutex_unlock(&latch->lock);
}

static void set_facts(struct latch *latch, const char *because)
{
    pthread_mutex_lock(&latch->lock);
    latch->facts.writable = because[0] == '\0';
    latch->facts.lifted += because[0] == '\0';
    snprintf(latch->facts.because, sizeof(latch->facts.because), "%s", because);
    pthread_mutex_unlock(&latch->lock);
    atomic_store(&latch->fallen, because[0] != '\0');
}

void latch_fall(struct latch *latch, const struct store_error *why)
{
    int64_t now = clock_ms();
    bool soon = latch->lifted_at != 0 && now - latch->lifted_at < SOON_MS;
    latch->wait = soon ? 2 * latch->wait : WAIT_MS;
    if (latch->wait > LONGEST_WAIT_MS)
        latch->wait = LONGEST_WAIT_MS;
    latch->try_at = now + latch->wait;
    latch->told = false;
    latch->why = *why;
    set_facts(latch, why->text);
    log_error("a write failed, so the store is read-only until the disk takes writes again: %s",
              why->text);
}

const char *latch_because(const struct latch *latch)
{
    return latch->facts.because; /* which only this thread changes */
}

bool latch_is_due(const struct latch *latch)
{
    return clock_ms() >= latch->try_at;
}

void latch_keep(struct latch *latch, const struct store_error *obstacle)
{
    char text[sizeof(latch->facts.because)];
    snprintf(text, sizeof(text), "%.140s; and it cannot be reopened yet: %.140s", latch->why.text,
             obstacle->text);
    set_facts(latch, text);
    if (!latch->told)
        log_error("the store cannot be reopened yet: %s", obstacle->text);
    latch->told = true;
    latch->try_at = clock_ms() + WAIT_MS;
}

void latch_lift(struct latch *latch)
{
    latch->lifted_at = clock_ms();
    set_facts(latch, "");
    log_info("the store was reopened and takes writes again");
}
