#include "store/range.h"

#include <stdlib.h>

static bool replace(struct buffer *buffer, struct slice bytes)
{
    buffer_clear(buffer);
    buffer_append_slice(buffer, bytes);
    return !buffer->failed;
}

bool range_successor(struct slice prefix, struct buffer *out)
{
    buffer_clear(out);
    if (!buffer_reserve(out, prefix.len))
        return false;
    out->len = prefixes_successor(prefix, out->data);
    return out->len > 0;
}

bool range_init(struct range *range, struct slice prefix)
{
    *range = (struct range){0};
    range->endless = !range_successor(prefix, &range->high);
    if (!range->high.failed && replace(&range->low, prefix))
        return true;
    range_fini(range);
    return false;
}

void range_fini(struct range *range)
{
    buffer_fini(&range->low);
    buffer_fini(&range->high);
    free(range->parts);
    range->parts = NULL;
}

bool range_copy(struct range *out, const struct range *range)
{
    *out = *range;
    out->low = (struct buffer){0};
    out->high = (struct buffer){0};
    if (range->parts != NULL)
        out->parts = prefixes_copy(range->parts->low, range->parts->count);
    if ((out->parts != NULL) == (range->parts != NULL) &&
        replace(&out->low, buffer_slice(&range->low)) &&
        replace(&out->high, buffer_slice(&range->high)))
        return true;
    range_fini(out);
    return false;
}

bool range_raise(struct range *range, struct slice key, bool open)
{
    int order = slice_compare(key, buffer_slice(&range->low));
    if (order < 0)
        return true;
    range->low_open = order == 0 ? range->low_open || open : open;
    return replace(&range->low, key);
}

bool range_lower(struct range *range, struct slice key, bool closed)
{
    int order = range->endless ? -1 : slice_compare(key, buffer_slice(&range->high));
    if (order > 0)
        return true;
    range->high_closed = order == 0 ? range->high_closed && closed : closed;
    range->endless = false;
    return replace(&range->high, key);
}

bool range_above_low(const struct range *range, struct slice key)
{
    int order = slice_compare(key, buffer_slice(&range->low));
    return order > 0 || (order == 0 && !range->low_open);
}

bool range_below_high(const struct range *range, struct slice key)
{
    if (range->endless)
        return true;
    int order = slice_compare(key, buffer_slice(&range->high));
    return order < 0 || (order == 0 && range->high_closed);
}

bool range_holds(const struct range *range, struct slice key)
{
    return range_above_low(range, key) && range_below_high(range, key) && !range_skips(range, key);
}

/* Parts ------------------------------------------------------------------------ */

/* No key is there: its ends are the same key, and it is not in. Not the empty key, which stands for
 * the first and the last of all where a compaction is asked for. */
static bool make_empty(struct range *range)
{
    range->endless = false;
    range->high_closed = false;
    return replace(&range->low, SLICE("\0")) && replace(&range->high, SLICE("\0"));
}

/* Narrows the range to the keys from those of one prefix through those of another. */
static bool narrow(struct range *range, struct slice first, struct slice last)
{
    struct buffer end = {0};
    bool has_end = range_successor(last, &end);
    bool done = !end.failed && range_raise(range, first, false) &&
                (!has_end || range_lower(range, buffer_slice(&end), false));
    buffer_fini(&end);
    return done;
}

bool range_confine(struct range *range, const struct slice *prefixes, size_t count)
{
    struct slice low = buffer_slice(&range->low);
    struct slice high = buffer_slice(&range->high);
    size_t first = prefixes_up_to(prefixes, count, low);
    size_t end = range->endless ? count : prefixes_up_to(prefixes, count, high);
    if (first > 0 && slice_has_prefix(low, prefixes[first - 1]))
        first--;
    if (end > first && !range->endless && !range->high_closed &&
        slice_equal(prefixes[end - 1], high))
        end--;
    if (end <= first)
        return make_empty(range);
    if (!narrow(range, prefixes[first], prefixes[end - 1]))
        return false;
    if (end - first == 1)
        return true;
    range->parts = prefixes_copy(prefixes + first, end - first);
    return range->parts != NULL;
}

bool range_skips(const struct range *range, struct slice key)
{
    const struct prefixes *parts = range->parts;
    return parts != NULL && !prefixes_hold(parts->low, parts->count, key);
}

bool range_part_behind(const struct range *range, struct slice key, struct slice *begins)
{
    const struct prefixes *parts = range->parts;
    size_t next = prefixes_up_to(parts->low, parts->count, key);
    if (next == parts->count)
        return false;
    *begins = parts->low[next];
    return true;
}

bool range_part_before(const struct range *range, struct slice key, struct slice *ends)
{
    const struct prefixes *parts = range->parts;
    size_t next = prefixes_up_to(parts->low, parts->count, key);
    if (next == 0)
        return false;
    *ends = parts->high[next - 1];
    return true;
}

size_t range_part_count(const struct range *range)
{
    return range->parts == NULL ? 1 : range->parts->count;
}

/* A part that the bounds have cut off since is as empty as its narrowed bounds. */
bool range_part(const struct range *range, size_t n, struct range *out)
{
    struct range bounds = *range;
    bounds.parts = NULL;
    if (!range_copy(out, &bounds))
        return false;
    if (range->parts == NULL || narrow(out, range->parts->low[n], range->parts->low[n]))
        return true;
    range_fini(out);
    return false;
}
