#include "tests/fault/tally.h"

#include <stdio.h>
#include <stdlib.h>

#include <criterion/criterion.h>

#include "tests/lib/chance.h"
#include "tests/lib/deadline.h"

/* Values are mostly small; one of so many is so large that a log spreads it over several blocks. */
#define LARGE_ONE_OF 50
#define LARGE_LEAST 30000
#define LARGE_MORE 20000
#define SMALL_MOST 500

enum fate {
    UNKNOWN, /* it may be there or not */
    ACKNOWLEDGED,
    REFUSED, /* it must not be there */
};

struct record {
    unsigned number;
    bool deletes;
    enum fate fate;
    int64_t when; /* it was acknowledged */
};

struct group {
    struct record *records; /* the first is what was found at the latest judgement */
    size_t count;
    size_t room;
    unsigned barrier; /* the number that the latest SYNC promised, and the one that is under way */
    unsigned begun_barrier;

    /* Since the judgement began: of each key the number in its value; 0 when it was not there. */
    unsigned found[TALLY_KEYS];
};

struct tally {
    struct group *groups;
    unsigned count;
    uint64_t strange; /* rows found that make no sense */
    char first[160];  /* the first trouble */
};

/* Groups ------------------------------------------------------------------- */

static struct record *add_record(struct group *group)
{
    if (group->count == group->room) {
        group->room = group->room == 0 ? 16 : 2 * group->room;
        group->records = realloc(group->records, group->room * sizeof(*group->records));
        cr_assert(group->records != NULL);
    }
    return &group->records[group->count++];
}

static struct record *find_record(const struct group *group, unsigned number)
{
    for (size_t i = group->count; i > 0; i--)
        if (group->records[i - 1].number == number)
            return &group->records[i - 1];
    return NULL;
}

struct tally *tally_new(unsigned groups)
{
    struct tally *tally = calloc(1, sizeof(*tally));
    cr_assert(tally != NULL);
    tally->count = groups;
    tally->groups = calloc(groups, sizeof(*tally->groups));
    cr_assert(tally->groups != NULL);
    for (unsigned i = 0; i < groups; i++)
        *add_record(&tally->groups[i]) = (struct record){.deletes = true, .fate = ACKNOWLEDGED};
    return tally;
}

void tally_free(struct tally *tally)
{
    for (unsigned i = 0; i < tally->count; i++)
        free(tally->groups[i].records);
    free(tally->groups);
    free(tally);
}

unsigned tally_keys(unsigned group)
{
    return 1 + group % TALLY_KEYS;
}

/* The keys of a group lie far apart, so that they come to stand in different tables. */
const char *tally_key(unsigned group, unsigned key)
{
    static char names[4][32];
    static unsigned next;
    char *name = names[next++ % 4];
    snprintf(name, sizeof(names[0]), "%u.%04u", key, group);
    return name;
}

static size_t value_length(struct chance *chance)
{
    if (chance_below(chance, LARGE_ONE_OF) == 0)
        return LARGE_LEAST + chance_below(chance, LARGE_MORE);
    return chance_below(chance, SMALL_MOST);
}

void tally_append_value(struct buffer *out, unsigned group, unsigned key, unsigned number)
{
    char head[64];
    snprintf(head, sizeof(head), "%u:%u:%u:", group, key, number);
    buffer_append_string(out, head);
    struct chance chance = {(uint64_t)number << 32 | group << 4 | key};
    size_t len = value_length(&chance);
    cr_assert(buffer_reserve(out, len));
    for (size_t i = 0; i < len; i++)
        out->data[out->len++] = "abcdefghijklmnopqrstuvwxyzABCDEF"[chance_next(&chance) >> 59];
}

/* Writes ------------------------------------------------------------------- */

unsigned tally_begin(struct tally *tally, unsigned group, bool deletes)
{
    struct group *at = &tally->groups[group];
    unsigned number = at->records[at->count - 1].number + 1;
    *add_record(at) = (struct record){.number = number, .deletes = deletes};
    return number;
}

void tally_acknowledge(struct tally *tally, unsigned group, unsigned number)
{
    struct record *record = find_record(&tally->groups[group], number);
    record->fate = ACKNOWLEDGED;
    record->when = deadline_now();
}

void tally_refuse(struct tally *tally, unsigned group, unsigned number)
{
    find_record(&tally->groups[group], number)->fate = REFUSED;
}

static const struct record *latest_acknowledged(const struct group *group)
{
    size_t i = group->count - 1;
    while (i > 0 && group->records[i].fate != ACKNOWLEDGED)
        i--;
    return &group->records[i]; /* the first is as certain */
}

unsigned tally_floor(const struct tally *tally, unsigned group)
{
    return latest_acknowledged(&tally->groups[group])->number;
}

void tally_begin_barrier(struct tally *tally)
{
    for (unsigned i = 0; i < tally->count; i++)
        tally->groups[i].begun_barrier = tally_floor(tally, i);
}

void tally_end_barrier(struct tally *tally)
{
    for (unsigned i = 0; i < tally->count; i++)
        tally->groups[i].barrier = tally->groups[i].begun_barrier;
}

/* Reads -------------------------------------------------------------------- */

/* Whether these are exactly the bytes of that write. */
static bool is_value(struct slice value, unsigned group, unsigned key, unsigned number)
{
    struct buffer expected = {0};
    tally_append_value(&expected, group, key, number);
    bool equal = slice_equal(value, buffer_slice(&expected));
    buffer_fini(&expected);
    return equal;
}

