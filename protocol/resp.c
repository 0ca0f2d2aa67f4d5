#include "protocol/resp.h"

#include <stdio.h>

#include "protocol/limits.h"
#include "protocol/number.h"

/* Longest line that holds a length: PROTO_INLINE_MAX_SIZE in Redis's server.h. */
#define LONGEST_LINE ((size_t)64 * 1024)

static const struct limits defaults = LIMITS_DEFAULT;

/* Where decoding stands in the input. */
struct reader {
    const struct limits *limits;
    struct slice input;
    size_t at;
    char *problem;
};

static enum resp_result lost(struct reader *reader, const char *problem)
{
    snprintf(reader->problem, RESP_PROBLEM, "Protocol error: %s", problem);
    return RESP_LOST;
}

/* The line behind the type byte at `at`, without its CRLF, and moves behind it. As in Redis the CR
 * ends it, and the byte behind is passed over unseen. Its longest is judged by its own bytes, so it
 * does not matter in which pieces they came. */
static enum resp_result read_line(struct reader *reader, const char *too_long, struct slice *line)
{
    const char *start = reader->input.data + reader->at;
    size_t left = reader->input.len - reader->at;
    const char *end = memchr(start, '\r', left < LONGEST_LINE ? left : LONGEST_LINE);
    if (end == NULL)
        return left > LONGEST_LINE ? lost(reader, too_long) : RESP_MORE;
    size_t length = (size_t)(end - start);
    if (length + 2 > left)
        return RESP_MORE;
    *line = length == 0 ? SLICE("") : slice_of(start + 1, length - 1);
    reader->at += length + 2;
    return RESP_READY;
}

/* A length as Redis reads it: a number in its only spelling, so no +, no -0 and no leading 0. */
static bool read_length(struct slice text, int64_t *length)
{
    struct slice digits = text;
    if (digits.len > 0 && digits.data[0] == '-')
        digits = slice_of(digits.data + 1, digits.len - 1);
    if (digits.len > 0 && digits.data[0] == '0' && text.len > 1)
        return false;
    return number_read_signed(text, length);
}

/* Most digits of what read_usual reads. */
#define USUAL_DIGITS 4

/* Reads a line with that type byte and a short length in its only spelling, which nearly all are,
 * in one pass. False, and nothing is read, when it is any other: the long way knows what is wrong
 * with it, or that the rest is still to come. */
static bool read_usual(struct reader *reader, char type, int64_t *length)
{
    const char *line = reader->input.data + reader->at;
    size_t left = reader->input.len - reader->at;
    if (left < 2 || line[0] != type || line[1] == '0')
        return false;
    int64_t sum = 0;
    size_t i = 1;
    for (; i < left && i <= USUAL_DIGITS; i++) {
        unsigned digit = (unsigned)line[i] - '0';
        if (digit > 9)
            break;
        sum = sum * 10 + digit;
    }
    if (i == 1 || i + 2 > left || line[i] != '\r')
        return false;
    reader->at += i + 2;
    *length = sum;
    return true;
}

/* Remembers that there is no use in looking before `more` bytes behind `at` have come. */
static enum resp_result wait_for(struct resp_decoder *decoder, const struct reader *reader,
                                 size_t more)
{
    decoder->needed = reader->at + more;
    return RESP_MORE;
}

static enum resp_result read_bulk_length(struct reader *reader, int64_t *length)
{
    if (read_usual(reader, '$', length))
        return RESP_READY;
    const char *type = reader->input.data + reader->at;
    struct slice line;
    enum resp_result result = read_line(reader, "too big bulk count string", &line);
    if (result != RESP_READY)
        return result;
    if (*type != '$') {
        char problem[RESP_PROBLEM / 2];
        snprintf(problem, sizeof(problem), "expected '$', got '%c'", *type);
        return lost(reader, problem);
    }
    return read_length(line, length) ? RESP_READY : lost(reader, "invalid bulk length");
}

static enum resp_result read_bulk(struct resp_decoder *decoder, struct reader *reader,
                                  struct slice *bulk)
{
    int64_t length;
    enum resp_result result = read_bulk_length(reader, &length);
    if (result != RESP_READY)
        return result;
    if (length < 0 || (uint64_t)length > reader->limits->value)
        return lost(reader, "invalid bulk length");
    size_t len = (size_t)length;
    if (reader->input.len - reader->at < len + 2)
        return wait_for(decoder, reader, len + 2);
    *bulk = slice_of(reader->input.data + reader->at, len);
    reader->at += len + 2;
    return RESP_READY;
}

/* How many bulk strings follow the first line. */
static enum resp_result read_bulk_count(struct reader *reader, int64_t *count)
{
    if (read_usual(reader, '*', count))
        return RESP_READY;
    struct slice line;
    enum resp_result result = read_line(reader, "too big mbulk count string", &line);
    if (result != RESP_READY)
        return result;
    return read_length(line, count) ? RESP_READY : lost(reader, "invalid multibulk length");
}

static enum resp_result read_count(struct resp_decoder *decoder, struct reader *reader)
{
    int64_t count;
    enum resp_result result = read_bulk_count(reader, &count);
    if (result != RESP_READY)
        return result;
    if (count > (int64_t)reader->limits->arguments)
        return lost(reader, "invalid multibulk length");
    if (count <= 0)
        return RESP_EMPTY;
    decoder->at = reader->at;
    decoder->left = (size_t)count;
    return RESP_READY;
}

/* Goes on where the input ended the last time. Tokens are added to `argv` unless that is NULL. */
static enum resp_result read_rest(struct resp_decoder *decoder, struct reader *reader,
                                  struct tokens *argv)
{
    enum resp_result result = RESP_READY;
    reader->at = decoder->at;
    if (decoder->at == 0)
        result = read_count(decoder, reader);
    while (result == RESP_READY && decoder->left > 0) {
        struct slice bulk;
        result = read_bulk(decoder, reader, &bulk);
        if (result != RESP_READY)
            break;
        if (argv != NULL && !tokens_add(argv, bulk))
            return RESP_NO_MEMORY;
        decoder->at = reader->at;
        decoder->left--;
    }
    return result;
}

/*
 * What came in one piece is read once. Of what comes bit by bit each byte is looked at once while
 * it comes, and the tokens are taken when all is there: those of before would have died with the
 * input.
 */
enum resp_result resp_decode(struct resp_decoder *decoder, struct slice input, struct tokens *argv,
                             char problem[RESP_PROBLEM], size_t *used)
{
    const struct limits *limits = decoder->limits;
    struct reader reader = {
        .limits = limits == NULL ? &defaults : limits, .input = input, .problem = problem};
    bool in_pieces = decoder->at > 0;
    *used = 0;
    argv->count = 0;
    if (input.len < decoder->needed)
        return RESP_MORE;
    enum resp_result result = read_rest(decoder, &reader, in_pieces ? NULL : argv);
    if (result == RESP_READY && in_pieces) {
        *decoder = (struct resp_decoder){.limits = limits};
        result = read_rest(decoder, &reader, argv);
    }
    if (result == RESP_MORE && input.len > reader.limits->line)
        result = lost(&reader, "too big request");
    if (result != RESP_MORE)
        *decoder = (struct resp_decoder){.limits = limits};
    if (result == RESP_READY || result == RESP_EMPTY)
        *used = reader.at;
    return result;
}
