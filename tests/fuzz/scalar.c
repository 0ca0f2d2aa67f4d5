/*
 * What is read from one word: numbers, sequences, cursors, addresses. Each is held against the way
 * it is written, or against the C library.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "protocol/number.h"
#include "server/commands/redis/cursor.h"
#include "server/net/address.h"
#include "server/store/sequence.h"
#include "tests/fuzz/target.h"

static void take_numbers(struct slice input, const char *text)
{
    uint64_t number = 0;
    int64_t signed_number = 0;
    errno = 0;
    if (number_read(input, UINT64_MAX, &number))
        target_expect(number == strtoull(text, NULL, 10) && errno == 0, "it is strtoull's number");
    if (number_read_signed(input, &signed_number))
        target_expect(signed_number == strtoll(text, NULL, 10) && errno == 0,
                      "it is strtoll's number");
    if (number_read_canonical(input, &signed_number)) {
        char again[32];
        int len = snprintf(again, sizeof(again), "%" PRId64, signed_number);
        target_expect_equal("a number has one spelling", slice_of(again, (size_t)len), input);
    }
}

static void take_sequence(struct slice input)
{
    struct sequence sequence;
    char text[SEQUENCE_TEXT];
    if (sequence_read(input, &sequence))
        target_expect_equal("a sequence has one spelling", sequence_print(sequence, text), input);
}

static void take_cursor(struct slice input, const char *text)
{
    uint64_t number = 0;
    errno = 0;
    if (cursor_read(input, &number))
        target_expect(number == strtoull(text, NULL, 10) && errno == 0, "it is Redis's cursor");
}

static void take_address(const char *text)
{
    char host[64];
    char port[8];
    if (address_split(text, host, sizeof(host), port, sizeof(port)))
        target_expect(strlen(host) + strlen(port) < strlen(text), "both are parts of the text");
}

void target_take(struct slice input)
{
    char *text = malloc(input.len + 1);
    target_expect(text != NULL, "there is memory");
    if (input.len > 0)
        memcpy(text, input.data, input.len);
    text[input.len] = '\0';
    take_numbers(input, text);
    take_sequence(input);
    take_cursor(input, text);
    take_address(text);
    free(text);
}
