#include "store/shelf.h"

/* An entry takes no more than this part of the ring. */
#define ENTRY_SHARE 8

/* Entries that stay because they were asked for, before one goes all the same: to add one has an
 * end. */
#define MOST_TURNS 8

/* A slot: whether it was asked for, a part of the hash, and the word of the header counted from 1.
 * 0 when it is empty. */
#define ASKED ((uint64_t)1 << 63)
#define TAG_SHIFT 47
#define PLACE_MASK (((uint64_t)1 << TAG_SHIFT) - 1)

_Static_assert(sizeof(struct shelf_bucket) == 64, "a cache line");
_Static_assert(SHELF_LONGEST % 8 == 0, "whole words are copied");

/* The ring -------------------------------------------------------------------- */

static size_t words_of(size_t bytes)
{
    return (bytes + 7) / 8;
}

/* The place so many words on; no more than once around. */
static size_t step(const struct shelf *shelf, size_t place, size_t words)
{
    place += words;
    return place < shelf->words ? place : place - shelf->words;
}

/* Up to eight bytes, with zeroes behind them. */
static uint64_t word_at(struct slice bytes, size_t at)
{
    uint64_t word = 0;
    size_t left = bytes.len - at;
    if (left >= sizeof(word))
        memcpy(&word, bytes.data + at, sizeof(word));
    else
        memcpy(&word, bytes.data + at, left);
    return word;
}

static void append(struct shelf *shelf, struct slice bytes)
{
    for (size_t at = 0; at < bytes.len; at += 8) {
        shelf_store(&shelf->ring[shelf->head], word_at(bytes, at));
        shelf->head = step(shelf, shelf->head, 1);
    }
}

static bool is_at(const struct shelf *shelf, size_t place, struct slice bytes)
{
    for (size_t at = 0; at < bytes.len; at += 8) {
        if (shelf_load(&shelf->ring[place]) != word_at(bytes, at))
            return false;
        place = step(shelf, place, 1);
    }
    return true;
}

static void copy_run(const _Atomic uint64_t *words, char *bytes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        uint64_t word = shelf_load(&words[i]);
        memcpy(bytes + 8 * i, &word, sizeof(word));
    }
}

static void copy_from(const struct shelf *shelf, size_t place, char bytes[SHELF_LONGEST],
                      size_t len)
{
    size_t words = words_of(len);
    size_t run = shelf->words - place < words ? shelf->words - place : words;
    copy_run(shelf->ring + place, bytes, run);
    copy_run(shelf->ring, bytes + 8 * run, words - run);
}

/* Headers: from above, the low half of the hash, the length of the key, that of the value ---------
 */

static uint64_t header_of(uint64_t hash, struct slice key, struct slice value)
{
    return hash << 32 | (uint64_t)key.len << 16 | (uint64_t)value.len;
}

static size_t key_len(uint64_t header)
{
    return header >> 16 & 0xffff;
}

static size_t value_len(uint64_t header)
{
    return header & 0xffff;
}

static size_t entry_words(uint64_t header)
{
    return 1 + words_of(key_len(header)) + words_of(value_len(header));
}

/* A header that is nonsense may say anything. */
static bool may_be(const struct shelf *shelf, uint64_t header)
{
    return key_len(header) <= SHELF_LONGEST && value_len(header) <= SHELF_LONGEST &&
           entry_words(header) <= shelf->words / ENTRY_SHARE;
}

bool shelf_fits(const struct shelf *shelf, struct slice key, struct slice value)
{
    return key.len <= SHELF_LONGEST && value.len <= SHELF_LONGEST &&
           may_be(shelf, header_of(0, key, value));
}

/* Buckets ---------------------------------------------------------------------- */

/* Not 0. */
static uint64_t tag_of(uint64_t hash)
{
    return hash >> 48 | 1;
}

static size_t place_of(uint64_t slot)
{
    return (size_t)(slot & PLACE_MASK) - 1;
}

static bool has_tag(uint64_t slot, uint64_t hash)
{
    return (slot & ~ASKED) >> TAG_SHIFT == tag_of(hash);
}

/* Where the key is, with its header; NULL when it is nowhere. */
static _Atomic uint64_t *find(const struct shelf *shelf, uint64_t hash, struct slice key,
                              uint64_t *slot, uint64_t *header)
{
    struct shelf_bucket *bucket = shelf_bucket(shelf, hash);
    for (size_t i = 0; i < SHELF_SLOTS; i++) {
        *slot = shelf_load(&bucket->slots[i]);
        if (!has_tag(*slot, hash))
            continue;
        *header = shelf_load(&shelf->ring[place_of(*slot)]);
        if (key_len(*header) == key.len && may_be(shelf, *header) &&
            is_at(shelf, step(shelf, place_of(*slot), 1), key))
            return &bucket->slots[i];
    }
    return NULL;
}

