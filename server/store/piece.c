#include "store/piece.h"

/* Digits behind the common start of two keys that their middle is reckoned with: keys that part
 * only further on are close enough. */
#define DIGITS 16

/* Each step halves the distance of two keys, so this many tell apart all that DIGITS can. */
#define MOST_STEPS (8 * DIGITS)

/* The middle ----------------------------------------------------------------- */

static unsigned digit(struct slice key, size_t at)
{
    return at < key.len ? (unsigned char)key.data[at] : 0;
}

static size_t common_start(struct slice low, struct slice high)
{
    size_t len = 0;
    while (len < low.len && len < high.len && low.data[len] == high.data[len])
        len++;
    return len;
}

bool piece_middle(struct slice low, struct slice high, struct buffer *out)
{
    bool endless = high.data == NULL;
    size_t start = common_start(low, high);
    unsigned digits[DIGITS];
    unsigned carry = 0;
    for (size_t i = DIGITS; i-- > 0;) {
        unsigned sum = digit(low, start + i) + digit(high, start + i) + carry;
        digits[i] = sum % 256;
        carry = sum / 256;
    }
    carry += endless; /* no end is the number 1 */
    buffer_clear(out);
    buffer_append(out, low.data, start);
    for (size_t i = 0; i < DIGITS; i++) {
        buffer_append_byte(out, (char)(unsigned char)((carry * 256 + digits[i]) / 2));
        carry = digits[i] % 2;
    }
    if (out->failed)
        return false;
    while (out->len > start && out->data[out->len - 1] == '\0')
        out->len--;
    struct slice middle = buffer_slice(out);
    return slice_compare(low, middle) < 0 && (endless || slice_compare(middle, high) < 0);
}

/* The cut -------------------------------------------------------------------- */

static void swap(struct buffer *a, struct buffer *b)
{
    struct buffer other = *a;
    *a = *b;
    *b = other;
}

/* Leaves in piece->end the lowest key found before which at least half of `most` lies. */
static void bisect(struct piece *piece, struct slice low, struct slice high, uint64_t most,
                   piece_size_fn *size, void *engine)
{
    struct buffer below = {0}; /* too little lies before this key */
    struct buffer middle = {0};
    buffer_append_slice(&below, low);
    for (unsigned step = 0; step < MOST_STEPS && !below.failed; step++) {
        struct slice upper = piece->last ? high : buffer_slice(&piece->end);
        if (!piece_middle(buffer_slice(&below), upper, &middle))
            break;
        uint64_t bytes = size(engine, low, buffer_slice(&middle));
        if (bytes < most / 2) {
            swap(&below, &middle);
            continue;
        }
        swap(&piece->end, &middle);
        piece->last = false;
        piece->bytes = bytes;
        if (bytes <= most)
            break;
    }
    buffer_fini(&below);
    buffer_fini(&middle);
}

void piece_cut(struct piece *piece, struct slice low, struct slice high, uint64_t most,
               piece_size_fn *size, void *engine)
{
    uint64_t all = size(engine, low, high);
    piece->last = true;
    piece->bytes = all;
    if (all > most)
        bisect(piece, low, high, most, size, engine);
    piece->rest = all > piece->bytes ? all - piece->bytes : 0;
}

void piece_fini(struct piece *piece)
{
    buffer_fini(&piece->end);
}
