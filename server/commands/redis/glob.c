#include "commands/redis/glob.h"

/* No star was seen yet. */
#define NOWHERE SIZE_MAX

/* Steps of a slow match; each takes a nanosecond or two. */
#define SLOW_STEPS ((size_t)32 * 1024)

/* Copies the pattern up to the first byte that stands for others, without the escapes; the length
 * of what was read. */
static size_t copy_head(struct buffer *head, struct slice pattern)
{
    size_t at = 0;
    for (; at < pattern.len; at++) {
        char byte = pattern.data[at];
        if (byte == '*' || byte == '?' || byte == '[')
            break;
        if (byte == '\\' && at + 1 < pattern.len)
            byte = pattern.data[++at];
        buffer_append_byte(head, byte);
    }
    return at;
}

bool glob_init(struct glob *glob, struct slice pattern)
{
    *glob = (struct glob){0};
    size_t read = copy_head(&glob->bytes, pattern);
    glob->head = glob->bytes.len;
    buffer_append(&glob->bytes, pattern.data + read, pattern.len - read);
    if (!glob->bytes.failed)
        return true;
    glob_fini(glob);
    return false;
}

void glob_fini(struct glob *glob)
{
    buffer_fini(&glob->bytes);
}

struct slice glob_head(const struct glob *glob)
{
    return slice_of(glob->bytes.data, glob->head);
}

bool glob_is_literal(const struct glob *glob)
{
    return glob->head == glob->bytes.len;
}

bool glob_is_bounded(const struct glob *glob)
{
    return glob->bytes.len - glob->head <= GLOB_LONGEST;
}

bool glob_is_slow(const struct glob *glob, struct slice key)
{
    return (glob->bytes.len - glob->head) * key.len >= SLOW_STEPS;
}

/* Matching ----------------------------------------------------------------------- */

static bool is_between(char byte, char one, char other)
{
    signed char least = (signed char)(one < other ? one : other);
    signed char most = (signed char)(one < other ? other : one);
    return (signed char)byte >= least && (signed char)byte <= most;
}

/* Whether the brackets that open at *at take the byte; moves *at behind them. */
static bool brackets_take(struct slice pattern, size_t *at, char byte)
{
    const char *data = pattern.data;
    size_t i = *at + 1;
    bool negated = i < pattern.len && data[i] == '^';
    bool found = false;
    i += negated;
    while (i < pattern.len && data[i] != ']') {
        size_t left = pattern.len - i;
        if (data[i] == '\\' && left >= 2) {
            found |= data[i + 1] == byte;
            i += 2;
        } else if (left >= 3 && data[i + 1] == '-') {
            found |= is_between(byte, data[i], data[i + 2]);
            i += 3;
        } else {
            found |= data[i] == byte;
            i++;
        }
    }
    *at = i < pattern.len ? i + 1 : i;
    return found != negated;
}

/* Whether what stands at *at, which is no star, takes the byte; moves *at behind it. */
static bool takes(struct slice pattern, size_t *at, char byte)
{
    char first = pattern.data[*at];
    if (first == '[')
        return brackets_take(pattern, at, byte);
    if (first == '\\' && *at + 1 < pattern.len)
        first = pattern.data[++*at];
    else if (first == '?')
        first = byte;
    ++*at;
    return first == byte;
}

/* All but a star takes exactly one byte. So when it does not fit, only the last star need take one
 * byte more: that an earlier one did could only leave less for what follows. */
static bool matches(struct slice pattern, struct slice text)
{
    size_t at = 0;
    size_t star = NOWHERE; /* where the pattern goes on behind the last star */
    size_t resume = 0;     /* and the text, if that star takes no more */
    for (size_t i = 0; i < text.len;) {
        if (at < pattern.len && pattern.data[at] == '*') {
            star = ++at;
            resume = i;
        } else if (at < pattern.len && takes(pattern, &at, text.data[i])) {
            i++;
        } else if (star == NOWHERE) {
            return false;
        } else if (star == pattern.len) {
            return true;
        } else {
            at = star;
            i = ++resume;
        }
    }
    while (at < pattern.len && pattern.data[at] == '*')
        at++;
    return at == pattern.len;
}

bool glob_matches(const struct glob *glob, struct slice key)
{
    struct slice pattern = buffer_slice(&glob->bytes);
    if (key.len == 0)
        return pattern.len == 0 || (glob->head == 0 && slice_equal(pattern, SLICE("*")));
    if (!slice_has_prefix(key, glob_head(glob)))
        return false;
    return matches(slice_of(pattern.data + glob->head, pattern.len - glob->head),
                   slice_of(key.data + glob->head, key.len - glob->head));
}
