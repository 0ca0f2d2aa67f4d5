#include "store/checksum.h"

#include <criterion/criterion.h>

/* The vectors of RFC 3720, B.4. */
Test(checksum, is_that_of_the_standard)
{
    char bytes[32] = {0};
    cr_assert_eq(checksum_crc32c(slice_of(bytes, 32)), 0x8a9136aa);
    memset(bytes, 0xff, sizeof(bytes));
    cr_assert_eq(checksum_crc32c(slice_of(bytes, 32)), 0x62a8ab43);
    for (unsigned i = 0; i < 32; i++)
        bytes[i] = (char)i;
    cr_assert_eq(checksum_crc32c(slice_of(bytes, 32)), 0x46dd794e);
    cr_assert_eq(checksum_crc32c(SLICE("123456789")), 0xe3069283);
    cr_assert_eq(checksum_crc32c(SLICE("")), 0);
}

Test(checksum, changes_with_every_bit)
{
    char bytes[] = "a leveret is a young hare";
    uint32_t whole = checksum_crc32c(slice_of(bytes, sizeof(bytes)));
    for (size_t bit = 0; bit < 8 * sizeof(bytes); bit++) {
        bytes[bit / 8] ^= (char)(1 << (bit % 8));
        cr_assert_neq(checksum_crc32c(slice_of(bytes, sizeof(bytes))), whole);
        bytes[bit / 8] ^= (char)(1 << (bit % 8));
    }
}

Test(checksum, is_masked_as_leveldb_does)
{
    cr_assert_eq(checksum_mask(0), 0xa282ead8);
    cr_assert_eq(checksum_mask(0x12345678), 0xacf02468 + 0xa282ead8);
}
