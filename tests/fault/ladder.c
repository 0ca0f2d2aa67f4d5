#include "tests/fault/ladder.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

void ladder_fini(struct ladder *ladder)
{
    free(ladder->scans);
    *ladder = (struct ladder){0};
}

void ladder_begin(struct ladder *ladder, const uint32_t counts[LADDER_WRITERS])
{
    ladder->count = 0;
    memcpy(ladder->acknowledged, counts, sizeof(ladder->acknowledged));
}

uint32_t ladder_ask(struct ladder *ladder, unsigned writer)
{
    return ++ladder->asked[writer];
}

void ladder_acknowledge(struct ladder *ladder, unsigned writer, uint32_t count)
{
    if (ladder->acknowledged[writer] < count)
        ladder->acknowledged[writer] = count;
}

void ladder_begin_scan(const struct ladder *ladder, struct ladder_scan *scan, uint64_t time)
{
    *scan = (struct ladder_scan){.begin = time};
    memcpy(scan->least, ladder->acknowledged, sizeof(scan->least));
}

void ladder_end_scan(struct ladder *ladder, struct ladder_scan *scan, uint64_t time)
{
    scan->end = time;
    memcpy(scan->most, ladder->asked, sizeof(scan->most));
    if (ladder->count == ladder->room) {
        ladder->room = ladder->room == 0 ? 64 : 2 * ladder->room;
        ladder->scans = realloc(ladder->scans, ladder->room * sizeof(*scan));
        if (ladder->scans == NULL)
            abort();
    }
    ladder->scans[ladder->count++] = *scan;
}

/* No count of the first is above that of the second. */
static bool is_below(const uint32_t *first, const uint32_t *second)
{
    for (unsigned i = 0; i < LADDER_WRITERS; i++)
        if (first[i] > second[i])
            return false;
    return true;
}

static const char *compare(const struct ladder_scan *a, const struct ladder_scan *b)
{
    bool rises = is_below(a->seen, b->seen);
    bool falls = is_below(b->seen, a->seen);
    if (!rises && !falls)
        return "two scans are no two moments of one order";
    if ((a->end < b->begin && !rises) || (b->end < a->begin && !falls))
        return "a scan saw less than one that ended before it began";
    return NULL;
}

const char *ladder_judge(const struct ladder *ladder)
{
    for (size_t i = 0; i < ladder->count; i++) {
        const struct ladder_scan *scan = &ladder->scans[i];
        if (!is_below(scan->least, scan->seen))
            return "a scan missed what was acknowledged before it began";
        if (!is_below(scan->seen, scan->most))
            return "a scan saw what nobody had asked for yet";
        for (size_t j = 0; j < i; j++) {
            const char *problem = compare(scan, &ladder->scans[j]);
            if (problem != NULL)
                return problem;
        }
    }
    return NULL;
}
