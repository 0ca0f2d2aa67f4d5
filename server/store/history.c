#include "store/history.h"

#include <assert.h>
#include <stdlib.h>
#include <sys/mman.h>

/* One mark for so many bytes: to find a write is to walk over no more than that. */
#define MARK_EVERY ((uint64_t)64 * 1024)

/* How a change lies in the ring: this header, the key, the value. */
struct header {
    uint64_t number;
    uint64_t left; /* bytes of the same write behind this change */
    uint32_t key_len;
    uint32_t value_len; /* or NO_VALUE */
};

/* Of a deletion. No request is long enough for a value of this length. */
#define NO_VALUE UINT32_MAX

bool history_init(struct history *history, uint64_t capacity)
{
    *history = (struct history){.capacity = capacity};
    history->mark_cap = (size_t)(capacity / MARK_EVERY) + 2;
    history->marks = malloc(history->mark_cap * sizeof(*history->marks));
    if (history->marks == NULL)
        return false;
    history->ring = mmap(NULL, (size_t)capacity, PROT_READ | PROT_WRITE,
                         MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (history->ring != MAP_FAILED)
        return true;
    free(history->marks);
    return false;
}

void history_fini(struct history *history)
{
    munmap(history->ring, (size_t)history->capacity);
    free(history->marks);
}

void history_clear(struct history *history)
{
    *history = (struct history){
        .ring = history->ring,
        .capacity = history->capacity,
        .marks = history->marks,
        .mark_cap = history->mark_cap,
    };
}

/* Bytes in and out --------------------------------------------------------- */

/* How many of `len` bytes from a place in the ring on lie in one piece. */
static size_t straight(const struct history *history, uint64_t at, size_t len)
{
    uint64_t rest = history->capacity - at;
    return len < rest ? len : (size_t)rest;
}

/* The place `len` bytes, no more than the capacity, behind another. */
static uint64_t further(const struct history *history, uint64_t at, uint64_t len)
{
    at += len;
    return at < history->capacity ? at : at - history->capacity;
}

static void write_bytes(struct history *history, const void *bytes, size_t len)
{
    size_t first = straight(history, history->head_at, len);
    if (first > 0)
        memcpy(history->ring + history->head_at, bytes, first);
    if (first < len)
        memcpy(history->ring, (const char *)bytes + first, len - first);
    history->head += len;
    history->head_at = further(history, history->head_at, len);
}

static struct header read_header(const struct history *history, uint64_t at)
{
    struct header header;
    size_t first = straight(history, at, sizeof(header));
    memcpy(&header, history->ring + at, first);
    if (first < sizeof(header))
        memcpy((char *)&header + first, history->ring, sizeof(header) - first);
    return header;
}

void history_copy(const struct history *history, uint64_t offset, uint64_t most, struct buffer *out)
{
    assert(offset >= history->tail && offset <= history->head);
    uint64_t held = history->head - offset;
    size_t len = (size_t)(most < held ? most : held);
    uint64_t at = offset % history->capacity;
    size_t first = straight(history, at, len);
    buffer_append(out, history->ring + at, first);
    buffer_append(out, history->ring, len - first);
}

/* Writes ------------------------------------------------------------------- */

static uint64_t size_of_change(const struct header *header)
{
    return sizeof(*header) + header->key_len +
           (header->value_len == NO_VALUE ? 0 : header->value_len);
}

uint64_t history_size(struct slice key, struct slice value)
{
    return sizeof(struct header) + key.len + (value.data == NULL ? 0 : value.len);
}

/* How many bytes the write that starts at that place of the ring takes. */
static uint64_t size_of_write(const struct history *history, uint64_t at, uint64_t *number)
{
    struct header header = read_header(history, at);
    *number = header.number;
    return size_of_change(&header) + header.left;
}

static struct history_mark *mark_at(const struct history *history, size_t index)
{
    return &history->marks[(history->mark_first + index) % history->mark_cap];
}

static void drop_marks(struct history *history)
{
    while (history->mark_count > 0 && mark_at(history, 0)->offset < history->tail) {
        history->mark_first = (history->mark_first + 1) % history->mark_cap;
        history->mark_count--;
    }
}

static void add_mark(struct history *history)
{
    size_t count = history->mark_count;
    if (count > 0 && history->head - mark_at(history, count - 1)->offset < MARK_EVERY)
        return;
    assert(count < history->mark_cap);
    *mark_at(history, count) =
        (struct history_mark){.number = history->last, .offset = history->head};
    history->mark_count++;
}

static void make_room(struct history *history, uint64_t size)
{
    while (history->head + size - history->tail > history->capacity) {
        uint64_t oldest = size_of_write(history, history->tail_at, &history->dropped);
        history->tail += oldest;
        history->tail_at = further(history, history->tail_at, oldest);
    }
    drop_marks(history);
}

/* Lets a write pass that is larger than the ring. */
static void pass(struct history *history, uint64_t size)
{
    history->dropped = history->last;
    history->head += size;
    history->tail = history->head;
    history->head_at = history->head % history->capacity;
    history->tail_at = history->head_at;
    drop_marks(history);
}

void history_begin(struct history *history, uint64_t size)
{
    assert(history->left == 0 && size > 0);
    history->last++;
    history->passing = size > history->capacity;
    if (history->passing) {
        pass(history, size);
        return;
    }
    make_room(history, size);
    history->left = size;
    add_mark(history);
}

void history_add(struct history *history, struct slice key, struct slice value)
{
    uint64_t size = history_size(key, value);
    if (history->passing)
        return;
    assert(size <= history->left);
    history->left -= size;
    struct header header = {
        .number = history->last,
        .left = history->left,
        .key_len = (uint32_t)key.len,
        .value_len = value.data == NULL ? NO_VALUE : (uint32_t)value.len,
    };
    write_bytes(history, &header, sizeof(header));
    write_bytes(history, key.data, key.len);
    if (value.data != NULL)
        write_bytes(history, value.data, value.len);
}

/* Finding ------------------------------------------------------------------ */

/* The nearest known start of a write with that number or a lower one. */
static uint64_t nearest(const struct history *history, uint64_t number)
{
    size_t low = 0; /* marks before this one have lower numbers, or this very one */
    size_t high = history->mark_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (mark_at(history, middle)->number <= number)
            low = middle + 1;
        else
            high = middle;
    }
    return low == 0 ? history->tail : mark_at(history, low - 1)->offset;
}

