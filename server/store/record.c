#include "store/record.h"

#include "store/checksum.h"

#define HEADER RECORD_HEADER
#define AT_LENGTH 4
#define AT_TYPE 6

/* None of those in use, which are 0 to 4. */
#define TYPE_UNKNOWN 0x7f

static size_t read_length(const char *record)
{
    return (size_t)(unsigned char)record[AT_LENGTH] | (size_t)(unsigned char)record[AT_LENGTH + 1]
                                                          << 8;
}

static uint32_t read_checksum(const char *record)
{
    uint32_t sum = 0;
    for (unsigned i = 0; i < 4; i++)
        sum |= (uint32_t)(unsigned char)record[i] << (8 * i);
    return sum;
}

/* The checksum covers the type and what follows it. */
static bool is_sound(const char *record, size_t length)
{
    uint32_t sum = checksum_crc32c(slice_of(record + AT_TYPE, 1 + length));
    return read_checksum(record) == checksum_mask(sum);
}

bool record_peek(struct slice block, size_t at, struct record *record)
{
    if (block.len - at < HEADER)
        return false;
    const char *header = block.data + at;
    size_t length = read_length(header);
    unsigned char kind = (unsigned char)header[AT_TYPE];
    if (kind < RECORD_FULL || kind > RECORD_LAST || length > block.len - at - HEADER)
        return false;
    record->kind = kind;
    record->size = HEADER + length;
    record->content = slice_of(header + HEADER, length);
    return true;
}

bool record_is_sound(const struct record *record)
{
    return is_sound(record->content.data - HEADER, record->content.len);
}

struct slice record_first(struct slice block)
{
    if (block.len < HEADER)
        return slice_of(NULL, 0);
    size_t length = read_length(block.data);
    if (length > block.len - HEADER || !is_sound(block.data, length))
        return slice_of(NULL, 0);
    return slice_of(block.data + HEADER, length);
}

bool record_mask_damage(char *block, size_t len)
{
    for (size_t at = 0; len - at >= HEADER;) {
        char *record = block + at;
        size_t left = len - at - HEADER;
        size_t length = read_length(record);
        if (length > left || (length == 0 && record[AT_TYPE] == 0))
            return false; /* torn, or the zeroes of a file that was made longer beforehand */
        if (length == left && record[AT_TYPE] == TYPE_UNKNOWN)
            return false; /* masked before */
        if (!is_sound(record, length)) {
            record[AT_LENGTH] = (char)(left & 0xff);
            record[AT_LENGTH + 1] = (char)(left >> 8);
            record[AT_TYPE] = TYPE_UNKNOWN;
            return true;
        }
        at += HEADER + length;
    }
    return false;
}
