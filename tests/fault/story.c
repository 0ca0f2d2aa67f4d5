#include "tests/fault/story.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

void story_fini(struct story *story)
{
    free(story->operations);
    free(story->ends);
    *story = (struct story){0};
}

/* Bytes ------------------------------------------------------------------------- */

struct slice story_key(uint32_t key)
{
    static char text[16];
    return slice_of(text, (size_t)snprintf(text, sizeof(text), "k%05u", key));
}

/* Most values are short, and one of fifty is so long that it takes several blocks of a log. */
void story_value(uint32_t key, uint32_t version, struct buffer *value)
{
    static const char letters[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.";
    struct chance chance = {(uint64_t)key << 32 | version};
    size_t len = chance_below(&chance, 50) == 0 ? 20000 + chance_below(&chance, 60000)
                                                : 40 + chance_below(&chance, 200);
    char head[40];
    snprintf(head, sizeof(head), "k%05u.v%u.", key, version);
    buffer_append_string(value, head);
    while (len-- > 0)
        buffer_append_byte(value, letters[chance_below(&chance, 64)]);
}

bool story_read_key(struct slice bytes, uint32_t *key)
{
    char text[16] = "";
    if (bytes.len >= sizeof(text))
        return false;
    memcpy(text, bytes.data, bytes.len);
    return sscanf(text, "k%5u", key) == 1 && *key < STORY_KEYS &&
           slice_equal(bytes, story_key(*key));
}

bool story_read_value(struct slice bytes, uint32_t key, uint32_t *version)
{
    char head[40] = "";
    uint32_t read_key = 0;
    struct buffer expected = {0};
    memcpy(head, bytes.data, bytes.len < sizeof(head) ? bytes.len : sizeof(head) - 1);
    if (sscanf(head, "k%5u.v%u.", &read_key, version) != 2 || read_key != key)
        return false;
    story_value(key, *version, &expected);
    bool equal = slice_equal(bytes, buffer_slice(&expected));
    buffer_fini(&expected);
    return equal;
}

/* Steps ------------------------------------------------------------------------- */

static void make_room(struct story *story)
{
    if (story->steps < story->room)
        return;
    story->room = story->room == 0 ? 1024 : 2 * story->room;
    story->ends = reallocarray(story->ends, story->room, sizeof(*story->ends));
    story->operations = reallocarray(story->operations, story->room * STORY_MOST_OPERATIONS,
                                     sizeof(*story->operations));
    cr_assert(story->ends != NULL && story->operations != NULL);
}

size_t story_operations(const struct story *story, size_t steps)
{
    return steps == 0 ? 0 : story->ends[steps - 1];
}

static bool is_in_step(const struct story *story, uint32_t key, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++)
        if (story->operations[i].key == key)
            return true;
    return false;
}

/* Only what is there is deleted: else nothing would be written. */
static struct story_operation choose(struct story *story, struct chance *chance, size_t from,
                                     size_t to)
{
    uint32_t key;
    do
        key = (uint32_t)chance_below(chance, STORY_KEYS);
    while (is_in_step(story, key, from, to));
    bool deletes = story->now[key] != STORY_ABSENT && chance_below(chance, 4) == 0;
    uint32_t version = deletes ? STORY_ABSENT : ++story->last_version;
    story->now[key] = version;
    return (struct story_operation){.key = key, .version = version};
}

static void append_request(struct buffer *request, struct story_operation operation)
{
    bool deletes = operation.version == STORY_ABSENT;
    buffer_append_string(request, deletes ? "DEL " : "PUT ");
    buffer_append_slice(request, story_key(operation.key));
    buffer_append_byte(request, ' ');
    if (!deletes)
        story_value(operation.key, operation.version, request);
    buffer_append_byte(request, '\n');
}

void story_go_on(struct story *story, struct chance *chance, struct buffer *request,
                 unsigned *answers)
{
    bool batch = chance_below(chance, 5) == 0;
    size_t count = batch ? 2 + chance_below(chance, STORY_MOST_OPERATIONS - 1) : 1;
    make_room(story);
    size_t from = story_operations(story, story->steps);
    if (batch)
        buffer_append_string(request, "BEGIN\n");
    for (size_t i = 0; i < count; i++) {
        story->operations[from + i] = choose(story, chance, from, from + i);
        append_request(request, story->operations[from + i]);
    }
    if (batch)
        buffer_append_string(request, "COMMIT\n");
    story->ends[story->steps++] = from + count;
    *answers = (unsigned)count + (batch ? 2 : 0);
}

void story_after(const struct story *story, size_t operations, uint32_t versions[STORY_KEYS])
{
    memset(versions, 0, STORY_KEYS * sizeof(*versions));
    for (size_t i = 0; i < operations; i++)
        versions[story->operations[i].key] = story->operations[i].version;
}