bool history_find(const struct history *history, uint64_t number, uint64_t *offset)
{
    if (history->dropped > 0 && number <= history->dropped)
        return false;
    *offset = nearest(history, number);
    while (*offset < history->head) {
        uint64_t found = 0;
        uint64_t size = size_of_write(history, *offset % history->capacity, &found);
        if (found >= number)
            break;
        *offset += size;
    }
    return true;
}

/* Reading copies ----------------------------------------------------------- */

bool history_read(struct slice *bytes, struct history_change *change)
{
    struct header header;
    if (bytes->len < sizeof(header))
        return false;
    memcpy(&header, bytes->data, sizeof(header));
    uint64_t size = size_of_change(&header);
    if (bytes->len < size)
        return false;
    const char *key = bytes->data + sizeof(header);
    *change = (struct history_change){
        .number = header.number,
        .ends = header.left == 0,
        .key = slice_of(key, header.key_len),
    };
    if (header.value_len != NO_VALUE)
        change->value = slice_of(key + header.key_len, header.value_len);
    *bytes = slice_of(bytes->data + size, bytes->len - (size_t)size);
    return true;
}

size_t history_whole(struct slice bytes, uint64_t *wanted)
{
    struct slice rest = bytes;
    struct history_change change;
    size_t changes = 0;
    size_t writes = 0;
    while (history_read(&rest, &change)) {
        changes = bytes.len - rest.len;
        if (change.ends)
            writes = changes;
    }
    if (changes == 0) {
        struct header header;
        assert(bytes.len >= sizeof(header));
        memcpy(&header, bytes.data, sizeof(header));
        *wanted = size_of_change(&header);
    }
    return writes > 0 ? writes : changes;
}