bool shelf_find(const struct shelf *shelf, uint64_t hash, struct slice key,
                char value[SHELF_LONGEST], size_t *len)
{
    uint64_t slot;
    uint64_t header;
    _Atomic uint64_t *at = find(shelf, hash, key, &slot, &header);
    if (at == NULL)
        return false;
    *len = value_len(header);
    copy_from(shelf, step(shelf, place_of(slot), 1 + words_of(key.len)), value, *len);
    if ((slot & ASKED) == 0)
        atomic_compare_exchange_strong(at, &slot, slot | ASKED);
    return true;
}

/* Four tags, the last one lowest. */
bool shelf_note_miss(struct shelf_bucket *bucket, uint64_t hash)
{
    uint64_t missed = atomic_load_explicit(&bucket->missed, memory_order_relaxed);
    for (uint64_t rest = missed; rest != 0; rest >>= 16)
        if ((rest & 0xffff) == tag_of(hash))
            return true;
    atomic_store_explicit(&bucket->missed, missed << 16 | tag_of(hash), memory_order_relaxed);
    return false;
}

/* Changes ---------------------------------------------------------------------- */

/* The slot that says where this entry is; NULL when it was dropped. */
static _Atomic uint64_t *slot_at(const struct shelf *shelf, uint64_t header, size_t place)
{
    struct shelf_bucket *bucket = shelf_bucket(shelf, header >> 32);
    for (size_t i = 0; i < SHELF_SLOTS; i++)
        if (place_of(shelf_load(&bucket->slots[i])) == place)
            return &bucket->slots[i];
    return NULL;
}

/* Moves the oldest entry to the head, as if it had come now. */
static void give_turn(struct shelf *shelf, size_t from, size_t words, _Atomic uint64_t *slot)
{
    uint64_t tag = shelf_load(slot) & ~ASKED & ~PLACE_MASK;
    shelf_store(slot, tag | (shelf->head + 1));
    for (; words > 0; words--) {
        shelf_store(&shelf->ring[shelf->head], shelf_load(&shelf->ring[from]));
        from = step(shelf, from, 1);
        shelf->head = step(shelf, shelf->head, 1);
    }
}

static void make_room(struct shelf *shelf, size_t words)
{
    for (unsigned turns = 0; shelf->words - shelf->used < words;) {
        size_t oldest = step(shelf, shelf->head, shelf->words - shelf->used);
        uint64_t header = shelf_load(&shelf->ring[oldest]);
        _Atomic uint64_t *slot = slot_at(shelf, header, oldest);
        if (slot != NULL && (shelf_load(slot) & ASKED) != 0 && turns++ < MOST_TURNS) {
            give_turn(shelf, oldest, entry_words(header), slot);
            continue;
        }
        if (slot != NULL)
            shelf_store(slot, 0);
        shelf->used -= entry_words(header);
    }
}

/* An empty slot, or that of a value which was not asked for since one was looked for here. */
static _Atomic uint64_t *choose(struct shelf_bucket *bucket)
{
    for (size_t i = 0; i < SHELF_SLOTS; i++)
        if (shelf_load(&bucket->slots[i]) == 0)
            return &bucket->slots[i];
    for (size_t i = 0; i < SHELF_SLOTS; i++)
        if ((shelf_load(&bucket->slots[i]) & ASKED) == 0)
            return &bucket->slots[i];
    for (size_t i = 0; i < SHELF_SLOTS; i++)
        atomic_fetch_and(&bucket->slots[i], ~ASKED);
    return &bucket->slots[0];
}

void shelf_add(struct shelf *shelf, uint64_t hash, struct slice key, struct slice value)
{
    uint64_t slot;
    uint64_t header;
    if (!shelf_fits(shelf, key, value) || find(shelf, hash, key, &slot, &header) != NULL)
        return;
    header = header_of(hash, key, value);
    make_room(shelf, entry_words(header));
    shelf_store(choose(shelf_bucket(shelf, hash)), tag_of(hash) << TAG_SHIFT | (shelf->head + 1));
    shelf_store(&shelf->ring[shelf->head], header);
    shelf->head = step(shelf, shelf->head, 1);
    append(shelf, key);
    append(shelf, value);
    shelf->used += entry_words(header);
}

bool shelf_has(const struct shelf *shelf, uint64_t hash)
{
    const struct shelf_bucket *bucket = shelf_bucket(shelf, hash);
    for (size_t i = 0; i < SHELF_SLOTS; i++)
        if (has_tag(shelf_load(&bucket->slots[i]), hash))
            return true;
    return false;
}

bool shelf_drop(struct shelf *shelf, uint64_t hash, struct slice key)
{
    uint64_t slot;
    uint64_t header;
    _Atomic uint64_t *at = find(shelf, hash, key, &slot, &header);
    if (at != NULL)
        shelf_store(at, 0);
    return at != NULL;
}

void shelf_clear(struct shelf *shelf)
{
    for (size_t i = 0; i <= shelf->mask; i++)
        for (size_t slot = 0; slot < SHELF_SLOTS; slot++)
            shelf_store(&shelf->buckets[i].slots[slot], 0);
    shelf->used = 0;
}
