#include "store/latch.h"

#include <criterion/criterion.h>

#include "ops/clock.h"

static struct latch latch;
static struct latch_facts facts;

static void start(void)
{
    latch_init(&latch);
}

static void stop(void)
{
    latch_fini(&latch);
}

TestSuite(latch, .init = start, .fini = stop);

static void fall(void)
{
    latch_fall(&latch, &(struct store_error){STATUS_IO, "the disk is broken"});
}

static int64_t wait_ms(void)
{
    return latch.try_at - clock_ms();
}

Test(latch, is_lifted_at_first)
{
    latch_tell(&latch, &facts);
    cr_assert(!latch_is_fallen(&latch) && facts.writable && facts.lifted == 0);
    cr_assert_str_eq(facts.because, "");
}

Test(latch, tells_why_it_fell_and_counts_how_often_it_was_lifted)
{
    fall();
    latch_tell(&latch, &facts);
    cr_assert(latch_is_fallen(&latch) && !facts.writable && facts.lifted == 0);
    cr_assert_str_eq(facts.because, "the disk is broken");
    latch_lift(&latch);
    latch_tell(&latch, &facts);
    cr_assert(!latch_is_fallen(&latch) && facts.writable && facts.lifted == 1);
    cr_assert_str_eq(facts.because, "");
}

Test(latch, tells_the_cause_and_the_obstacle)
{
    fall();
    latch_keep(&latch, &(struct store_error){STATUS_IO, "the disk is full"});
    latch_tell(&latch, &facts);
    cr_assert(latch_is_fallen(&latch) && !facts.writable && facts.lifted == 0);
    cr_assert_str_eq(facts.because,
                     "the disk is broken; and it cannot be reopened yet: the disk is full");
    cr_assert_not(latch_is_due(&latch));
}

/* Each recovery ends all scans; and a disk that is well must be in use within seconds. */
Test(latch, waits_longer_when_it_falls_again_at_once_but_never_long)
{
    int64_t before = 0;
    for (int i = 0; i < 20; i++) {
        fall();
        cr_assert_not(latch_is_due(&latch));
        int64_t wait = wait_ms();
        cr_assert(wait <= 2000 && (wait > before || wait > 1500), "%lld after %lld ms",
                  (long long)wait, (long long)before);
        before = wait;
        latch_lift(&latch);
    }
}
