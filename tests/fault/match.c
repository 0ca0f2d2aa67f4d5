#include "tests/fault/match.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const match_keys[MATCH_KEYS] = {"b0", "b1", "b2", "b3", "y4", "y5", "y6", "y7"};
const char *const match_twins[MATCH_TWINS] = {"a:t", "n:t", "z:t"};

void match_begin(struct match *match, const struct match_view *view)
{
    for (unsigned i = 0; i < MATCH_KEYS; i++)
        history_begin(&match->histories[i], view->keys[i]);
    history_begin(&match->histories[MATCH_TWIN], match_read_twins(match, view->twins));
    memcpy(match->seen, view->keys, sizeof(view->keys));
    match->seen[MATCH_TWIN] = view->twins[0];
    ladder_begin(&match->ladder, view->counts);
}

void match_fini(struct match *match)
{
    ladder_fini(&match->ladder);
}

uint64_t match_time(struct match *match)
{
    return ++match->clock;
}

uint32_t match_value(struct match *match)
{
    return ++match->last_value;
}

uint32_t match_read_twins(struct match *match, const uint32_t twins[MATCH_TWINS])
{
    for (unsigned i = 1; i < MATCH_TWINS; i++)
        if (twins[i] != twins[0])
            match->problem = "keys that are only written together differ";
    return twins[0];
}

void match_add_read(struct match *match, unsigned key, uint64_t begin, uint32_t value)
{
    match->seen[key] = value;
    history_add(&match->histories[key],
                &(struct history_operation){
                    .begin = begin, .end = match->clock, .needs = HISTORY_IS, .value = value});
}

void match_add_scan(struct match *match, struct ladder_scan *scan, const struct match_view *view)
{
    for (unsigned i = 0; i < MATCH_KEYS; i++)
        match_add_read(match, i, scan->begin, view->keys[i]);
    match_add_read(match, MATCH_TWIN, scan->begin, match_read_twins(match, view->twins));
    memcpy(scan->seen, view->counts, sizeof(scan->seen));
    ladder_end_scan(&match->ladder, scan, match->clock);
}

void match_seal(struct match *match)
{
    uint64_t now = match_time(match);
    for (unsigned i = 0; i <= MATCH_KEYS; i++)
        history_seal(&match->histories[i], now);
}

const char *match_judge(struct match *match)
{
    for (unsigned i = 0; i <= MATCH_KEYS && match->problem == NULL; i++) {
        switch (history_judge(&match->histories[i])) {
        case HISTORY_LINEAR:
            break;
        case HISTORY_BROKEN:
            match->problem = i == MATCH_TWIN ? "the twins' history is not linear"
                                             : "a key's history is not linear";
            break;
        case HISTORY_UNDECIDED:
            match->problem = "a history is too large to be judged";
            break;
        }
    }
    return match->problem != NULL ? match->problem : ladder_judge(&match->ladder);
}

/* Rows --------------------------------------------------------------------- */

static uint32_t *place_of(const char *name, struct match_view *view)
{
    for (unsigned i = 0; i < MATCH_KEYS; i++)
        if (strcmp(name, match_keys[i]) == 0)
            return &view->keys[i];
    for (unsigned i = 0; i < MATCH_TWINS; i++)
        if (strcmp(name, match_twins[i]) == 0)
            return &view->twins[i];
    if (name[0] != 'c' && name[0] != 'x')
        return NULL;
    unsigned writer = (unsigned)atoi(name + 1);
    return writer < LADDER_WRITERS ? &view->counts[writer] : NULL;
}

bool match_read_row(struct slice row, struct match_view *view)
{
    char text[64];
    char name[8] = "";
    uint32_t value = 0;
    if (slice_has_prefix(row, SLICE("\"m:")))
        return true;
    snprintf(text, sizeof(text), "%.*s", (int)row.len, row.data);
    if (sscanf(text, "\"%7[^\"]\" \"%" SCNu32 "\"", name, &value) != 2)
        return false;
    uint32_t *place = place_of(name, view);
    if (place != NULL)
        *place = value;
    return place != NULL && value != 0;
}
