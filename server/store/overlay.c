#include "store/overlay.h"

#include <stdlib.h>

#define SMALLEST_TABLE 64

/* A table larger than this is given back before the next round. */
#define LARGEST_KEPT ((size_t)64 * 1024)

#define ROTATE(word, bits) ((word) << (bits) | (word) >> (64 - (bits)))

/* One round of SipHash. */
static void mix(uint64_t v[4])
{
    v[0] += v[1];
    v[1] = ROTATE(v[1], 13) ^ v[0];
    v[0] = ROTATE(v[0], 32);
    v[2] += v[3];
    v[3] = ROTATE(v[3], 16) ^ v[2];
    v[0] += v[3];
    v[3] = ROTATE(v[3], 21) ^ v[0];
    v[2] += v[1];
    v[1] = ROTATE(v[1], 17) ^ v[2];
    v[2] = ROTATE(v[2], 32);
}

/* Up to eight bytes, the first one lowest; behind the last bytes stands the length. */
static uint64_t word_at(struct slice bytes, size_t at)
{
    size_t left = bytes.len - at < 8 ? bytes.len - at : 8;
    uint64_t word = left < 8 ? (uint64_t)bytes.len << 56 : 0;
    for (size_t i = 0; i < left; i++)
        word |= (uint64_t)(unsigned char)bytes.data[at + i] << 8 * i;
    return word;
}

/* SipHash-1-3 (Aumasson and Bernstein, 2012): without its key nobody can choose keys that collide.
 * A collision would not slow one peer but the round, and with it everybody who writes. */
static uint64_t hash(const struct overlay *overlay, struct slice key)
{
    uint64_t v[4] = {
        overlay->key[0] ^ 0x736f6d6570736575u,
        overlay->key[1] ^ 0x646f72616e646f6du,
        overlay->key[0] ^ 0x6c7967656e657261u,
        overlay->key[1] ^ 0x7465646279746573u,
    };
    for (size_t at = 0; at <= key.len; at += 8) {
        uint64_t word = word_at(key, at);
        v[3] ^= word;
        mix(v);
        v[0] ^= word;
    }
    v[2] ^= 0xff;
    for (int i = 0; i < 3; i++)
        mix(v);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}

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
    size_t at = hash(overlay, key) & (overlay->cap - 1);
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
