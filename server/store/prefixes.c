#include "store/prefixes.h"

#include <stdlib.h>

size_t prefixes_up_to(const struct slice *list, size_t count, struct slice key)
{
    size_t low = 0;
    size_t high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (slice_compare(list[middle], key) <= 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

bool prefixes_hold(const struct slice *list, size_t count, struct slice key)
{
    size_t up_to = prefixes_up_to(list, count, key);
    return up_to > 0 && slice_has_prefix(key, list[up_to - 1]);
}

size_t prefixes_successor(struct slice prefix, char *out)
{
    size_t len = prefix.len;
    while (len > 0 && (unsigned char)prefix.data[len - 1] == 0xff)
        len--;
    if (len == 0)
        return 0;
    memcpy(out, prefix.data, len);
    out[len - 1]++;
    return len;
}

static char *append(char *at, struct slice bytes)
{
    if (bytes.len > 0)
        memcpy(at, bytes.data, bytes.len);
    return at + bytes.len;
}

struct prefixes *prefixes_copy(const struct slice *list, size_t count)
{
    size_t bytes = 0;
    for (size_t i = 0; i < count; i++)
        bytes += 2 * list[i].len;
    struct prefixes *copy = malloc(sizeof(*copy) + 2 * count * sizeof(*copy->low) + bytes);
    if (copy == NULL)
        return NULL;
    copy->count = count;
    copy->low = (struct slice *)(copy + 1);
    copy->high = copy->low + count;
    char *at = (char *)(copy->high + count);
    for (size_t i = 0; i < count; i++) {
        copy->low[i] = slice_of(at, list[i].len);
        at = append(at, list[i]);
        size_t len = prefixes_successor(list[i], at);
        copy->high[i] = slice_of(len == 0 ? NULL : at, len);
        at += len;
    }
    return copy;
}
