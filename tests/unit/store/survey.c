#include "store/survey.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <unistd.h>

#include "store/checksum.h"
#include "store/record.h"

#define RECORDS 4

/* A log on disk, and in memory to be changed. */
static FILE *file;
static struct buffer bytes;
static size_t starts[RECORDS + 1];
static unsigned taken;

static void append_number(uint64_t number, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        buffer_append_byte(&bytes, (char)(number >> (8 * i)));
}

static void append_record(enum record_kind kind, struct slice content)
{
    struct buffer checked = {0};
    buffer_append_byte(&checked, (char)kind);
    buffer_append_slice(&checked, content);
    append_number(checksum_mask(checksum_crc32c(buffer_slice(&checked))), 4);
    append_number(content.len, 2);
    buffer_append_slice(&bytes, buffer_slice(&checked));
    buffer_fini(&checked);
}

/* Four records, the third in three pieces over as many blocks. */
static void prepare(void)
{
    static char filling[RECORD_BLOCK];
    memset(filling, 'f', sizeof(filling));
    memcpy(filling, "record 3", 8);
    file = tmpfile();
    cr_assert(file != NULL);
    append_record(RECORD_FULL, SLICE("record 1"));
    starts[1] = bytes.len;
    append_record(RECORD_FULL, SLICE("record 2"));
    starts[2] = bytes.len;
    append_record(RECORD_FIRST, slice_of(filling, RECORD_BLOCK - RECORD_HEADER - bytes.len));
    append_record(RECORD_MIDDLE, slice_of(filling, RECORD_BLOCK - RECORD_HEADER));
    append_record(RECORD_LAST, SLICE("the end of record 3"));
    starts[3] = bytes.len;
    append_record(RECORD_FULL, SLICE("record 4"));
    starts[4] = bytes.len;
}

static void clean(void)
{
    fclose(file);
    buffer_fini(&bytes);
}

TestSuite(survey, .init = prepare, .fini = clean, .timeout = 60);

static bool take(void *arg, struct slice start, uint64_t at)
{
    (void)arg;
    cr_assert(slice_has_prefix(start, SLICE("record ")));
    cr_assert_eq(at, starts[taken]);
    taken++;
    return true;
}

static bool is_likely(void *arg, struct slice start, uint64_t skipped)
{
    (void)arg;
    (void)skipped;
    return slice_has_prefix(start, SLICE("record "));
}

/* What a survey says of the first `len` bytes. */
static struct survey look(size_t len)
{
    struct survey survey;
    struct survey_reader reader = {.name = "x", .keep = 8, .take = take, .is_likely = is_likely};
    taken = 0;
    cr_assert(ftruncate(fileno(file), 0) == 0);
    cr_assert(pwrite(fileno(file), bytes.data, len, 0) == (ssize_t)len);
    cr_assert(survey_run(fileno(file), &reader, &survey));
    cr_assert_eq(survey.size, len);
    cr_assert_eq(survey.records, taken);
    return survey;
}

/* How many whole records lie before that byte. */
static size_t whole_before(size_t at)
{
    size_t count = 0;
    while (count < RECORDS && starts[count + 1] <= at)
        count++;
    return count;
}

Test(survey, finds_all_of_a_whole_file)
{
    struct survey survey = look(bytes.len);
    cr_assert_eq(survey.sound, bytes.len);
    cr_assert_eq(survey.records, RECORDS);
    cr_assert_not(survey.goes_on);
}

Test(survey, takes_a_file_that_was_cut_anywhere_for_torn)
{
    for (size_t len = 0; len <= bytes.len; len += len < 200 || len > 65500 ? 1 : 997) {
        struct survey survey = look(len);
        cr_assert_not(survey.goes_on, "cut at %zu", len);
        cr_assert_eq(survey.sound, starts[whole_before(len)], "cut at %zu: %zu are sound", len,
                     (size_t)survey.sound);
    }
}

/* In front of a record it is damage, whichever bit it is; in the last one it may be a torn write.
 */
Test(survey, finds_the_record_behind_any_changed_bit)
{
    for (size_t at = 0; at < bytes.len; at += at < 200 || at > 65500 ? 1 : 991) {
        for (unsigned bit = 0; bit < 8; bit++) {
            size_t whole = whole_before(at);
            bytes.data[at] ^= (char)(1 << bit);
            struct survey survey = look(bytes.len);
            bytes.data[at] ^= (char)(1 << bit);
            cr_assert_eq(survey.sound, starts[whole], "byte %zu, bit %u", at, bit);
            cr_assert_eq(survey.goes_on, whole < RECORDS - 1, "byte %zu, bit %u", at, bit);
            if (survey.goes_on && whole + 1 != 2)
                cr_assert_eq(survey.later, starts[whole + 1], "byte %zu, bit %u", at, bit);
        }
    }
}

/* A write of several blocks whose first page is missing, with nothing behind it. */
Test(survey, takes_pieces_without_their_beginning_for_torn)
{
    memset(bytes.data + starts[2], 0, 4096);
    struct survey survey = look(starts[3]);
    cr_assert_eq(survey.sound, starts[2]);
    cr_assert_not(survey.goes_on);
}

Test(survey, believes_no_record_that_is_not_likely)
{
    bytes.len = starts[2];
    append_record(RECORD_FULL, SLICE("recall what a value may hold"));
    bytes.data[starts[1]] ^= 1;
    struct survey survey = look(bytes.len);
    cr_assert_eq(survey.sound, starts[1]);
    cr_assert_not(survey.goes_on);
}

Test(survey, passes_over_the_rest_of_a_block)
{
    static char filling[RECORD_BLOCK] = "record 1";
    bytes.len = 0;
    append_record(RECORD_FULL, slice_of(filling, RECORD_BLOCK - RECORD_HEADER - 5));
    starts[1] = RECORD_BLOCK;
    for (unsigned i = 0; i <= 5; i++) { /* it is filled when the next record is written */
        struct survey survey = look(bytes.len);
        cr_assert_eq(survey.sound, bytes.len);
        append_number(0, 1);
    }
    bytes.len = RECORD_BLOCK;
    append_record(RECORD_FULL, SLICE("record 2"));
    cr_assert_eq(look(bytes.len).sound, bytes.len);
}
