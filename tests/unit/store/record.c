#include "store/record.h"

#include <criterion/criterion.h>

#include "store/checksum.h"
#include "tests/lib/report.h"

#define FULL 1
#define HEADER 7

/* Appends a record, as LevelDB's log writer does. */
static void append(struct buffer *block, char type, struct slice content)
{
    struct buffer summed = {0};
    buffer_append_byte(&summed, type);
    buffer_append_slice(&summed, content);
    uint32_t sum = checksum_mask(checksum_crc32c(buffer_slice(&summed)));
    for (unsigned i = 0; i < 4; i++)
        buffer_append_byte(block, (char)(sum >> (8 * i)));
    buffer_append_byte(block, (char)(content.len & 0xff));
    buffer_append_byte(block, (char)(content.len >> 8));
    buffer_append_slice(block, buffer_slice(&summed));
    buffer_fini(&summed);
}

static struct buffer make_block(void)
{
    struct buffer block = {0};
    append(&block, FULL, SLICE("first"));
    append(&block, FULL, SLICE("second"));
    append(&block, FULL, SLICE("third"));
    return block;
}

Test(record, that_is_sound_is_left_as_it_is)
{
    struct buffer block = make_block();
    struct buffer before = make_block();
    cr_assert_not(record_mask_damage(block.data, block.len));
    report_equal("the block", buffer_slice(&block), buffer_slice(&before));
    report_equal("its first record", record_first(buffer_slice(&block)), SLICE("first"));
    buffer_fini(&block);
    buffer_fini(&before);
}

/* Whatever byte of the second record changes: the first is kept, and nothing altered comes out. */
Test(record, that_is_damaged_is_hidden_with_what_follows)
{
    size_t first = HEADER + strlen("first");
    size_t second = HEADER + strlen("second");
    for (size_t at = first; at < first + second; at++) {
        struct buffer block = make_block();
        block.data[at] ^= 0x10;
        size_t length = (size_t)(unsigned char)block.data[first + 4] |
                        (size_t)(unsigned char)block.data[first + 5] << 8;
        bool too_long = length > block.len - first - HEADER;
        cr_assert_neq(record_mask_damage(block.data, block.len), too_long, "byte %zu", at);
        report_equal("its first record", record_first(buffer_slice(&block)), SLICE("first"));
        if (!too_long) {
            size_t hidden = (size_t)(unsigned char)block.data[first + 4] |
                            (size_t)(unsigned char)block.data[first + 5] << 8;
            cr_assert_eq(hidden, block.len - first - HEADER, "not up to the end of the block");
            cr_assert(block.data[first + 6] < 0 || block.data[first + 6] > 4, "a known type");
        }
        cr_assert_not(record_mask_damage(block.data, block.len), "masked again");
        buffer_fini(&block);
    }
}

Test(record, that_is_torn_is_left_to_the_reader)
{
    struct buffer block = make_block();
    for (size_t len = 0; len < block.len; len++) {
        struct buffer torn = {0};
        buffer_append(&torn, block.data, len);
        cr_assert_not(record_mask_damage(torn.data, torn.len), "of %zu bytes", len);
        buffer_fini(&torn);
    }
    buffer_fini(&block);
}

Test(record, of_zeroes_is_no_damage)
{
    struct buffer block = make_block();
    for (unsigned i = 0; i < 100; i++)
        buffer_append_byte(&block, '\0');
    cr_assert_not(record_mask_damage(block.data, block.len));
    buffer_fini(&block);
}

Test(record, that_is_damaged_has_no_content)
{
    struct buffer block = make_block();
    for (size_t at = 0; at < HEADER + strlen("first"); at++) {
        block.data[at] ^= 1;
        cr_assert_eq(record_first(buffer_slice(&block)).data, NULL, "byte %zu", at);
        block.data[at] ^= 1;
    }
    for (size_t len = 0; len < HEADER + strlen("first"); len++)
        cr_assert_eq(record_first(slice_of(block.data, len)).data, NULL);
    buffer_fini(&block);
}
