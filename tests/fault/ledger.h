/*
 * Ledger: what one writer asked for and was told, and which contents of the store are true to that.
 * Knows no socket and no daemon.
 *
 * The writer owns LEDGER_KEYS keys that nobody else writes. It changes them in steps; a step may
 * change several at once. Steps are done in order and whole, so whenever the daemon is killed, the
 * keys are as they were behind one of the steps: not before the last one that was acknowledged, and
 * not behind the last one that was asked for.
 */
#ifndef LEVERET_TESTS_FAULT_LEDGER_H
#define LEVERET_TESTS_FAULT_LEDGER_H

#include <stddef.h>
#include <stdint.h>

#define LEDGER_KEYS 24

/* What each key holds: a number that its writer gives to one value only, or 0 for nothing. */
struct ledger_contents {
    uint32_t values[LEDGER_KEYS];
};

struct ledger {
    struct ledger_contents *steps; /* the contents behind each; the first is where it began */
    size_t asked;                  /* steps behind the first */
    size_t acknowledged;           /* of those */
    size_t room;
};

/* All zeroes is a ledger of a writer whose keys hold nothing, once this was called. */
void ledger_begin(struct ledger *ledger, const struct ledger_contents *contents);

void ledger_fini(struct ledger *ledger);

/* The contents behind all that was asked for. Dies with the next call. */
const struct ledger_contents *ledger_last(const struct ledger *ledger);

/* One more step was asked for, which makes them so. */
void ledger_ask(struct ledger *ledger, const struct ledger_contents *contents);

/* The first step that was not acknowledged yet is. */
void ledger_acknowledge(struct ledger *ledger);

enum ledger_verdict {
    LEDGER_TRUE,
    LEDGER_LOST,     /* a key is as it was before an acknowledged step */
    LEDGER_HALF,     /* each key may be so, but not all at once: a step was done in part */
    LEDGER_INVENTED, /* a key holds what was never written to it */
};

/* The worst that can be said of the contents that were found. */
enum ledger_verdict ledger_judge(const struct ledger *ledger, const struct ledger_contents *found);

#endif
