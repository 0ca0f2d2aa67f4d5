#include "protocol/utf8.h"

#include <stdbool.h>

size_t utf8_length(const unsigned char *bytes, size_t len)
{
    unsigned char lead = bytes[0];
    if (lead < 0x80)
        return 1;
    if (lead < 0xc2 || lead > 0xf4)
        return 0;
    size_t want = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    if (len < want)
        return 0;
    for (size_t i = 1; i < want; i++)
        if ((bytes[i] & 0xc0) != 0x80)
            return 0;
    unsigned char second = bytes[1];
    bool bad = (lead == 0xe0 && second < 0xa0) || (lead == 0xed && second > 0x9f) ||
               (lead == 0xf0 && second < 0x90) || (lead == 0xf4 && second > 0x8f);
    return bad ? 0 : want;
}