/* The number of the write that put the value there; 0 when it cannot be any. */
static unsigned number_of(struct slice value, unsigned group, unsigned key)
{
    char head[64] = {0};
    unsigned read_group = 0;
    unsigned read_key = 0;
    unsigned number = 0;
    memcpy(head, value.data, value.len < sizeof(head) ? value.len : sizeof(head) - 1);
    if (sscanf(head, "%u:%u:%u:", &read_group, &read_key, &number) != 3)
        return 0;
    return is_value(value, group, key, number) ? number : 0;
}

/* The newest write, `floor` or behind it, that may have deleted the group; NULL when none may. */
static const struct record *find_deletion(const struct group *group, unsigned floor)
{
    for (size_t i = group->count; i > 0; i--) {
        const struct record *record = &group->records[i - 1];
        if (record->number < floor)
            break;
        if (record->deletes && record->fate != REFUSED)
            return record;
    }
    return NULL;
}

bool tally_may_read(const struct tally *tally, unsigned group, unsigned key, unsigned floor,
                    struct slice value)
{
    const struct group *at = &tally->groups[group];
    if (value.data == NULL)
        return find_deletion(at, floor) != NULL;
    unsigned number = number_of(value, group, key);
    const struct record *record = find_record(at, number);
    return number != 0 && number >= floor && record != NULL && !record->deletes &&
           record->fate != REFUSED;
}

/* Judgement ---------------------------------------------------------------- */

static void note(struct tally *tally, const char *what, const char *key, unsigned found,
                 unsigned expected)
{
    if (tally->first[0] == '\0')
        snprintf(tally->first, sizeof(tally->first), "%s %.20s: write %u is found, expected %u",
                 what, key, found, expected);
}

void tally_find(struct tally *tally, struct slice key, struct slice value)
{
    char text[32] = {0};
    unsigned group = 0;
    unsigned index = 0;
    memcpy(text, key.data, key.len < sizeof(text) ? key.len : sizeof(text) - 1);
    bool known = sscanf(text, "%u.%u", &index, &group) == 2 && group < tally->count &&
                 index < tally_keys(group);
    unsigned number = known ? number_of(value, group, index) : 0;
    const struct record *record = known ? find_record(&tally->groups[group], number) : NULL;
    if (number == 0 || record == NULL || record->deletes || record->fate == REFUSED) {
        tally->strange++;
        note(tally, "a row that may not be", text, number, 0);
    }
    if (known)
        tally->groups[group].found[index] = number;
}

static const struct record *promised(const struct group *group, enum tally_promise promise,
                                     int64_t moment)
{
    if (promise == TALLY_EVERY)
        return latest_acknowledged(group);
    if (promise == TALLY_BARRIER)
        return find_record(group, group->barrier);
    const struct record *latest = &group->records[0];
    for (size_t i = 1; i < group->count; i++)
        if (group->records[i].fate == ACKNOWLEDGED && group->records[i].when <= moment)
            latest = &group->records[i];
    return latest;
}

static bool is_half(const struct group *group, unsigned keys)
{
    for (unsigned i = 1; i < keys; i++)
        if (group->found[i] != group->found[0])
            return true;
    return false;
}

/* The write that left the group as it was found; NULL when there is none. */
static const struct record *resolve(const struct group *group)
{
    return group->found[0] == 0 ? find_deletion(group, 0) : find_record(group, group->found[0]);
}

/* From now on this is what the group holds, and the fate of all else is known. Numbers go on behind
 * the last one begun, so that no value is ever written twice. */
static void settle(struct group *group, struct record now)
{
    struct record last = group->records[group->count - 1];
    now.fate = ACKNOWLEDGED;
    now.when = 0;
    group->barrier = now.number;
    group->records[0] = now;
    group->count = 1;
    if (last.number != now.number) {
        last.fate = REFUSED;
        *add_record(group) = last;
    }
    memset(group->found, 0, sizeof(group->found));
}

static void judge_group(struct tally *tally, unsigned index, const struct record *floor,
                        struct tally_verdict *verdict)
{
    struct group *group = &tally->groups[index];
    const struct record *found = resolve(group);
    for (size_t i = 1; i < group->count; i++) {
        bool acknowledged = group->records[i].fate == ACKNOWLEDGED;
        verdict->acknowledged += acknowledged;
        verdict->behind += acknowledged && (found == NULL || &group->records[i] > found);
    }
    if (is_half(group, tally_keys(index))) {
        verdict->half++;
        note(tally, "half a batch", tally_key(index, 0), group->found[0], floor->number);
    } else if (found == NULL || found < floor) {
        verdict->lost++;
        note(tally, "lost", tally_key(index, 0), group->found[0], floor->number);
    }
    settle(group, found == NULL ? *floor : *found);
}

void tally_judge(struct tally *tally, enum tally_promise promise, int64_t moment,
                 struct tally_verdict *verdict)
{
    for (unsigned i = 0; i < tally->count; i++)
        judge_group(tally, i, promised(&tally->groups[i], promise, moment), verdict);
    verdict->wrong += tally->strange;
    if (verdict->first[0] == '\0')
        memcpy(verdict->first, tally->first, sizeof(verdict->first));
    tally->strange = 0;
    tally->first[0] = '\0';
}
