#include "protocol/number.h"

bool number_read(struct slice text, uint64_t most, uint64_t *number)
{
    if (text.len == 0)
        return false;
    uint64_t sum = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] < '0' || text.data[i] > '9')
            return false;
        uint64_t digit = (uint64_t)(text.data[i] - '0');
        if (digit > most || sum > (most - digit) / 10)
            return false;
        sum = sum * 10 + digit;
    }
    *number = sum;
    return true;
}

bool number_read_signed(struct slice text, int64_t *number)
{
    bool negative = text.len > 0 && text.data[0] == '-';
    uint64_t size = 0;
    if (negative)
        text = slice_of(text.data + 1, text.len - 1);
    if (!number_read(text, (uint64_t)INT64_MAX + negative, &size))
        return false;
    /* The one number whose opposite does not fit is reached by way of its neighbour. */
    *number = !negative ? (int64_t)size : size == 0 ? 0 : -(int64_t)(size - 1) - 1;
    return true;
}

bool number_read_canonical(struct slice text, int64_t *number)
{
    size_t sign = text.len > 0 && text.data[0] == '-';
    bool zero_first = text.len > sign && text.data[sign] == '0';
    return (!zero_first || text.len == 1) && number_read_signed(text, number);
}
