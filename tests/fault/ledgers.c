/*
 * The ledger finds what it is there to find.
 */
#include <criterion/criterion.h>

#include "tests/fault/ledger.h"

static struct ledger ledger;
static struct ledger_contents now;

/* A step that gives the keys from `first` to `last` this value. */
static void ask(unsigned first, unsigned last, uint32_t value)
{
    for (unsigned key = first; key <= last; key++)
        now.values[key] = value;
    ledger_ask(&ledger, &now);
}

static void prepare(void)
{
    ledger_begin(&ledger, &now);
    ask(0, 0, 1);
    ask(1, 3, 2);
    ask(0, 0, 3);
    ask(2, 4, 4);
    ledger_acknowledge(&ledger);
    ledger_acknowledge(&ledger);
}

static void stop(void)
{
    ledger_fini(&ledger);
}

TestSuite(ledgers, .init = prepare, .fini = stop);

static void expect(enum ledger_verdict verdict, const struct ledger_contents *found)
{
    cr_assert_eq(ledger_judge(&ledger, found), verdict);
}

Test(ledgers, take_what_is_behind_any_step_since_the_last_acknowledged)
{
    expect(LEDGER_TRUE, &(struct ledger_contents){{1, 2, 2, 2}});
    expect(LEDGER_TRUE, &(struct ledger_contents){{3, 2, 2, 2}});
    expect(LEDGER_TRUE, &(struct ledger_contents){{3, 2, 4, 4, 4}});
}

Test(ledgers, find_a_loss_of_what_was_acknowledged)
{
    expect(LEDGER_LOST, &(struct ledger_contents){{1}});
    expect(LEDGER_LOST, &(struct ledger_contents){{0, 2, 2, 2}});
    ledger_acknowledge(&ledger);
    expect(LEDGER_LOST, &(struct ledger_contents){{1, 2, 2, 2}});
}

Test(ledgers, find_a_step_done_in_part)
{
    expect(LEDGER_HALF, &(struct ledger_contents){{3, 2, 4, 2}});
    expect(LEDGER_HALF, &(struct ledger_contents){{3, 2, 4, 4, 0}});
}

/* The fourth step without the third: steps are done in order. */
Test(ledgers, find_a_step_that_overtook_another)
{
    expect(LEDGER_HALF, &(struct ledger_contents){{1, 2, 4, 4, 4}});
}

Test(ledgers, find_what_was_never_written)
{
    expect(LEDGER_INVENTED, &(struct ledger_contents){{7, 2, 2, 2}});
    expect(LEDGER_INVENTED, &(struct ledger_contents){{1, 2, 2, 3}});
    expect(LEDGER_INVENTED, &(struct ledger_contents){{3, 2, 4, 4, 4, 4}});
}

/* What a daemon holds after a crash is where the next one begins. */
Test(ledgers, begin_anew_with_what_was_found)
{
    ledger_begin(&ledger, &(struct ledger_contents){{3, 2, 2, 2}});
    expect(LEDGER_TRUE, &(struct ledger_contents){{3, 2, 2, 2}});
    expect(LEDGER_INVENTED, &(struct ledger_contents){{1, 2, 2, 2}});
}
