#include "store/sequence.h"

#include <stdio.h>

#include "protocol/number.h"

struct slice sequence_print(struct sequence sequence, char *text)
{
    int len = snprintf(text, SEQUENCE_TEXT, "%llu-%llu", (unsigned long long)sequence.start,
                       (unsigned long long)sequence.number);
    return slice_of(text, (size_t)len);
}

bool sequence_read(struct slice text, struct sequence *sequence)
{
    char again[SEQUENCE_TEXT];
    const char *dash = text.len == 0 ? NULL : memchr(text.data, '-', text.len);
    if (dash == NULL)
        return false;
    struct slice start = slice_of(text.data, (size_t)(dash - text.data));
    struct slice number = slice_of(dash + 1, text.len - start.len - 1);
    /* Printed again, because a number may be read with zeros before it. */
    return number_read(start, UINT64_MAX, &sequence->start) &&
           number_read(number, UINT64_MAX, &sequence->number) &&
           slice_equal(text, sequence_print(*sequence, again));
}
