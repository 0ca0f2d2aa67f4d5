#include "store/version.h"

#include <stdlib.h>

enum tag {
    TAG_COMPARATOR = 1,
    TAG_LOG,
    TAG_NEXT_FILE,
    TAG_SEQUENCE,
    TAG_COMPACT_POINTER,
    TAG_DELETED_TABLE,
    TAG_NEW_TABLE,
    TAG_PREVIOUS_LOG = 9, /* 8 is in use no more */
};

/* What stands behind each tag: n for a number, s for bytes with their length before them. */
static const char *const shapes[] = {
    [TAG_COMPARATOR] = "s",       [TAG_LOG] = "n", [TAG_NEXT_FILE] = "n", [TAG_SEQUENCE] = "n",
    [TAG_COMPACT_POINTER] = "ns", /* level, key */
    [TAG_DELETED_TABLE] = "nn",   /* level, number */
    [TAG_NEW_TABLE] = "nnnss",    /* level, number, size, lowest key, highest key */
    [TAG_PREVIOUS_LOG] = "n",
};

#define MOST_NUMBERS 3

void version_fini(struct version *version)
{
    free(version->tables);
    *version = (struct version){0};
}

/* Takes a number of seven bits a byte, the lowest first, off the edit. */
static bool take_number(struct slice *edit, uint64_t *number)
{
    *number = 0;
    for (unsigned shift = 0; shift < 64 && edit->len > 0; shift += 7) {
        unsigned char byte = (unsigned char)edit->data[0];
        *edit = slice_of(edit->data + 1, edit->len - 1);
        *number |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80)
            return true;
    }
    return false;
}

static bool skip_bytes(struct slice *edit)
{
    uint64_t len;
    if (!take_number(edit, &len) || len > edit->len)
        return false;
    *edit = slice_of(edit->data + len, edit->len - (size_t)len);
    return true;
}

static const char *find_shape(uint64_t tag)
{
    return tag < sizeof(shapes) / sizeof(shapes[0]) ? shapes[tag] : NULL;
}

/* Takes one field off the edit: its tag, and the numbers behind. */
static bool take_field(struct slice *edit, uint64_t *tag, uint64_t numbers[MOST_NUMBERS])
{
    const char *shape = take_number(edit, tag) ? find_shape(*tag) : NULL;
    if (shape == NULL)
        return false;
    for (size_t count = 0; *shape != '\0'; shape++)
        if (*shape == 'n' ? !take_number(edit, &numbers[count++]) : !skip_bytes(edit))
            return false;
    return true;
}

/* Where the table is, or belongs. */
static size_t find(const struct version *version, uint64_t number)
{
    size_t low = 0;
    size_t high = version->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (version->tables[middle].number < number)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool make_room(struct version *version)
{
    if (version->count < version->room)
        return true;
    size_t room = version->room == 0 ? 64 : version->room * 2;
    void *tables = reallocarray(version->tables, room, sizeof(*version->tables));
    if (tables == NULL)
        return false;
    version->tables = tables;
    version->room = room;
    return true;
}

/* Tables that go stay in the list: their numbers are not used again, except when a table moves to
 * another level, and taking them out would move all behind them each time. */
static bool set_table(struct version *version, uint64_t number, uint64_t size, bool gone)
{
    size_t at = find(version, number);
    if (at == version->count || version->tables[at].number != number) {
        if (!make_room(version))
            return false;
        memmove(version->tables + at + 1, version->tables + at,
                (version->count - at) * sizeof(*version->tables));
        version->count++;
    }
    version->tables[at] = (struct version_table){.number = number, .size = size, .gone = gone};
    return true;
}

static bool apply_field(struct version *version, uint64_t tag, const uint64_t *numbers)
{
    switch (tag) {
    case TAG_LOG:
        version->log = numbers[0];
        version->has_log = true;
        return true;
    case TAG_PREVIOUS_LOG:
        version->previous = numbers[0];
        return true;
    case TAG_NEXT_FILE:
        version->has_next_file = true;
        return true;
    case TAG_SEQUENCE:
        version->sequence = numbers[0];
        version->has_sequence = true;
        return true;
    case TAG_NEW_TABLE:
        return set_table(version, numbers[1], numbers[2], false);
    default:
        return true;
    }
}

/* In two rounds, because an edit that moves a table first tells that it is there and then that it
 * went, or the other way round: what it adds is there. */
bool version_apply(struct version *version, struct slice edit)
{
    uint64_t tag;
    uint64_t numbers[MOST_NUMBERS];
    uint64_t log = version->log;
    for (struct slice rest = edit; rest.len > 0;) {
        if (!take_field(&rest, &tag, numbers))
            return false;
        if (tag == TAG_DELETED_TABLE && !set_table(version, numbers[1], 0, true))
            return false;
    }
    while (edit.len > 0)
        if (!take_field(&edit, &tag, numbers) || !apply_field(version, tag, numbers))
            return false;
    if (version->log != log)
        version->log_sequence = version->sequence;
    return true;
}

bool version_is_start(struct slice edit)
{
    return edit.len > 0 && find_shape((unsigned char)edit.data[0]) != NULL;
}

bool version_is_whole(const struct version *version)
{
    return version->has_log && version->has_next_file && version->has_sequence;
}
