#include "tests/fault/history.h"

#include <stdlib.h>
#include <string.h>

/* Places that a search looks at before it is given up: some hundred megabytes. */
#define PLACES_MOST ((size_t)1 << 21)

#define WORDS (HISTORY_MOST / 64)

/* Where a search has come to: what is done, and what the key holds. */
struct place {
    uint64_t done[WORDS];
    uint32_t holds;
    uint32_t lowest; /* no operation before this one is left; follows from `done` */
};

/* All the places that were reached, each once; a table with open addressing over them; and those to
 * go on from. */
struct search {
    const struct history *history;
    struct place *places;
    size_t count;
    size_t room;
    uint32_t *table; /* 1 + the index of a place, or 0 */
    size_t slots;    /* a power of two */
    uint32_t *ends;  /* indexes of places, the one reached last to be taken first */
    size_t end_count;
};

void history_begin(struct history *history, uint32_t start)
{
    history->start = start;
    history->count = 0;
}

void history_add(struct history *history, const struct history_operation *operation)
{
    if (history->count == HISTORY_MOST)
        abort();
    history->operations[history->count++] = *operation;
}

void history_seal(struct history *history, uint64_t time)
{
    for (size_t i = 0; i < history->count; i++)
        if (history->operations[i].end == HISTORY_OPEN)
            history->operations[i].end = time;
}

/* Places ------------------------------------------------------------------- */

static bool is_done(const struct place *place, size_t index)
{
    return (place->done[index / 64] >> (index % 64) & 1) != 0;
}

static void do_one(struct place *place, size_t index, size_t count)
{
    place->done[index / 64] |= (uint64_t)1 << (index % 64);
    while (place->lowest < count && is_done(place, place->lowest))
        place->lowest++;
}

static size_t hash(const struct place *place)
{
    uint64_t mixed = place->holds;
    for (size_t i = 0; i < WORDS; i++) {
        mixed = (mixed ^ place->done[i]) * 0x9e3779b97f4a7c15;
        mixed ^= mixed >> 29;
    }
    return (size_t)mixed;
}

static bool same(const struct place *a, const struct place *b)
{
    return a->holds == b->holds && memcmp(a->done, b->done, sizeof(a->done)) == 0;
}

/* The slot where the place is, or would be. */
static uint32_t *slot_of(const struct search *search, const struct place *place)
{
    size_t at = hash(place) & (search->slots - 1);
    while (search->table[at] != 0 && !same(&search->places[search->table[at] - 1], place))
        at = (at + 1) & (search->slots - 1);
    return &search->table[at];
}

static void grow(struct search *search)
{
    search->room = search->room == 0 ? 1024 : 2 * search->room;
    search->slots = 2 * search->room;
    free(search->table);
    search->table = calloc(search->slots, sizeof(search->table[0]));
    search->places = realloc(search->places, search->room * sizeof(search->places[0]));
    search->ends = realloc(search->ends, search->room * sizeof(search->ends[0]));
    if (search->table == NULL || search->places == NULL || search->ends == NULL)
        abort();
    for (size_t i = 0; i < search->count; i++)
        *slot_of(search, &search->places[i]) = (uint32_t)i + 1;
}

/* Remembers the place, unless it has been there. */
static void reach(struct search *search, const struct place *place)
{
    struct place copy = *place; /* it may lie where the places grow */
    if (search->count == search->room)
        grow(search);
    uint32_t *slot = slot_of(search, &copy);
    if (*slot != 0)
        return;
    search->ends[search->end_count++] = (uint32_t)search->count;
    search->places[search->count++] = copy;
    *slot = (uint32_t)search->count;
}

/* The search --------------------------------------------------------------- */

static bool can_be(const struct history_operation *operation, uint32_t holds)
{
    switch (operation->needs) {
    case HISTORY_IS:
        return holds == operation->value;
    case HISTORY_IS_NOT:
        return holds != operation->value;
    case HISTORY_ANY:
        break;
    }
    return true;
}

/* The first end of what is left: whatever begins behind it is not next. HISTORY_OPEN when all that
 * has an end is done. */
static uint64_t first_end(const struct history *history, const struct place *place)
{
    uint64_t end = HISTORY_OPEN;
    for (size_t i = place->lowest; i < history->count; i++) {
        const struct history_operation *operation = &history->operations[i];
        if (operation->begin > end)
            break;
        if (operation->end < end && !is_done(place, i))
            end = operation->end;
    }
    return end;
}

/* What changes nothing and can be next may as well be next: it is in nobody's way later. */
static bool settle(const struct history *history, struct place *place, uint64_t end)
{
    bool any = false;
    for (size_t i = place->lowest; i < history->count; i++) {
        const struct history_operation *operation = &history->operations[i];
        if (operation->begin > end)
            break;
        if (operation->sets || is_done(place, i) || !can_be(operation, place->holds))
            continue;
        do_one(place, i, history->count);
        any = true;
    }
    return any;
}

/* Reaches the places that are one operation further. */
static void branch(struct search *search, const struct place *from, uint64_t end)
{
    const struct history *history = search->history;
    for (size_t i = from->lowest; i < history->count; i++) {
        const struct history_operation *operation = &history->operations[i];
        if (operation->begin > end)
            break;
        if (is_done(from, i))
            continue;
        struct place next = *from;
        do_one(&next, i, history->count);
        if (operation->maybe && operation->end != HISTORY_OPEN)
            reach(search, &next);
        if (!operation->sets || !can_be(operation, from->holds))
            continue;
        next.holds = operation->to;
        reach(search, &next);
    }
}

/* Goes on from one place; true when nothing is left there that has to be done. */
static bool visit(struct search *search, struct place place)
{
    uint64_t end = first_end(search->history, &place);
    while (end != HISTORY_OPEN && settle(search->history, &place, end))
        end = first_end(search->history, &place);
    if (end == HISTORY_OPEN)
        return true;
    branch(search, &place, end);
    return false;
}

static int by_begin(const void *a, const void *b)
{
    const struct history_operation *first = a;
    const struct history_operation *second = b;
    return (first->begin > second->begin) - (first->begin < second->begin);
}

enum history_verdict history_judge(struct history *history)
{
    struct search search = {.history = history};
    struct place place = {.holds = history->start};
    bool found = false;
    qsort(history->operations, history->count, sizeof(history->operations[0]), by_begin);
    reach(&search, &place);
    while (!found && search.end_count > 0 && search.count < PLACES_MOST)
        found = visit(&search, search.places[search.ends[--search.end_count]]);
    bool undecided = !found && search.end_count > 0;
    free(search.places);
    free(search.table);
    free(search.ends);
    return found ? HISTORY_LINEAR : undecided ? HISTORY_UNDECIDED : HISTORY_BROKEN;
}
