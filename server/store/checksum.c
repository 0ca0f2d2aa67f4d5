#include "store/checksum.h"

/* The polynomial 0x82f63b78 applied to half a byte: small, and fast enough for files that are read
 * once. */
static const uint32_t halves[16] = {
    0x00000000, 0x105ec76f, 0x20bd8ede, 0x30e349b1, 0x417b1dbc, 0x5125dad3, 0x61c69362, 0x7198540d,
    0x82f63b78, 0x92a8fc17, 0xa24bb5a6, 0xb21572c9, 0xc38d26c4, 0xd3d3e1ab, 0xe330a81a, 0xf36e6f75,
};

uint32_t checksum_crc32c(struct slice bytes)
{
    uint32_t crc = UINT32_MAX;
    for (size_t i = 0; i < bytes.len; i++) {
        crc ^= (unsigned char)bytes.data[i];
        crc = (crc >> 4) ^ halves[crc & 15];
        crc = (crc >> 4) ^ halves[crc & 15];
    }
    return ~crc;
}

uint32_t checksum_mask(uint32_t crc)
{
    return ((crc >> 15) | (crc << 17)) + 0xa282ead8; /* util/crc32c.h in LevelDB's source */
}
