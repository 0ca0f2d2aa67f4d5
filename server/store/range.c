#include "store/range.h"

static bool replace(struct buffer *buffer, struct slice bytes)
{
    buffer_clear(buffer);
    buffer_append_slice(buffer, bytes);
    return !buffer->failed;
}

bool range_successor(struct slice prefix, struct buffer *out)
{
    size_t len = prefix.len;
    while (len > 0 && (unsigned char)prefix.data[len - 1] == 0xff)
        len--;
    if (!replace(out, slice_of(prefix.data, len)) || len == 0)
        return false;
    out->data[len - 1]++;
    return true;
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
}

bool range_copy(struct range *out, const struct range *range)
{
    *out = *range;
    out->low = (struct buffer){0};
    out->high = (struct buffer){0};
    if (replace(&out->low, buffer_slice(&range->low)) &&
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
