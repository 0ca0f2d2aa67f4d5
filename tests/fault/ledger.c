#include "tests/fault/ledger.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static void add(struct ledger *ledger, size_t at, const struct ledger_contents *contents)
{
    if (at >= ledger->room) {
        ledger->room = ledger->room == 0 ? 256 : 2 * ledger->room;
        ledger->steps = realloc(ledger->steps, ledger->room * sizeof(*contents));
        if (ledger->steps == NULL)
            abort();
    }
    ledger->steps[at] = *contents;
}

void ledger_begin(struct ledger *ledger, const struct ledger_contents *contents)
{
    add(ledger, 0, contents);
    ledger->asked = 0;
    ledger->acknowledged = 0;
}

void ledger_fini(struct ledger *ledger)
{
    free(ledger->steps);
    *ledger = (struct ledger){0};
}

const struct ledger_contents *ledger_last(const struct ledger *ledger)
{
    return &ledger->steps[ledger->asked];
}

void ledger_ask(struct ledger *ledger, const struct ledger_contents *contents)
{
    struct ledger_contents copy = *contents; /* it may lie where the ledger grows */
    add(ledger, ++ledger->asked, &copy);
}

void ledger_acknowledge(struct ledger *ledger)
{
    if (ledger->acknowledged == ledger->asked)
        abort(); /* a reply to nothing */
    ledger->acknowledged++;
}

/* Whether the key held that value behind one of these steps, the last included. */
static bool held(const struct ledger *ledger, size_t key, uint32_t value, size_t first, size_t last)
{
    for (size_t i = first; i <= last; i++)
        if (ledger->steps[i].values[key] == value)
            return true;
    return false;
}

enum ledger_verdict ledger_judge(const struct ledger *ledger, const struct ledger_contents *found)
{
    enum ledger_verdict verdict = LEDGER_HALF;
    for (size_t i = ledger->acknowledged; i <= ledger->asked; i++)
        if (memcmp(&ledger->steps[i], found, sizeof(*found)) == 0)
            return LEDGER_TRUE;
    for (size_t key = 0; key < LEDGER_KEYS; key++) {
        uint32_t value = found->values[key];
        if (held(ledger, key, value, ledger->acknowledged, ledger->asked))
            continue;
        if (!held(ledger, key, value, 0, ledger->acknowledged))
            return LEDGER_INVENTED;
        verdict = LEDGER_LOST;
    }
    return verdict;
}
