#include "store/overlay.h"

#include <stdlib.h>

#define SMALLEST_TABLE 64

/* A table larger than this is given back before the next round. */
#define LARGEST_KEPT ((size_t)64 * 1024)

/* FNV-1a, 64 bits (Fowler, Noll, Vo), from a secret start and with its high bits folded down: its
 * low bits alone depend on no others, and keys could be made that all collide there. A collision
 * would not slow one peer but the round, and with it everybody who writes. */
static uint64_t hash(const struct overlay *overlay, struct slice key)
{
    uint64_t sum = overlay->seed;
    for (size_t i = 0; i < key.len; i++)
        sum = (sum ^ (unsigned char)key.data[i]) * 1099511628211u;
    sum = (sum ^ sum >> 32) * 0x9e3779b97f4a7c15u; /* 2^64 over the golden ratio */
    return sum ^ sum >> 29;
}

void overlay_fini(struct overlay *overlay)
{
    free(overlay->entries);
    *overlay = (struct overlay){.seed = overlay->seed};
}

void overlay_clear(struct overlay *overlay)
{
    if (overlay->cap > LARGEST_KEPT) {
        overlay_fini(overlay);
        return;
    }
    if (overlay->count > 0)
        memset(overlay->entries, 0, overlay->cap * sizeof(*overlay->entries));
    overlay->count = 0;
}

/* The entry of the key, or the free one where it belongs. The table is never full. */
static struct overlay_entry *seek(const struct overlay *overlay, struct slice key)
{
    size_t at = hash(overlay, key) & (overlay->cap - 1);
    while (overlay->entries[at].used && !slice_equal(overlay->entries[at].key, key))
        at = (at + 1) & (overlay->cap - 1);
    return &overlay->entries[at];
}

static bool grow(struct overlay *overlay)
{
    struct overlay larger = {.seed = overlay->seed,
                             .cap = overlay->cap == 0 ? SMALLEST_TABLE : overlay->cap * 2};
    larger.entries = calloc(larger.cap, sizeof(*larger.entries));
    if (larger.entries == NULL)
        return false;
    for (size_t i = 0; i < overlay->cap; i++)
        if (overlay->entries[i].used)
            *seek(&larger, overlay->entries[i].key) = overlay->entries[i];
    larger.count = overlay->count;
    free(overlay->entries);
    *overlay = larger;
    return true;
}

bool overlay_note(struct overlay *overlay, struct slice key, struct slice value)
{
    if (2 * (overlay->count + 1) > overlay->cap && !grow(overlay))
        return false;
    struct overlay_entry *entry = seek(overlay, key);
    if (!entry->used)
        overlay->count++;
    *entry = (struct overlay_entry){
        .key = key, .value = value, .used = true, .present = value.data != NULL};
    return true;
}

const struct overlay_entry *overlay_find(const struct overlay *overlay, struct slice key)
{
    if (overlay->count == 0)
        return NULL;
    const struct overlay_entry *entry = seek(overlay, key);
    return entry->used ? entry : NULL;
}
