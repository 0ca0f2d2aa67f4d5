#include "store/overlay.h"

#include <stdlib.h>

#define SMALLEST_TABLE 64

/* A table this large is given back after its round. */
#define LARGEST_KEPT ((size_t)64 * 1024)

/* FNV-1a, 64 bits (Fowler, Noll, Vo). The keys of one round are few, so a peer that makes them
 * collide slows only that round. */
static uint64_t hash(struct slice key)
{
    uint64_t sum = 14695981039346656037u;
    for (size_t i = 0; i < key.len; i++)
        sum = (sum ^ (unsigned char)key.data[i]) * 1099511628211u;
    return sum;
}

void overlay_fini(struct overlay *overlay)
{
    free(overlay->entries);
    *overlay = (struct overlay){0};
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
    size_t at = hash(key) & (overlay->cap - 1);
    while (overlay->entries[at].used && !slice_equal(overlay->entries[at].key, key))
        at = (at + 1) & (overlay->cap - 1);
    return &overlay->entries[at];
}

static bool grow(struct overlay *overlay)
{
    struct overlay larger = {.cap = overlay->cap == 0 ? SMALLEST_TABLE : overlay->cap * 2};
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

bool overlay_note(struct overlay *overlay, struct slice key, bool present)
{
    if (2 * (overlay->count + 1) > overlay->cap && !grow(overlay))
        return false;
    struct overlay_entry *entry = seek(overlay, key);
    if (!entry->used)
        overlay->count++;
    *entry = (struct overlay_entry){.key = key, .used = true, .present = present};
    return true;
}

bool overlay_find(const struct overlay *overlay, struct slice key, bool *present)
{
    if (overlay->count == 0)
        return false;
    const struct overlay_entry *entry = seek(overlay, key);
    *present = entry->present;
    return entry->used;
}
