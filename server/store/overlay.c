#include "store/overlay.h"

#include <stdlib.h>

#include "store/hash.h"

#define SMALLEST_TABLE 64

/* A table larger than this is given back before the next round. */
#define LARGEST_KEPT ((size_t)64 * 1024)

void overlay_fini(struct overlay *overlay)
{
    free(overlay->entries);
    *overlay = (struct overlay){.key = {overlay->key[0], overlay->key[1]}};
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
    size_t at = hash_bytes(overlay->key, key) & (overlay->cap - 1);
    while (overlay->entries[at].used && !slice_equal(overlay->entries[at].key, key))
        at = (at + 1) & (overlay->cap - 1);
    return &overlay->entries[at];
}

static bool grow(struct overlay *overlay)
{
    struct overlay larger = {.key = {overlay->key[0], overlay->key[1]},
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
    struct overlay_entry *entry = overlay->cap > 0 ? seek(overlay, key) : NULL;
    if (entry == NULL || !entry->used) {
        if (2 * (overlay->count + 1) > overlay->cap && !grow(overlay))
            return false;
        entry = seek(overlay, key);
        overlay->count++;
    }
    *entry = (struct overlay_entry){
        .key = key, .value = value, .used = true, .present = value.data != NULL};
    return true;
}

/* The entry stays, because others may have been placed behind it. */
void overlay_forget(struct overlay *overlay, struct slice key)
{
    if (overlay->count == 0)
        return;
    struct overlay_entry *entry = seek(overlay, key);
    entry->forgotten = entry->used;
}

const struct overlay_entry *overlay_find(const struct overlay *overlay, struct slice key)
{
    if (overlay->count == 0)
        return NULL;
    const struct overlay_entry *entry = seek(overlay, key);
    return entry->used && !entry->forgotten ? entry : NULL;
}
